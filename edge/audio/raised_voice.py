"""When somebody raises their voice: louder than people usually are here, and with the sound of effort.

::

    voiced moments of the last 1.5 s -> level, alpha ratio, pitch -> against what is usual here -> likelihood -> episode

Loudness alone may be somebody close to the microphone or an announcement; the sound of effort alone may be a child or a
sharp microphone.  Only both together are a raised voice.

- Loudness: level of the voice over the usual level of talk here.  ANSI S3.5-1997 puts a raised voice 6 dB, a loud one
  12.5 dB and a shout 20 dB over a normal one.
- Effort: a louder voice is a brighter one, because the folds close faster, and a higher one.  The alpha ratio (energy
  from 1 kHz to 5 kHz over that below) and the pitch say so whatever the gain (Traunmüller and Eriksson 2000).

What is usual follows talk slowly, and hardly follows raised voices.  Before enough talk was heard the usual level is
not known: then the sound of effort must be beyond doubt.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.audio import raised_voice_weights as weights
from edge.audio.level import LOWEST_DBFS, decibels, power
from edge.audio.voice_frame import VoiceFrame, VoiceFrames
from edge.clock import nanoseconds
from edge.messages import FRAME_NS, EventKind, HeardEvent

LOOK_FRAMES = 2
"""A voice is looked at each 20 ms: it does not change faster."""
JUDGE_FRAMES = 10
"""A judgement each 100 ms."""
WINDOW_S = 1.5
"""A few words: one bright vowel is no raised voice."""
ENOUGH_S = 0.4
"""Voiced time within the window that a judgement needs."""
FRESH_S = 0.3
"""A judgement holds this long after the last voiced moment."""
SPEECH, NO_SPEECH = 0.5, 0.2
"""Probabilities from which on, and below which, a frame is taken for speech, and for what is behind it."""
PERIODIC = 0.5
"""Harmonics at least as strong as noise: a vowel."""
OVER_NOISE_DB = 3.0
NOISE_S = 2.0
"""The spectrum of what is behind a voice is a mean over about so long."""
LEFT = 0.1
"""So much of a power stays at least when the noise is taken off it."""

LOUD_DB = 6.5
"""Over the usual level, where a voice is as likely raised as not: half way from normal to loud speech."""
LOUD_S = 0.4
"""Voiced time within the window that has to be over half of that: one loud word is not loud talk."""
LOUD_SLOPE_DB = 1.5
"""So fast does that become certain: distance changes levels too."""
HIGHEST_RISE_ST = 8.0
"""A voice rises 0.2 to 0.6 semitones per decibel (Gramming et al. 1988), with a shout 8; more is another speaker."""

PRIOR_S = 5.0
"""What is usual anywhere counts like so much talk heard here."""
SETTLE_S = 120.0
"""What is usual follows the talk of about so long."""
RAISED_SHARE = 0.1
"""A raised voice teaches what is usual so much less; some, so that a wrong idea of it heals."""
WIDEST_DB = 10.0
"""One judgement pulls at what is usual by at most this much."""


@dataclass(frozen=True, slots=True)
class RaisedVoiceRule:
    """What is told."""

    threshold: float = 0.5
    """Likelihood from which on a voice is raised."""
    over_threshold: float = 0.35
    """Below it the voice is no longer raised."""
    lasting_s: float = 0.5
    """It has to stay likely for this long, each time judged over the last :data:`WINDOW_S`."""
    apart_s: float = 8.0
    """Calm for this long ends an episode; a quarrel is told once."""
    known_s: float = 10.0
    """So much talk has to be heard before the usual level is known."""
    unknown_log_odds: float = 2.0
    """As long as it is not, the sound of effort must be this much clearer than even."""

    def __post_init__(self) -> None:
        if not 0.0 < self.over_threshold <= self.threshold < 1.0:
            raise ValueError(f"0 < over {self.over_threshold} <= threshold {self.threshold} < 1 must hold")
        if min(self.lasting_s, self.apart_s, self.known_s) < 0.0:
            raise ValueError("lengths must not be negative")


@dataclass(frozen=True, slots=True)
class _Moment:
    """A voiced moment, with the noise taken off."""

    t_ns: int
    power: float
    low: float
    high: float
    pitch_st: float


@dataclass(frozen=True, slots=True)
class Voice:
    """What the voices of the last moments are like."""

    level_dbfs: float
    """Of their mean power."""
    alpha_db: float
    """Energy from 1 kHz to 5 kHz over that below."""
    pitch_st: float
    """Median, in semitones over 100 Hz."""


@dataclass(slots=True)
class _Usual:
    """What voices are like here: a mean at first, then a slow one."""

    level_dbfs: float = 0.0
    alpha_db: float = weights.NORMAL_ALPHA_DB
    pitch_st: float = weights.NORMAL_PITCH_ST
    heard_s: float = 0.0

    @property
    def doubt_db(self) -> float:
        """Standard deviation of what is taken for the usual alpha ratio: microphones differ."""
        return weights.MICROPHONE_DB * math.sqrt(PRIOR_S / (PRIOR_S + self.heard_s))

    def learn(self, voice: Voice, heard_s: float) -> None:
        if self.heard_s == 0.0:
            self.level_dbfs = voice.level_dbfs
        self.heard_s += heard_s
        follow = heard_s / min(PRIOR_S + self.heard_s, SETTLE_S)
        self.level_dbfs += heard_s / min(self.heard_s, SETTLE_S) * _bounded(voice.level_dbfs - self.level_dbfs)
        self.alpha_db += follow * _bounded(voice.alpha_db - self.alpha_db)
        self.pitch_st += follow * _bounded(voice.pitch_st - self.pitch_st)


@dataclass(slots=True)
class _Episode:
    """A raised voice, from its first sign until calm has lasted."""

    start_ns: int
    since_ns: int
    last_ns: int
    judgements: int = 0
    likelihood: float = 0.0
    power: float = 0.0
    told: bool = False

    def take(self, t_ns: int, likelihood: float, level_dbfs: float) -> None:
        self.last_ns = t_ns
        self.judgements += 1
        self.likelihood += likelihood
        self.power += power(level_dbfs)


class RaisedVoice:
    """The raised voices that one microphone hears; each episode is told once, as soon as it has lasted."""

    def __init__(self, rule: RaisedVoiceRule | None = None) -> None:
        self._rule = rule or RaisedVoiceRule()
        self._frames = VoiceFrames()
        self._moments: deque[_Moment] = deque()
        self._behind = VoiceFrame(0.0, 0.0, 0.0, 0.0)
        self._usual = _Usual()
        self._episode: _Episode | None = None
        self._count = 0
        self._last_ns = 0
        self._likelihood = 0.0

    @property
    def likelihood(self) -> float:
        """How likely it is that somebody raises their voice now; 0 while nobody talks."""
        return self._likelihood

    def step(
        self, frame: NDArray[np.float32], t_ns: int, probability: float, level_dbfs: float, noise_dbfs: float
    ) -> tuple[HeardEvent, ...]:
        """Take 10 ms of raw sound, (160,) at full scale 1, with how likely speech is in it, its level and its floor."""
        if t_ns < self._last_ns - nanoseconds(WINDOW_S):  # what was heard before is of another time
            self._moments.clear()
            self._episode = None
        self._last_ns = t_ns
        self._frames.push(frame)
        self._count += 1
        if self._count % LOOK_FRAMES == 0:
            self._look(t_ns, probability, _known(level_dbfs), _known(noise_dbfs))
        return self._judge(t_ns) if self._count % JUDGE_FRAMES == 0 else ()

    def _look(self, t_ns: int, probability: float, level_dbfs: float, noise_dbfs: float) -> None:
        """Keep a voiced moment, or learn what is behind voices."""
        if probability >= SPEECH and level_dbfs >= noise_dbfs + OVER_NOISE_DB:
            seen = self._frames.look()
            if seen.periodicity >= PERIODIC:
                self._moments.append(
                    _Moment(
                        t_ns,
                        _without(power(level_dbfs), power(noise_dbfs)),
                        _without(seen.low, self._behind.low),
                        _without(seen.high, self._behind.high),
                        12.0 * math.log2(seen.pitch_hz / 100.0),
                    )
                )
        elif probability < NO_SPEECH:
            seen, follow = self._frames.look(), LOOK_FRAMES * FRAME_NS / nanoseconds(NOISE_S)
            self._behind = VoiceFrame(
                self._behind.low + follow * (seen.low - self._behind.low),
                self._behind.high + follow * (seen.high - self._behind.high),
                0.0,
                0.0,
            )

    def _judge(self, t_ns: int) -> tuple[HeardEvent, ...]:
        while self._moments and t_ns - self._moments[0].t_ns > nanoseconds(WINDOW_S):
            self._moments.popleft()
        voice = self._voice(t_ns)
        self._likelihood = 0.0 if voice is None else self._likely(voice)
        if voice is not None:
            raised = self._likelihood >= self._rule.over_threshold
            self._usual.learn(voice, JUDGE_FRAMES * FRAME_NS / 1e9 * (RAISED_SHARE if raised else 1.0))
        return self._follow(t_ns, voice)

    def _voice(self, t_ns: int) -> Voice | None:
        moments = self._moments
        if len(moments) * LOOK_FRAMES * FRAME_NS < nanoseconds(ENOUGH_S):
            return None
        if t_ns - moments[-1].t_ns > nanoseconds(FRESH_S):
            return None
        rows = np.array([(m.power, m.low, m.high, m.pitch_st) for m in moments])
        level, low, high, _ = rows.mean(axis=0)
        if not (low > 0.0 and high > 0.0):
            return None
        return Voice(decibels(float(level)), 10.0 * math.log10(high / low), float(np.median(rows[:, 3])))

    def _likely(self, voice: Voice) -> float:
        """Likelihood that this is a raised voice: loud and with effort, each by itself."""
        usual = self._usual
        effort = effort_log_odds(voice.alpha_db - usual.alpha_db, voice.pitch_st - usual.pitch_st, usual.doubt_db)
        if usual.heard_s < self._rule.known_s:
            return _logistic(effort - self._rule.unknown_log_odds)
        if len(self._loud()) * LOOK_FRAMES * FRAME_NS < nanoseconds(LOUD_S):
            return 0.0
        loud = (voice.level_dbfs - usual.level_dbfs - LOUD_DB) / LOUD_SLOPE_DB
        return _logistic(effort) * _logistic(loud)

    def _follow(self, t_ns: int, voice: Voice | None) -> tuple[HeardEvent, ...]:
        episode = self._episode
        if episode is not None and self._over(episode, t_ns):
            episode = self._episode = None
        if voice is None or self._likelihood < self._rule.threshold:
            return ()
        if episode is None:
            episode = self._episode = _Episode(self._began_ns(), t_ns, t_ns)
        episode.take(t_ns, self._likelihood, voice.level_dbfs)
        if episode.told or t_ns - episode.since_ns < nanoseconds(self._rule.lasting_s):
            return ()
        episode.told = True
        return (self._event(episode, t_ns),)

    def _over(self, episode: _Episode, t_ns: int) -> bool:
        """What was told ends with lasting calm; what was not is forgotten as soon as it is no longer likely."""
        if episode.told:
            return t_ns - episode.last_ns > nanoseconds(self._rule.apart_s)
        return self._likelihood < self._rule.over_threshold

    def _began_ns(self) -> int:
        """The first moment of the window that was well over the usual level."""
        loud = self._loud()
        return (loud or self._moments)[0].t_ns

    def _loud(self) -> list[_Moment]:
        over = power(self._usual.level_dbfs + LOUD_DB / 2.0)
        return [moment for moment in self._moments if moment.power >= over]

    def _event(self, episode: _Episode, t_ns: int) -> HeardEvent:
        return HeardEvent(
            EventKind.RAISED_VOICE,
            episode.start_ns,
            max(episode.start_ns, t_ns + FRAME_NS),
            confidence=episode.likelihood / episode.judgements,
            level_dbfs=decibels(episode.power / episode.judgements),
        )


def effort_log_odds(alpha_over_db: float, pitch_over_st: float, doubt_db: float = 0.0) -> float:
    """Log-odds that a voice is loud or shouted, from its alpha ratio and pitch over what is usual.

    ``doubt_db`` is the standard deviation of the usual alpha ratio; it draws the odds towards even (MacKay 1992).
    """
    pitch_over_st = min(pitch_over_st, HIGHEST_RISE_ST)
    log_odds = weights.BIAS + weights.ALPHA_PER_DB * alpha_over_db + weights.PITCH_PER_ST * pitch_over_st
    return log_odds / math.sqrt(1.0 + math.pi / 8.0 * (weights.ALPHA_PER_DB * doubt_db) ** 2)


def _without(of_all: float, of_noise: float) -> float:
    return max(of_all - of_noise, LEFT * of_all)


def _bounded(difference: float) -> float:
    return min(max(difference, -WIDEST_DB), WIDEST_DB)


def _known(level_dbfs: float) -> float:
    return max(level_dbfs, LOWEST_DBFS) if math.isfinite(level_dbfs) else LOWEST_DBFS


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(log_odds, -50.0), 50.0)))
