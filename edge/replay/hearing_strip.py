"""What each microphone heard lately, as a strip under the picture of a film: now is at its right end.

From top to bottom: the level over what is always there, how likely it is speech, and the events, a line for each kind.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from edge.replay import canvas
from edge.replay.hearing_tables import HearingRow
from edge.replay.hearing_view import HIGHEST_DBFS, INKS, LOWEST_DBFS, US, Told

SPAN_S = 20.0
"""So much of the past is shown."""
LEFT, GAP = 170, 16
LEVEL_H, SPEECH_H, ROW_H, SPACE = 52, 34, 19, 4


class HearingStrip:
    """The strip of one microphone.

    Parameters
    ----------
    microphone
        Its id.
    told
        All that a replay told of it.
    width
        Of the picture, pixels.
    """

    def __init__(self, microphone: str, told: Told, width: int) -> None:
        self._microphone = microphone
        self._times = [row.t_us for row in told.hearing]
        self._hearing = told.hearing
        self._events = told.events
        self._kinds = sorted({event.kind for event in told.events})
        self._right = width - GAP
        self.height = LEVEL_H + SPACE + SPEECH_H + SPACE + len(self._kinds) * ROW_H + GAP
        """Pixels."""

    def draw(self, picture: canvas.Picture, top: int, t_us: int) -> None:
        """Draw it as it is at a time, from ``top`` down."""
        rows = self._rows(t_us)
        canvas.text(picture, self._microphone, (GAP, top + 17), 15, canvas.INK, canvas.SEMIBOLD)
        if rows:
            canvas.text(picture, f"{rows[-1].level_dbfs:.0f} dBFS", (GAP, top + 38), 14, canvas.MUTED)
        self._panel(picture, top, LEVEL_H)
        for dbfs in (-70, -50, -30):
            y = _level_y(dbfs, top)
            canvas.lines(picture, [(LEFT, y), (self._right, y)], canvas.GRID)
        levels = [(self._x(row.t_us, t_us), _level_y(row.level_dbfs, top)) for row in rows]
        canvas.lines(picture, levels, canvas.CAMERA)
        canvas.lines(picture, [(self._x(r.t_us, t_us), _level_y(r.noise_dbfs, top)) for r in rows], canvas.LINE, 2)
        top += LEVEL_H + SPACE
        self._panel(picture, top, SPEECH_H)
        canvas.text(picture, "speech", (GAP, top + 22), 14, canvas.MUTED)
        if len(rows) > 1:
            curve = [(self._x(row.t_us, t_us), top + SPEECH_H * (1 - row.speech_probability)) for row in rows]
            foot = top + SPEECH_H
            canvas.polygon(picture, [(curve[0][0], foot), *curve, (curve[-1][0], foot)], INKS["speech"], 0.35)
            canvas.lines(picture, curve, INKS["speech"])
        self._told(picture, top + SPEECH_H + SPACE, t_us)

    def _rows(self, t_us: int) -> Sequence[HearingRow]:
        first = bisect_left(self._times, t_us - round(SPAN_S * US))
        return self._hearing[first : bisect_right(self._times, t_us)]

    def _told(self, picture: canvas.Picture, top: int, t_us: int) -> None:
        for number, kind in enumerate(self._kinds):
            y, ink = top + number * ROW_H, INKS.get(kind, canvas.INK)
            canvas.text(picture, kind.replace("_", " "), (GAP, y + 14), 14, canvas.MUTED)
            canvas.lines(picture, [(LEFT, y + 9), (self._right, y + 9)], canvas.PANEL)
            for event in self._events:
                over = min(event.t_end_us, t_us) < t_us - SPAN_S * US
                if event.kind != kind or event.t_start_us > t_us or over:
                    continue
                a = self._x(event.t_start_us, t_us)
                b = max(self._x(min(event.t_end_us, t_us), t_us), a + 4)
                canvas.polygon(picture, [(a, y + 3), (b, y + 3), (b, y + 15), (a, y + 15)], ink)

    def _x(self, at_us: int, now_us: int) -> float:
        share = 1.0 - (now_us - at_us) / (SPAN_S * US)
        return LEFT + max(share, 0.0) * (self._right - LEFT)

    def _panel(self, picture: canvas.Picture, top: int, height: int) -> None:
        picture[top : top + height, LEFT : self._right] = canvas.FLOOR


def _level_y(dbfs: float, top: int) -> float:
    share = (dbfs - LOWEST_DBFS) / (HIGHEST_DBFS - LOWEST_DBFS)
    return top + LEVEL_H * (1 - min(max(share, 0.0), 1.0))
