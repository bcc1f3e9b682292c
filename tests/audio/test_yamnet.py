"""YAMNet beside the built-in detectors: what is made of its classes, and that an ear with it is as even as without."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from edge.audio.pipeline import Ear
from edge.audio.sound_evidence import LABELS
from edge.audio.sounds import Sounds
from edge.audio.yamnet import (
    CLASSES,
    PATCH,
    TAGS,
    Floats,
    LabelHead,
    LiteNet,
    Yamnet,
    as_patch,
    class_names,
    packaged_head,
    read_head,
)
from edge.errors import EdgeError
from edge.messages import FRAME, FRAME_NS, RATE_HZ, AudioChunk, SoundScore
from edge.recording.models import YAMNET, read_model
from edge.settings import EarSettings
from tests.benchmarks.sound_synthesis import glass, temporal_3

T0_NS = 1_700_000_000_000_000_000
QUIET = dict.fromkeys(LABELS, -6.0)
GLASS, ALARM, SCREAM = ("Shatter", "Alarm", "Screaming")


class Says:
    """A net that is sure of one class when what it hears is loud, and of silence otherwise."""

    def __init__(self, name: str, above: float = 0.0) -> None:
        self._class, self._above = class_names().index(name), above
        self.heard: list[Floats] = []

    def __call__(self, patch: Floats) -> Floats:
        self.heard.append(patch)
        scores = np.full(CLASSES, 1e-4, np.float32)
        sure = float(np.sqrt(np.mean(patch**2))) > self._above
        scores[self._class if sure else class_names().index("Silence")] = 0.999
        return scores


def noise(seconds: float, level: float = 0.003, seed: int = 3) -> Floats:
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def hear(sounds: Sounds, samples: Floats):
    scores, events = [], []
    for k in range(samples.size // FRAME):
        s, e = sounds.step(samples[k * FRAME : (k + 1) * FRAME], T0_NS + k * FRAME_NS)
        scores, events = scores + list(s), events + list(e)
    s, e = sounds.finish()
    return scores + list(s), events + list(e)


def best(scores: list[SoundScore], label: str) -> float:
    return max(one.score for one in scores if one.label == label)


# ------------------------------------------------------------------------------------------------- windows and the net


def test_a_window_becomes_as_long_and_as_loud_as_the_net_wants_it():
    window = noise(0.96, 0.02)
    patch = as_patch(window)
    assert patch.shape == (PATCH,)
    assert patch.dtype == np.float32
    assert np.abs(patch).max() == pytest.approx(0.5)
    missing = PATCH - window.size
    assert patch[missing:] == pytest.approx(window * (0.5 / np.abs(window).max()), rel=1e-5)
    assert patch[:missing] == pytest.approx(patch[2 * missing : missing : -1])


def test_a_loud_window_is_left_as_it_is_and_a_nearly_silent_one_is_not_made_a_sound():
    loud = noise(0.96).clip(-1, 1)
    loud[5000] = 1.0
    assert as_patch(loud)[PATCH - loud.size :].tolist() == loud.tolist()
    assert np.abs(as_patch(noise(0.96, 1e-6))).max() < 1e-3
    assert not as_patch(np.zeros(15_360, np.float32)).any()


@pytest.mark.parametrize("size", [0, 100, PATCH + 1])
def test_what_is_no_window_is_refused(size: int):
    with pytest.raises(ValueError, match="no window"):
        as_patch(np.zeros(size, np.float32))


# ---------------------------------------------------------------------------------------------------------- the head


def test_a_label_is_its_best_class_less_half_of_its_best_rival_and_the_built_in_detector():
    head = LabelHead(meant=(0, 1), rivals=(2, 3), rival=0.5, net=2.0, built_in=0.5, constant=1.0)
    assert head.odds(np.array([1.0, 3.0, -4.0, 2.0]), 4.0) == pytest.approx(2.0 * (3.0 - 1.0) + 2.0 + 1.0)
    assert head.odds(np.array([1.0, 3.0, -4.0, 2.0]), 1e9) == pytest.approx(4.0 + 3.0 + 1.0)


@pytest.mark.parametrize(("name", "label"), [(GLASS, "glass_break"), (ALARM, "alarm_sound"), (SCREAM, "scream")])
def test_a_class_speaks_for_its_label_alone_and_never_for_a_bang(name: str, label: str):
    silent, sure = Yamnet(Says("Silence")).hear(noise(0.96), QUIET), Yamnet(Says(name)).hear(noise(0.96), QUIET)
    raised = {one for one in LABELS if sure.odds[one] > silent.odds[one] + 3.0}
    assert raised == {label}
    assert sure.odds["bang"] == silent.odds["bang"] == QUIET["bang"]


def test_the_net_alone_tells_nothing_that_the_built_in_detector_is_against_and_more_with_it():
    yamnet = Yamnet(Says(GLASS))
    against, with_it = yamnet.hear(noise(0.96), QUIET), yamnet.hear(noise(0.96), QUIET | {"glass_break": 6.0})
    assert with_it.odds["glass_break"] > against.odds["glass_break"] + 3.0


def test_what_the_built_in_detector_is_sure_of_is_not_lost():
    sure = dict.fromkeys(LABELS, 5.0)
    assert Yamnet(Says("Silence")).hear(noise(0.96), sure).odds == sure


def test_a_net_that_gives_no_numbers_is_one_that_hears_nothing():
    def broken(patch: Floats) -> Floats:
        return np.full(CLASSES, np.nan, np.float32)

    opinion = Yamnet(broken).hear(noise(0.96), QUIET)
    assert all(np.isfinite(odds) and odds < 0.0 for odds in opinion.odds.values())
    assert all(score < 1e-6 for _, score in opinion.tags)


def test_the_packaged_head_and_names_belong_together():
    names = class_names()
    assert len(names) == len(set(names)) == CLASSES
    head = packaged_head()
    assert set(head) == {"glass_break", "alarm_sound", "scream"}
    assert names[head["glass_break"].meant[0]] == GLASS


@pytest.mark.parametrize(
    "change",
    [{"constant": float("nan")}, {"net": "much"}, {"meant": ["No such class"]}, {"rivals": []}, {"built_in": None}],
)
def test_a_head_that_is_none_is_refused(change: dict[str, object]):
    good = {"meant": [GLASS], "rivals": ["Tick"], "rival": 0.5, "net": 1.0, "built_in": 0.5, "constant": 0.0}
    assert read_head({"labels": {"glass_break": good}}, class_names())["glass_break"].constant == 0.0
    with pytest.raises(ValueError):
        read_head({"labels": {"glass_break": good | change}}, class_names())


# --------------------------------------------------------------------------------------------------------- in an ear


def test_what_both_hear_is_told_where_the_built_in_detector_alone_is_not_sure():
    sound = np.concatenate((noise(4.0), noise(1.8) + 0.02 * glass(np.random.default_rng(5)), noise(2.0)))
    alone, _ = hear(Sounds(), sound.astype(np.float32))
    both, events = hear(Sounds(yamnet=Yamnet(Says(GLASS, above=0.08))), sound.astype(np.float32))
    assert len(both) == len(alone)
    assert [event.kind for event in events if event.kind != "bang"] in ([], ["glass_break"])
    assert best(both, "bang") == best(alone, "bang")


def test_every_window_has_its_likeliest_classes():
    sounds = Sounds(yamnet=Yamnet(Says(ALARM)))
    scores, _ = hear(sounds, noise(2.4))
    tags = sounds.take_tags()
    assert len(tags) == TAGS * len(scores) // len(LABELS)
    assert [tag.label for tag in tags[::TAGS]] == [ALARM] * (len(tags) // TAGS)
    assert sorted({tag.t_ns for tag in tags}) == sorted({score.t_ns for score in scores})
    assert sounds.take_tags() == ()


def chunks(samples: Floats, size: int, t_ns: int = T0_NS) -> list[AudioChunk]:
    return [AudioChunk("till", t_ns + k * 62_500, samples[k : k + size]) for k in range(0, samples.size, size)]


def heard(samples: Floats, size: int):
    ear = Ear("till", EarSettings(), yamnet=Yamnet(Says(ALARM, above=0.1)))
    told = [*(ear.step(chunk) for chunk in chunks(samples, size)), ear.finish()]
    return [[one for each in told for one in getattr(each, what)] for what in ("tags", "scores", "events")]


def test_an_ear_with_it_hears_the_same_however_the_sound_is_cut():
    samples = noise(6.0)
    samples[2 * RATE_HZ : 6 * RATE_HZ] += 0.2 * temporal_3(3100.0, 4.0)
    whole = heard(samples, samples.size)
    assert whole[0]
    assert whole[2]
    assert heard(samples, 160) == heard(samples, 4_801) == whole


def test_after_a_gap_windows_begin_anew_and_no_tag_is_lost():
    ear = Ear("till", EarSettings(), yamnet=Yamnet(Says(ALARM)))
    first, second = noise(1.2), noise(1.2, seed=4)
    told = [ear.step(AudioChunk("till", T0_NS, first)), ear.step(AudioChunk("till", T0_NS + 10**10, second))]
    times = [tag.t_ns for one in (*told, ear.finish()) for tag in one.tags]
    assert times == sorted(times)
    assert T0_NS in times
    assert T0_NS + 10**10 in times
    assert not any(T0_NS + 3 * 10**9 < t_ns < T0_NS + 10**10 for t_ns in times)


def test_an_ear_without_it_has_no_tags():
    ear = Ear("till", EarSettings())
    assert ear.step(AudioChunk("till", T0_NS, noise(2.0))).tags == ()


# ------------------------------------------------------------------------------------------------------ the real file


def test_what_is_not_the_net_is_not_run():
    pytest.importorskip("ai_edge_litert")
    for content in (b"", b"not a model", bytes(4096)):
        with pytest.raises(EdgeError, match="YAMNet"):
            LiteNet(content)


@pytest.mark.skipif(
    "MISEBAN_YAMNET" not in os.environ, reason="MISEBAN_YAMNET names no file of YAMNet's: none comes along"
)
def test_the_real_net_knows_glass_and_beeps_from_noise_and_silence():
    pytest.importorskip("ai_edge_litert")
    model = read_model(YAMNET, Path(os.environ["MISEBAN_YAMNET"]))
    yamnet = Yamnet(LiteNet(model.content))
    broken, hiss = glass(np.random.default_rng(0))[:15_360], noise(0.96, 0.05)
    found = yamnet.hear(0.1 * broken, QUIET)
    assert found.odds["glass_break"] > 2.0
    assert yamnet.hear(hiss, QUIET).odds == QUIET
    assert "Smoke detector, smoke alarm" in dict(yamnet.hear(temporal_3(3100.0, 4.0)[:15_360], QUIET).tags)
    assert yamnet.hear(np.zeros(15_360, np.float32), QUIET).tags[0][0] == "Silence"
    assert Yamnet(LiteNet(model.content)).hear(0.1 * broken, QUIET) == found
