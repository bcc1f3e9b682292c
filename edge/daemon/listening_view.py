"""What a microphone hears, for a person: a picture that moves at a terminal, a line a second everywhere else."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from edge.audio.level import sound_pressure_db
from edge.clock import NS_PER_S, monotonic_ns, seconds
from edge.daemon.listening import Learnt, Shown
from edge.daemon.meter import MACHINE, Reading
from edge.messages import HeardEvent, SoundScore

BAR: Final = 40
LOWEST_DBFS, LOUD_DBFS, FULL_DBFS = -90.0, -20.0, -6.0
"""Where the bar begins, where it turns yellow, and where red."""
SPOKEN: Final = 0.5
"""From this probability of speech on, a machine is not heard alone."""
YEAR_NS: Final = 365 * 86_400 * NS_PER_S
LINE_NS: Final = NS_PER_S
CLIPPED_WORDS = "Too loud: the sound is cut off. Turn the microphone down, or hang it farther away."
SILENT_WORDS = "Nothing comes but one and the same value. Is the microphone muted, or its plug out?"


class Screen:
    """Shows what is heard until it is left.

    Parameters
    ----------
    console
        Where to: where it is no terminal, plain lines are printed.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=False) if console.is_terminal else None
        self._told: tuple[HeardEvent, ...] = ()
        self._line_ns = 0

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, shown: Shown) -> None:
        """Show it, in place of what was shown before."""
        if self._live is not None:
            self._live.update(picture(shown), refresh=True)
            return
        for event in shown.reading.events:
            if event not in self._told:
                self._print(f"{clock(event.t_start_ns)}  {event_words(event)}")
        self._told = shown.reading.events
        if monotonic_ns() - self._line_ns >= LINE_NS:
            self._line_ns = monotonic_ns()
            self._print(line(shown))

    def _print(self, words: str) -> None:
        self._console.print(words, markup=False, highlight=False, soft_wrap=True)


def picture(shown: Shown) -> RenderableType:
    """All that there is to be told, as it is drawn at a terminal."""
    reading = shown.reading
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", min_width=16)
    grid.add_column(min_width=BAR)
    grid.add_column(min_width=10)
    title = Text.assemble((shown.about.microphone, "bold"), f"  {shown.model}  ", (clock(reading.t_ns), "dim"))
    grid.add_row("level", _level_bar(reading), _level_words(shown, reading.level_dbfs))
    grid.add_row("always there", "", _level_words(shown, reading.noise_dbfs))
    grid.add_row("speech", _bar(reading.speech_probability, "cyan"), f"{reading.speech_probability:.2f}")
    for score in _in_order(reading):
        least = shown.about.thresholds.get(score.label)
        ink = "bold red" if least is not None and score.score >= least else "yellow"
        told = "" if least is None else f", told from {least:.2f}"
        grid.add_row(Text(_label(score)), _bar(score.score, ink), f"{score.score:.2f}{told}")
    for score in reading.tags:
        grid.add_row(Text(score.label), _bar(score.score, "blue"), f"{score.score:.2f}")
    if shown.progress is not None:
        part = shown.progress.learnt_s / shown.progress.of_s
        grid.add_row(Text(f"learning {shown.progress.machine}"), _bar(part, "green"), _progress_words(shown))
    events = [Text(f"{clock(event.t_start_ns)}  {event_words(event)}") for event in reversed(reading.events)]
    warnings = [Text(words, style="bold red") for words in warnings_of(shown)]
    return Group(title, grid, *events, *warnings, Text("Ctrl-C ends it", style="dim"))


def line(shown: Shown) -> str:
    """The same in one line."""
    reading = shown.reading
    parts = [clock(reading.t_ns), f"level {_level_words(shown, reading.level_dbfs)}"]
    parts += [f"always there {_level_words(shown, reading.noise_dbfs)}", f"speech {reading.speech_probability:.2f}"]
    parts += [f"{_label(score)} {score.score:.2f}" for score in (*_in_order(reading), *reading.tags)]
    if shown.progress is not None:
        parts.append(f"learning {shown.progress.machine}: {_progress_words(shown)}")
    return "  ".join([*parts, *warnings_of(shown)])


def warnings_of(shown: Shown) -> tuple[str, ...]:
    """What somebody should do something about."""
    reading = shown.reading
    return (
        *([shown.fault] if shown.fault else []),
        *([CLIPPED_WORDS] if reading.clipped else []),
        *([SILENT_WORDS] if reading.silent else []),
        *(["Not learnt from while somebody speaks."] if shown.progress and _spoken(reading) else []),
        *([f"Sound was lost {shown.lost} times: this computer is too busy to listen well."] if shown.lost else []),
        *shown.about.warnings,
    )


def event_words(event: HeardEvent) -> str:
    """An event in a few words."""
    name = "" if event.name is None else f" of {event.name}"
    over = "" if event.snr_db is None else f", {event.snr_db:.0f} dB over the noise"
    lasted_s = seconds(event.t_end_ns - event.t_start_ns)
    pressure = "" if event.level_db_spl is None else f" = {event.level_db_spl:.0f} dB SPL"
    return f"{event.kind.value}{name}, {lasted_s:.1f} s, {event.level_dbfs:.0f} dBFS{pressure}{over}"


def learnt_words(learnt: Learnt) -> tuple[str, ...]:
    """What to do now."""
    model, microphone = learnt.model, learnt.microphone
    again = " in place of the one that was known" if learnt.anew else ""
    look = f"miseban listen {shlex.quote(microphone)} --trend {shlex.quote(model.name)}"
    return (
        f"{model.name}: {model.learnt_s:.0f} s learnt{again}, kept in {learnt.path}",
        "A box that runs with this data folder listens to it within half a minute, another from its next start on.",
        f"How it does by the hour, after a day: {look}",
        "Remove the file, and the box listens to it no longer. Alerts: machine_anomaly in store.toml.",
    )


def clock(t_ns: int) -> str:
    """The time of day of this machine; of a recording, seconds since its beginning."""
    if t_ns < YEAR_NS:
        return f"{seconds(t_ns):6.1f} s"
    return datetime.fromtimestamp(seconds(t_ns), UTC).astimezone().strftime("%H:%M:%S")


def _spoken(reading: Reading) -> bool:
    return reading.speech_probability >= SPOKEN


def _level_words(shown: Shown, level_dbfs: float | None) -> str:
    if level_dbfs is None:
        return "-"
    spl = shown.about.full_scale_db_spl
    pressure = "" if spl is None else f" = {sound_pressure_db(level_dbfs, spl):.0f} dB SPL"
    return f"{level_dbfs:.1f} dBFS{pressure}"


def _progress_words(shown: Shown) -> str:
    progress = shown.progress
    return "" if progress is None else f"{min(progress.learnt_s, progress.of_s):.0f} of {progress.of_s:.0f} s"


def _in_order(reading: Reading) -> list[SoundScore]:
    """The likeliest labels, in an order that stays while they move: machines last."""
    return sorted(reading.labels, key=lambda score: (score.label.startswith(MACHINE), score.label))


def _label(score: SoundScore) -> str:
    return score.label.removeprefix(MACHINE)


def _bar(part: float, ink: str) -> Text:
    filled = round(BAR * min(max(part, 0.0), 1.0))
    return Text.assemble(("█" * filled, ink), ("·" * (BAR - filled), "dim"))


def _level_bar(reading: Reading) -> Text:
    """The level, with a mark at what is always there."""
    bar = Text()
    level, noise = _place(reading.level_dbfs), _place(reading.noise_dbfs)
    for at in range(BAR):
        dbfs = LOWEST_DBFS * (1.0 - at / BAR)
        ink = "red" if dbfs >= FULL_DBFS else "yellow" if dbfs >= LOUD_DBFS else "green"
        if at == noise:
            bar.append("│", "bold")
        else:
            bar.append("█" if at < level else "·", ink if at < level else "dim")
    return bar


def _place(dbfs: float | None) -> int:
    return -1 if dbfs is None else min(BAR - 1, max(0, round(BAR * (1.0 - dbfs / LOWEST_DBFS))))
