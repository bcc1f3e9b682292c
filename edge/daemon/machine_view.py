"""Machines that were learnt, for a person: which there are, and how one of them did by the hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Final

import cv2
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edge.audio.machines import ALERT_SCORE, CALM_SCORE, MachineModel
from edge.errors import EdgeError
from edge.recording.machine_store import MACHINES, MachineStore, Trend, microphones
from edge.replay import canvas
from edge.sensors.microphone_device import list_devices
from edge.settings import DeviceSettings

Clock = Callable[[int], datetime]
"""The shop's wall clock at a UTC time, nanoseconds."""
MOST_DAYS: Final = 35
"""So many days fit on a terminal; the picture has all."""
STEPS: Final = " ▁▂▃▄▅▆▇█"
MISSING: Final = "·"
"""An hour in which the machine was not heard alone."""
WEEK: Final = timedelta(days=7)
RISING: Final = 0.05
"""A week whose mean score is so much above that of the week before."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1280, 420, 64, 24, 64, 44


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a machine, on the shop's clock."""

    at: datetime
    score: float


def overview(device: DeviceSettings) -> RenderableType:
    """The sound devices that there are, and the machines that were learnt."""
    return Group(_devices(), _machines(device.data_dir / MACHINES))


def find_trend(device: DeviceSettings, microphone: str | None, machine: str) -> tuple[str, Trend]:
    """How a machine did by the hour, and near which microphone.

    Parameters
    ----------
    microphone
        Near which it was learnt; None takes the only one that knows it.

    Raises
    ------
    EdgeError
        If it was not learnt, or is known near several microphones, or has no hour yet.
    """
    folder = device.data_dir / MACHINES
    near = microphones(folder) if microphone is None else (microphone,)
    stores = {one: MachineStore.of(folder, one) for one in near}
    found = [one for one, store in stores.items() if machine in store.names()]
    if not found:
        known = ", ".join(f"{name} ({one})" for one, store in stores.items() for name in store.names()) or "none"
        raise EdgeError(f"machine {machine!r}", f"was not learnt in {folder}", f"There are: {known}.")
    if len(found) > 1:
        raise EdgeError(f"machine {machine!r}", f"was learnt near {', '.join(found)}", "Say near which microphone.")
    trend = stores[found[0]].trend(machine)
    if not trend:
        what, remedy = "has no trend yet", "It grows by the hour while the box runs and the machine is heard alone."
        raise EdgeError(f"machine {machine!r}", what, remedy)
    return found[0], trend


def trend_lines(machine: str, microphone: str, trend: Trend, clock: Clock) -> RenderableType:
    """A day in each line, an hour in each block: the higher, the less usual the machine sounded."""
    hours = [Hour(clock(t_ns), score) for t_ns, score in trend]
    table = Table(box=None, pad_edge=False)
    table.add_column("day", style="dim")
    table.add_column("0     6     12    18    ")
    table.add_column("mean", justify="right")
    table.add_column("worst", justify="right")
    for day, scores in list(_days(hours).items())[-MOST_DAYS:]:
        known = list(scores.values())
        table.add_row(day.strftime("%a %d %b"), _blocks(scores), f"{mean(known):.2f}", f"{max(known):.2f}")
    how = f"Below {CALM_SCORE} is as usual; from {ALERT_SCORE} on for some minutes it is told as an alert."
    return Group(Text(f"{machine}, near {microphone}", style="bold"), table, Text(how, style="dim"), verdict(hours))


def verdict(hours: Iterable[Hour]) -> Text:
    """The last week against the one before, in a sentence."""
    known = list(hours)
    last = known[-1].at
    week = [hour.score for hour in known if last - hour.at < WEEK]
    before = [hour.score for hour in known if WEEK <= last - hour.at < 2 * WEEK]
    if not before:
        return Text(f"Mean of the last week {mean(week):.2f}; there is no week before it yet.")
    words = f"Mean of the last week {mean(week):.2f}, of the week before {mean(before):.2f}"
    if mean(week) - mean(before) >= RISING:
        return Text(f"{words}: it sounds less and less as it was learnt. Have it looked at.", style="bold")
    return Text(f"{words}.")


def draw_trend(machine: str, microphone: str, trend: Trend, clock: Clock, path: Path) -> None:
    """Draw all hours into a PNG.

    Raises
    ------
    EdgeError
        If it cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise EdgeError(str(path), "is a kind of picture that is not drawn here", "Name it .png.")
    ok, data = cv2.imencode(".png", _drawn(f"{machine}, near {microphone}", trend, clock))
    try:
        if not ok:
            raise OSError(0, "it cannot be encoded")
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise EdgeError(str(path), f"cannot be written ({error.strerror})", "Name another file with --out.") from None


def _drawn(title: str, trend: Trend, clock: Clock) -> canvas.Picture:
    picture = canvas.blank(WIDTH, HEIGHT, canvas.PAPER)
    canvas.text(picture, title, (LEFT, 34), 20, canvas.INK, canvas.SEMIBOLD)
    canvas.text(picture, "how unusual it sounded, by the hour", (LEFT, 54), 14, canvas.MUTED)
    first_ns, last_ns = trend[0][0], max(trend[-1][0], trend[0][0] + 1)

    def x(t_ns: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (t_ns - first_ns) / (last_ns - first_ns)

    def y(score: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - score)

    canvas.polygon(picture, [(LEFT, TOP), (WIDTH - RIGHT, TOP), (WIDTH - RIGHT, y(0)), (LEFT, y(0))], canvas.FLOOR)
    for score, words, ink in ((0.0, "0", canvas.GRID), (CALM_SCORE, "usual", canvas.GRID), (1.0, "1", canvas.GRID)):
        canvas.lines(picture, [(LEFT, y(score)), (WIDTH - RIGHT, y(score))], ink)
        canvas.text(picture, words, (16, y(score) + 5), 13, canvas.MUTED)
    canvas.lines(picture, [(LEFT, y(ALERT_SCORE)), (WIDTH - RIGHT, y(ALERT_SCORE))], canvas.LEVELS["yellow"], 2)
    canvas.text(picture, "told", (16, y(ALERT_SCORE) + 5), 13, canvas.LEVELS["yellow"])
    for t_ns, score in trend:
        ink = canvas.LEVELS["red"] if score >= ALERT_SCORE else canvas.LINE
        canvas.lines(picture, [(x(t_ns), y(0.0)), (x(t_ns), y(score))], ink)
        canvas.disc(picture, (x(t_ns), y(score)), 2.0, ink)
    for t_ns, right in ((first_ns, False), (last_ns, True)):
        words = clock(t_ns).strftime("%d %b %Y %H:%M")
        at = x(t_ns) - (canvas.text_width(words, 13) if right and len(trend) > 1 else 0)
        if not right or len(trend) > 1:
            canvas.text(picture, words, (at, HEIGHT - 16), 13, canvas.MUTED)
    return picture


def _devices() -> RenderableType:
    try:
        devices = list_devices()
    except EdgeError as error:
        return Text(str(error), style="red")
    table = Table(title="Sound devices", title_justify="left", box=None, pad_edge=False, show_header=False)
    for place, device in enumerate(devices):
        table.add_row(Text(device.name), f"{device.channels} ch", "the default one" if place == 0 else "")
    return table if devices else Text("There is no sound device to listen to.")


def _machines(folder: Path) -> RenderableType:
    table = Table(title="Machines", title_justify="left", box=None, pad_edge=False, show_header=False)
    for microphone in microphones(folder):
        store = MachineStore(folder / microphone)
        found = store.read_all(MachineModel.from_record)
        for name, kept in found.machines.items():
            hours = len(store.trend(name))
            table.add_row(Text(microphone), Text(name), f"{kept.machine.learnt_s:.0f} s learnt", f"{hours} h of trend")
        for name, error in found.faults.items():
            table.add_row(Text(microphone), Text(name), Text(str(error), style="red"))
    if table.row_count:
        return table
    return Text("No machine was learnt yet: miseban listen MICROPHONE --learn NAME")


def _days(hours: Iterable[Hour]) -> dict[date, dict[int, float]]:
    """Scores by day and hour, days without any left out."""
    days: dict[date, dict[int, float]] = {}
    for hour in hours:
        days.setdefault(hour.at.date(), {})[hour.at.hour] = hour.score
    return days


def _blocks(scores: dict[int, float]) -> Text:
    line = Text()
    for hour in range(24):
        score = scores.get(hour)
        if score is None:
            line.append(MISSING, "dim")
        else:
            ink = "red" if score >= ALERT_SCORE else "yellow" if score >= CALM_SCORE else "green"
            line.append(STEPS[max(1, round(score * (len(STEPS) - 1)))], ink)
    return line
