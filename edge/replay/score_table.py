"""A score as people read it at a terminal."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edge.replay.item_tables import LEAST_PIXELS, LEAST_VISIBLE
from edge.replay.score import HeadScore, Score
from edge.replay.score_items import BIG_L, ItemScore


def score_tables(score: Score) -> Group:
    """All that was judged, as tables."""
    parts: list[RenderableType] = [Text(score.session, style="bold")]
    if score.heads:
        parts.append(_heads(score.heads))
    if score.events:
        parts.append(_events(score))
    if score.sounds:
        parts.append(_sounds(score))
    if score.frames:
        parts.append(_frames(score))
    if score.items:
        parts.append(_items(score.items))
    if score.items_px is not None:
        parts.append(_pixel_items(score))
    if score.lines:
        parts.append(_lines(score))
    if score.alerts:
        parts.append(_alerts(score))
    return Group(*parts)


def _heads(scores: tuple[HeadScore, ...]) -> Table:
    names = {"heads": "in the store", "heads_px": "in the picture"}
    table = _table("heads", *(names[score.truth] for score in scores))
    for title, show in _HEAD_ROWS:
        cells = [show(score) for score in scores]
        if any(cell is not None for cell in cells):
            table.add_row(title, *("-" if cell is None else cell for cell in cells))
    return table


def _items(scores: tuple[ItemScore, ...]) -> Table:
    table = _table("goods", *(score.kind.removeprefix("item_") for score in scores))
    for title, show in _ITEM_ROWS:
        table.add_row(title, *(show(score) or "-" for score in scores))
    return table


def _pixel_items(score: Score) -> Table:
    table = _table("goods in the picture", "true", "told", "found", "extra", "precision", "recall")
    if (s := score.items_px) is not None:
        shares = (_share(share) or "-" for share in (s.precision, s.recall))
        table.add_row("", str(s.true), str(s.told), str(s.found), str(s.extra), *shares)
    return table


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"


_HEAD_ROWS: tuple[tuple[str, Callable[[HeadScore], str | None]], ...] = (
    ("moments judged", lambda s: str(s.moments)),
    ("  of these with nobody", lambda s: str(s.empty_moments)),
    ("found", lambda s: str(s.found)),
    ("missed", lambda s: str(s.missed)),
    ("made up", lambda s: str(s.made_up)),
    ("  of these with nobody there", lambda s: str(s.made_up_when_empty)),
    ("precision", lambda s: _share(s.precision)),
    ("recall", lambda s: _share(s.recall)),
    ("F1", lambda s: _share(s.f1)),
    ("error, median", lambda s: _centimetres(s.error_median_m)),
    ("error, 95th percentile", lambda s: _centimetres(s.error_p95_m)),
    ("MOTA", lambda s: None if s.identity is None else _share(s.identity.mota)),
    ("IDF1", lambda s: None if s.identity is None else _share(s.identity.idf1)),
    ("HOTA", lambda s: None if s.identity is None else _share(s.identity.hota)),
    ("identity switches", lambda s: None if s.identity is None else str(s.identity.switches)),
    ("people", lambda s: None if s.people is None else str(s.people)),
    ("people at once, at most", lambda s: str(s.most_at_once)),
    ("ids used", lambda s: str(s.ids_used)),
    ("ids per person", lambda s: None if s.ids_per_person is None else f"{s.ids_per_person:.2f}"),
)


_ITEM_ROWS: tuple[tuple[str, Callable[[ItemScore], str | None]], ...] = (
    ("true", lambda s: str(s.true)),
    ("  beyond what can be observed", lambda s: str(s.unjudged)),
    ("told", lambda s: str(s.told)),
    ("found", lambda s: str(s.found)),
    ("precision", lambda s: _share(s.precision)),
    ("recall", lambda s: _share(s.recall)),
    ("F1", lambda s: _share(s.f1)),
    (f"from {BIG_L} l on", lambda s: str(s.big)),
    ("  recall", lambda s: _share(s.big_recall)),
    (f"smaller, {LEAST_VISIBLE:.0%} and {LEAST_PIXELS} pixels seen", lambda s: str(s.small)),
    ("  recall", lambda s: _share(s.small_recall)),
    ("smaller, less of it seen", lambda s: str(s.hidden)),
    ("place, median error", lambda s: _centimetres(s.error_median_m)),
    ("place, 95th percentile", lambda s: _centimetres(s.error_p95_m)),
    ("volume, median error", lambda s: _percent(s.volume_error_median)),
    ("found whose person is known", lambda s: str(s.persons)),
    ("  told of the right person", lambda s: _share(s.person_right)),
    ("told of nobody", lambda s: _share(s.unattributed)),
    ("right count, where one is told", lambda s: _share(s.count_right)),
    ("after the hand is gone, median", lambda s: _seconds(s.delay_median_s)),
    ("after the hand is gone, 95th p.", lambda s: _seconds(s.delay_p95_s)),
)


def _events(score: Score) -> Table:
    table = _table("events", "true", "told", "found", "precision", "recall", "delay", "worst")
    for e in score.events:
        shares = ("-" if share is None else f"{share:.3f}" for share in (e.precision, e.recall))
        delays = (_seconds(delay) for delay in (e.delay_median_s, e.delay_worst_s))
        table.add_row(Text(e.kind), str(e.true), str(e.predicted), str(e.found), *shares, *delays)
    return table


def _sounds(score: Score) -> Table:
    table = _table("sounds", "true", "told", "found", "precision", "recall", "F1", "onset error", "late")
    for s in score.sounds:
        shares = (_share(share) or "-" for share in (s.precision, s.recall, s.f1))
        error = "-" if s.onset_error_median_s is None else f"{s.onset_error_median_s:.2f} s"
        table.add_row(
            Text(s.kind), str(s.true), str(s.told), str(s.found), *shares, error, _seconds(s.onset_late_median_s)
        )
    return table


def _frames(score: Score) -> Table:
    table = _table("each 10 ms", "microphone", "frames", "true", "AUC", "precision", "recall", "F1")
    for s in score.frames:
        shares = (_share(share) or "-" for share in (s.auc, s.precision, s.recall, s.f1))
        table.add_row(Text(s.label), Text(s.microphone), str(s.frames), str(s.true), *shares)
    return table


def _lines(score: Score) -> Table:
    table = _table("counting lines", "true", "counted", "")
    for line in score.lines:
        exact = "[green]exact[/]" if line.true == line.counted else f"[red]{line.counted - line.true:+d}[/]"
        table.add_row(Text(f"{line.line} {line.direction}"), str(line.true), str(line.counted), exact)
    return table


def _alerts(score: Score) -> Table:
    table = _table("alerts", "true", "false", "missed", "not ended", "delay", "false/hour", "false/1,000")
    for a in score.alerts:
        rate = "-" if a.false_per_1000 is None else f"{a.false_per_1000:.1f}"
        counts = (str(count) for count in (a.true, a.false, a.missed, a.not_ended))
        table.add_row(Text(a.kind), *counts, _seconds(a.delay_median_s), f"{a.false_per_hour:.2f}", rate)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(title, style="dim", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _centimetres(metres: float | None) -> str:
    return "-" if metres is None else f"{100 * metres:.1f} cm"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f} s"
