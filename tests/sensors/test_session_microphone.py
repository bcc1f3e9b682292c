"""The sound of a session plays as if live: at its pace, on today's clock, in all its loops."""

import itertools
import statistics
import threading

import numpy as np
import pytest
import soundfile

from edge.clock import NS_PER_S, nanoseconds, utc_ns
from edge.messages import RATE_HZ, SensorState
from edge.recording.folder import open_session
from edge.sensors.intake import Schedule
from edge.sensors.session_microphone import PIECE, SessionMicrophone

STEPS = 8
STEP_NS = NS_PER_S // 10
SESSION_NS = STEPS * STEP_NS


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Its sound counts its own tenths of a second."""
    path = tmp_path_factory.mktemp("sound") / "steps.wav"
    soundfile.write(path, np.repeat(np.arange(STEPS) / 16, PIECE), RATE_HZ, subtype="PCM_16")
    return open_session(path)


def play(session, schedule, count):
    """So many pieces with the UTC time at which each was handed over, and the microphone."""
    played = []
    microphone = SessionMicrophone(session, "mic0", schedule, threading.Event().wait)
    for chunk in microphone.chunks():
        played.append((chunk, utc_ns()))
        if len(played) == count:
            break
    return played, microphone


def end_ns(chunk):
    return chunk.t_ns + len(chunk.samples) * NS_PER_S // RATE_HZ


def follows_its_time(chunk, began_ns):
    """Whether each sample is the one that belongs there."""
    at_ns = chunk.t_ns - began_ns + np.arange(len(chunk.samples)) * (NS_PER_S // RATE_HZ)
    return np.array_equal(np.round(chunk.samples * 16), at_ns % SESSION_NS // STEP_NS)


def test_each_piece_comes_when_it_is_over_and_loops_follow_without_a_seam(session):
    began = utc_ns() + nanoseconds(0.05)
    played, microphone = play(session, Schedule(began, 1.0, loop=True), 2 * STEPS + 4)
    chunks = [chunk for chunk, _ in played]
    assert chunks[0].t_ns == began
    assert all(after.t_ns == end_ns(before) for before, after in itertools.pairwise(chunks))
    assert all(follows_its_time(chunk, began) for chunk in chunks)
    assert end_ns(chunks[-1]) - began > 1.5 * SESSION_NS
    late_ms = [(at - end_ns(chunk)) / 1e6 for chunk, at in played]
    assert min(late_ms) > -1.0
    assert statistics.median(late_ms) < 20.0
    assert (microphone.state, microphone.counts.dropped) == (SensorState.OK, 0)
    assert microphone.counts.chunks == len(played)


def test_one_that_joins_late_joins_in_where_the_others_are(session):
    began = utc_ns() - 100 * SESSION_NS - nanoseconds(0.75)
    ((chunk, at),), microphone = play(session, Schedule(began, 1.0, loop=True), 1)
    assert 0 <= at - end_ns(chunk) < nanoseconds(0.6)
    assert follows_its_time(chunk, began)
    assert microphone.counts.dropped == 0


def test_one_that_is_too_slow_leaves_pieces_out_and_counts_them(session):
    slow = threading.Event()
    microphone = SessionMicrophone(session, "mic0", Schedule(utc_ns(), 1.0, loop=True), slow.wait)
    chunks = microphone.chunks()
    before = next(chunks)
    slow.wait(1.0)
    after = next(chunks)
    assert after.t_ns - end_ns(before) > 3 * STEP_NS
    assert 3 <= microphone.counts.dropped <= 12


def test_a_session_played_once_ends(session):
    played, _ = play(session, Schedule(utc_ns(), 1.0, loop=False), 1000)
    assert sum(len(chunk.samples) for chunk, _ in played) == STEPS * PIECE


def test_it_ends_at_once_when_it_is_asked_to(session):
    end = threading.Event()
    end.set()
    assert list(SessionMicrophone(session, "mic0", Schedule(utc_ns(), 1.0, loop=True), end.wait).chunks()) == []


def test_sound_cannot_be_hurried(session):
    with pytest.raises(ValueError, match="speed 1"):
        SessionMicrophone(session, "mic0", Schedule(utc_ns(), 2.0, loop=True), threading.Event().wait)
