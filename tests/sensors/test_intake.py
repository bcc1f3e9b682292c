"""A recorded session plays as if live: at its pace, on today's clock, without end."""

import itertools
import statistics
import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from edge.clock import nanoseconds, utc_ns
from edge.messages import DepthFrame
from edge.recording.folder import SkippedFrame, open_session
from edge.sensors.intake import Schedule, SessionCamera, hours_as_recorded
from edge.settings import Hours, StoreSettings
from tests.daemon.walker import FPS, write_session

TICK_NS = nanoseconds(1 / FPS)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    path = write_session(tmp_path_factory.mktemp("intake") / "s", ("left", "right"), seconds=1.0)
    (path / "left/depth/000003.png").write_bytes(b"torn")
    return open_session(path)


def play(session, camera, schedule, count, wait=None):
    """So many frames with the UTC time at which each was handed over."""
    played = []
    for frame in SessionCamera(session, camera, schedule, wait or threading.Event().wait).frames():
        played.append((frame, utc_ns()))
        if len(played) == count:
            break
    return played


def test_frames_come_at_their_time_with_a_time_stamp_of_now(session):
    played = play(session, "right", Schedule(utc_ns() + TICK_NS, 1.0, loop=True), 25)
    late_ms = [(at - frame.t_ns) / 1e6 for frame, at in played]
    assert min(late_ms) >= -1.0
    assert statistics.median(late_ms) < 10.0


def test_loops_follow_one_another_without_a_seam(session):
    played = play(session, "right", Schedule(utc_ns(), 4.0, loop=True), 35)
    steps = {b.t_ns - a.t_ns for (a, _), (b, _) in itertools.pairwise(played)}
    assert all(abs(step - TICK_NS / 4) <= 1 for step in steps)


def test_speed_changes_the_pace(session):
    began = utc_ns()
    play(session, "right", Schedule(began, 10.0, loop=True), 30)
    assert 0.25 < (utc_ns() - began) / 1e9 < 0.6


def test_a_session_played_once_ends(session):
    assert len(play(session, "right", Schedule(utc_ns() + TICK_NS, 50.0, loop=False), 1000)) == 10


def test_cameras_of_a_session_keep_together_and_one_that_joins_late_joins_in(session):
    schedule = Schedule(utc_ns() - nanoseconds(123.45), 1.0, loop=True)
    left, right = play(session, "left", schedule, 5), play(session, "right", schedule, 5)
    grid = {(frame.t_ns - schedule.begins_ns) % TICK_NS for frame, _ in (*left, *right)}
    assert grid == {0}
    assert all(abs(at - frame.t_ns) < nanoseconds(0.3) for frame, at in (*left, *right))


def test_who_falls_behind_leaves_frames_out_and_counts_them(session):
    stuck = iter([0.9])

    def wait(seconds):
        threading.Event().wait(seconds + next(stuck, 0.0))
        return False

    camera = SessionCamera(session, "right", Schedule(utc_ns(), 1.0, loop=True), wait)
    played = [frame for frame, _ in zip(camera.frames(), range(5), strict=False)]
    assert 5 <= camera.left_out <= 11
    assert played[1].t_ns - played[0].t_ns == (camera.left_out + 1) * TICK_NS


def test_a_torn_frame_is_told_at_its_time_and_the_rest_goes_on(session):
    played = play(session, "left", Schedule(utc_ns(), 10.0, loop=True), 10)
    assert [type(frame) for frame, _ in played].count(SkippedFrame) == 1
    assert [type(frame) for frame, _ in played].count(DepthFrame) == 9


def test_it_ends_when_asked(session):
    stop = threading.Event()
    stop.set()
    assert play(session, "right", Schedule(utc_ns() + nanoseconds(60), 1.0, loop=True), 1, stop.wait) == []


def local(text):
    return nanoseconds(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Tokyo")).timestamp())


@pytest.mark.parametrize("now", ["2026-11-24T12:34", "2026-11-24T00:10", "2026-11-24T23:59"])
@pytest.mark.parametrize(
    ("recorded", "is_open"),
    [("2026-01-05T03:00", False), ("2026-01-05T08:00", True), ("2026-01-05T07:59", False), ("2026-01-05T21:59", True)],
)
def test_a_night_played_at_noon_is_a_night(now, recorded, is_open):
    store = StoreSettings(hours=Hours(open="08:00", close="22:00"))
    assert store.is_open(local(recorded)) is is_open
    assert hours_as_recorded(store, local(recorded), local(now)).is_open(local(now)) is is_open


def test_always_open_stays_always_open():
    for hours in (None, Hours(open="00:00", close="24:00"), Hours(open="09:00", close="09:00")):
        turned = hours_as_recorded(StoreSettings(hours=hours), local("2026-01-05T03:00"), local("2026-11-24T12:34"))
        assert all(turned.is_open(local(f"2026-11-24T{h:02}:30")) for h in range(24))
