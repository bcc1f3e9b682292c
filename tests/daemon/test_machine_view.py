"""Machines for a person: which there are, and how one did by the hour; also as the command shows them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest
import structlog
from rich.console import Console, RenderableType

from edge import cli
from edge.clock import NS_PER_S
from edge.daemon.machine_view import draw_trend, find_trend, overview, trend_lines
from edge.errors import EdgeError
from edge.recording.machine_store import MachineStore, Trend
from edge.settings import DeviceSettings
from tests.daemon.machine_sounds import learnt

HOUR_NS = 3600 * NS_PER_S
MONDAY_NS = int(datetime(2026, 10, 26, tzinfo=UTC).timestamp()) * NS_PER_S


def clock(t_ns: int) -> datetime:
    return datetime.fromtimestamp(t_ns / NS_PER_S, UTC)


def trend(*days: float) -> Trend:
    """Days of one score each; every day at four the machine was not heard alone."""
    return tuple(
        (MONDAY_NS + (24 * day + hour) * HOUR_NS, score)
        for day, score in enumerate(days)
        for hour in range(24)
        if hour != 4
    )


def words(shown: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=140, record=True)
    console.print(shown)
    return console.export_text()


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> DeviceSettings:
    """A box that knows a freezer near the till and near the door, and a fan near the door."""
    folder = tmp_path_factory.mktemp("box")
    model = learnt("freezer")
    for microphone, name in (("till", "freezer"), ("door", "freezer"), ("door", "fan")):
        MachineStore.of(folder / "machines", microphone).save(name, replace(model, name=name).to_record())
    MachineStore.of(folder / "machines", "till").add_to_trend("freezer", trend(*[0.1] * 7, *[0.3] * 7))
    MachineStore.of(folder / "machines", "door").path("pump").write_text("[]")
    return DeviceSettings(data_dir=folder)


def test_all_machines_are_listed_and_damaged_ones_with_their_remedy(device: DeviceSettings) -> None:
    told = " ".join(words(overview(device)).split())
    for part in (
        "door fan 8",
        "door freezer 8",
        "till freezer 8",
        "322 h of trend",
        "pump.json",
        "listen --learn pump",
    ):
        assert part in told
    assert "No machine was learnt yet" in words(overview(DeviceSettings(data_dir=device.data_dir / "none")))


def test_a_trend_is_a_day_a_line_with_gaps_where_nothing_was_heard(device: DeviceSettings) -> None:
    microphone, hours = find_trend(device, "till", "freezer")
    told = words(trend_lines("freezer", microphone, hours, clock))
    days = [row for row in told.splitlines() if " Oct " in row or " Nov " in row]
    assert len(days) == 14
    assert days[0].split() == ["Mon", "26", "Oct", "▁▁▁▁·" + "▁" * 19, "0.10", "0.10"]
    assert "▂▂▂▂·" in days[-1]
    assert "last week 0.30, of the week before 0.10: it sounds less and less as it was learnt" in told


@pytest.mark.parametrize(
    ("scores", "ending"),
    [((0.2,) * 5, "there is no week before it yet."), ((0.4,) * 7 + (0.2,) * 7, "of the week before 0.40.")],
)
def test_what_is_new_or_gets_better_is_no_reason_to_call_anybody(scores: tuple[float, ...], ending: str) -> None:
    told = words(trend_lines("fan", "door", trend(*scores), clock)).rstrip()
    assert told.endswith(ending)
    assert "looked at" not in told


@pytest.mark.parametrize(
    ("microphone", "machine", "told"),
    [
        (None, "freezer", r"was learnt near door, till\. Say near which"),
        ("till", "fan", r"was not learnt in .*There are: freezer \(till\)\."),
        (None, "saw", r"There are: fan \(door\), freezer \(door\), pump \(door\), freezer \(till\)\."),
        (None, "fan", "has no trend yet"),
        ("..", "fan", "is no name that can be used"),
    ],
)
def test_a_trend_that_is_not_there_is_told(
    device: DeviceSettings, microphone: str | None, machine: str, told: str
) -> None:
    with pytest.raises(EdgeError, match=told):
        find_trend(device, microphone, machine)


@pytest.mark.parametrize("days", [1, 80])
def test_a_trend_is_drawn(tmp_path: Path, days: int) -> None:
    hours = trend(*(0.9 * day / days for day in range(days)))
    draw_trend("freezer", "till", hours, clock, tmp_path / "trend.png")
    picture = cv2.imread(str(tmp_path / "trend.png"))
    assert picture is not None
    assert picture.shape == (420, 1280, 3)
    draw_trend("freezer", "till", hours[:1], clock, tmp_path / "hour.png")
    with pytest.raises(EdgeError, match=r"trend\.jpg: is a kind of picture"):
        draw_trend("freezer", "till", hours, clock, tmp_path / "trend.jpg")
    with pytest.raises(EdgeError, match="cannot be written"):
        draw_trend("freezer", "till", hours, clock, tmp_path / "nowhere/trend.png")


@pytest.fixture
def listen(
    device: DeviceSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[object, str, str]]]:
    """``miseban listen`` in a folder with that box's device.toml."""
    (tmp_path / "device.toml").write_text(f'data_dir = "{device.data_dir}"\n[[microphone]]\nid = "till"\n')
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["miseban", "listen", *arguments])
        code: object = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        return code, *capsys.readouterr()

    yield call
    structlog.reset_defaults()  # the command sets logs up for the rest of its process, with an output that ends here


def test_the_command_lists_shows_and_draws(listen: Callable[..., tuple[object, str, str]], tmp_path: Path) -> None:
    code, out, error = listen("--list")
    assert (code, error) == (0, "")
    assert "322 h of trend" in out
    code, out, error = listen("till", "--trend", "freezer", "--out", "trend.png")
    assert (code, error) == (0, "")
    assert "freezer, near till" in out
    assert (tmp_path / "trend.png").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--trend", "saw"), 1, "Error: machine 'saw': was not learnt in"),
        (("--list", "--trend", "freezer"), 2, "one at a time"),
        (("door",), 1, "Error: microphone 'door': is not named in device.toml. There are: till."),
        (("--device", "nowhere.toml"), 1, "Error: nowhere.toml: cannot be read"),
        (("--session", "nowhere.wav"), 1, "Error: nowhere.wav: does not exist"),
        (("--learn", "a/b"), 1, "Error: machine 'a/b': is no name that can be used."),
    ],
)
def test_the_command_says_what_is_wrong(
    listen: Callable[..., tuple[object, str, str]], arguments: tuple[str, ...], code: int, told: str
) -> None:
    ended, _, error = listen(*arguments)
    assert ended == code
    assert told in " ".join(error.split())
    assert "Traceback" not in error
