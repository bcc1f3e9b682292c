"""A score as people read it at a terminal."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edge.replay.score import HeadScore, Score


def score_tables(score: Score) -> Group:
    """All that was judged, as tables."""
    parts: list[RenderableType] = [Text(score.session, style="bold")]
    if score.heads:
        parts.append(_heads(score.heads))
    if score.events:
        parts.append(_events(score))
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


def _events(score: Score) -> Table:
    table = _table("events", "true", "told", "found", "precision", "recall", "delay", "worst")
    for e in score.events:
        shares = ("-" if share is None else f"{share:.3f}" for share in (e.precision, e.recall))
        delays = (_seconds(delay) for delay in (e.delay_median_s, e.delay_worst_s))
        table.add_row(Text(e.kind), str(e.true), str(e.predicted), str(e.found), *shares, *delays)
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


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f} s"
