"""A session as a film: each camera's depth on the left, the shop from above on the right, what was heard below.

::

    results (tracks, alerts) + frames -> Eye of each camera (grid, heads) -> depth views, floor view -> mp4 or pictures
    results (hearing, events) -----------------------------------------------> strips -------------'
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from edge.clock import seconds
from edge.depth.pipeline import Eye
from edge.errors import FrameError, SessionError
from edge.messages import DepthFrame, DepthObservation, GridSnapshot
from edge.recording.folder import Session
from edge.replay import canvas
from edge.replay.canvas import Picture
from edge.replay.depth_view import DepthView, Marked
from edge.replay.film import OTHER_FILMS, Film, PictureFolder, open_film
from edge.replay.floor_view import FloorView, bounds_of
from edge.replay.goods_view import HAND_US, MarkedGoods, MarkedHand, fresh_goods, hands_of
from edge.replay.hearing_strip import HearingStrip
from edge.replay.hearing_tables import read_hearing, read_sounds
from edge.replay.hearing_view import draw_hearing, told_of
from edge.replay.item_tables import ToldItem, read_told_items
from edge.replay.placing import placed_cameras
from edge.replay.replay import run
from edge.replay.results import ALERTS, EVENTS, HEARING, SOUNDS, TRACKS
from edge.replay.score import FrameClock
from edge.replay.tables import AlertEpisode, EventRow, HeadRow, read_alerts, read_events, read_tracks

WIDTH, HEIGHT = 1440, 810
HEADER, GAP, LOG_ROW = 64, 16, 24
LEFT_SHARE = 0.52
TRAIL_S = 4.0
MAP_INTERVAL_S = 0.05
"""The grid is drawn as often as it may be asked for."""
US = 1_000_000


def render(
    session: Session, out: Path, results: Path | None = None, on_frame: Callable[[], None] = lambda: None
) -> int:
    """Draw a session.

    Parameters
    ----------
    session
        An open session.
    out
        A file that ends in ``.mp4``, or a folder for PNG pictures.
    results
        The folder that a replay wrote; without it the session is replayed first.
    on_frame
        Told after each frame of any camera, or each picture of sound, for a progress bar.

    Returns
    -------
    int
        Number of pictures drawn.

    Raises
    ------
    EdgeError
        If the session cannot be played, the results cannot be read, or the film cannot be written.
    """
    if results is None:
        with tempfile.TemporaryDirectory(prefix="miseban-") as folder:
            run(session, Path(folder))
            return render(session, out, Path(folder), on_frame)
    if not session.cameras:
        return _render_sound(session, out, results, on_frame)
    scene = _Stage(session, Story.read(session, results), _strips(session, results))
    with open_film(out, WIDTH, scene.height, session.fps) as film:
        scene.play(film, on_frame)
    return film.pictures


def _render_sound(session: Session, out: Path, results: Path, on_picture: Callable[[], None]) -> int:
    """A session without cameras: pictures of what each microphone heard."""
    if out.suffix.lower() in (".mp4", *OTHER_FILMS):
        raise SessionError(str(out), "cannot be a film: sound is drawn as pictures", "Give a folder with --out.")
    hearing, sounds = read_hearing(results / HEARING), read_sounds(results / SOUNDS)
    events = read_events(results / EVENTS)
    pictures = PictureFolder(out)
    for track in session.microphones:
        draw_hearing(session, track, told_of(track, hearing, sounds, events), pictures, on_picture)
    return pictures.pictures


def _strips(session: Session, results: Path) -> tuple[HearingStrip, ...]:
    """One for each microphone."""
    if not session.microphones:
        return ()
    hearing, events = read_hearing(results / HEARING), read_events(results / EVENTS)
    return tuple(HearingStrip(one.id, told_of(one, hearing, (), events), WIDTH) for one in session.microphones)


@dataclass(slots=True)
class Story:
    """What a replay found, by frame time."""

    tracks: dict[int, list[HeadRow]]
    events: tuple[EventRow, ...]
    alerts: tuple[AlertEpisode, ...]
    goods: tuple[ToldItem, ...] = ()
    inks: dict[str, canvas.Colour] = field(default_factory=dict)

    @classmethod
    def read(cls, session: Session, results: Path) -> Story:
        """The results of a replay of a session."""
        tracks = FrameClock(session).snap(read_tracks(results / TRACKS))
        events, goods = read_events(results / EVENTS), read_told_items(results / EVENTS)
        story = cls(tracks, events, read_alerts(results / ALERTS), goods)
        for heads in tracks.values():
            for head in heads:
                story.inks.setdefault(head.id, canvas.PEOPLE[len(story.inks) % len(canvas.PEOPLE)])
        return story

    def active(self, t_us: int) -> list[AlertEpisode]:
        """Alerts that are open at a time, the gravest first."""
        order = {"red": 0, "yellow": 1, "white": 2}
        going = [a for a in self.alerts if a.t_open_us <= t_us and not (a.ended and a.t_last_us <= t_us)]
        return sorted(going, key=lambda a: (order.get(a.level, 3), a.t_open_us))

    def people(self, t_us: int) -> list[Marked]:
        """Everybody at a frame time."""
        levels = {alert.person: alert.level for alert in reversed(self.active(t_us)) if alert.person}
        return [Marked(h.id, h.x_m, h.y_m, h.z_m, self.inks[h.id], levels.get(h.id)) for h in self.tracks.get(t_us, [])]

    def counts(self, t_us: int) -> tuple[int, int]:
        """People who came in and who went out over the lines so far, or by entering and leaving where none is drawn."""
        so_far = [event for event in self.events if event.t_start_us <= t_us]
        crossed = [event.direction for event in so_far if event.kind == "cross"]
        if any(event.kind == "cross" for event in self.events):
            return crossed.count("in"), crossed.count("out")
        kinds = [event.kind for event in so_far]
        return kinds.count("enter"), kinds.count("exit")


class _Stage:
    """Everything that is needed to draw one picture after the other."""

    def __init__(self, session: Session, story: Story, strips: Sequence[HearingStrip]) -> None:
        self._session, self._story, self._strips = session, story, strips
        self.height = HEIGHT + sum(strip.height for strip in strips) // 2 * 2
        """Of each picture, pixels; films want an even one."""
        self._cameras = placed_cameras(session)
        settings = session.store.eye.model_copy(update={"map_interval_s": MAP_INTERVAL_S})
        volumes = session.store.watched()
        self._eyes = {c.id: Eye(c, settings, session.empty(c.id), volumes) for c in self._cameras}
        walked = np.array([(h.x_m, h.y_m) for heads in story.tracks.values() for h in heads]).reshape(-1, 2)
        self._left = round((WIDTH - 3 * GAP) * LEFT_SHARE)
        bounds = bounds_of(self._cameras, session.store, walked)
        self._floor = FloorView(
            bounds, self._cameras, session.store, WIDTH - 3 * GAP - self._left, HEIGHT - HEADER - GAP
        )
        self._paper = canvas.blank(WIDTH, self.height, canvas.PAPER)
        self._views: dict[str, DepthView] = {}
        self._frames: dict[str, DepthFrame] = {}
        self._seen: dict[str, DepthObservation] = {}
        self._grids: dict[str, GridSnapshot] = {}
        self._hands: dict[str, list[MarkedHand]] = {}
        self._ways: dict[str, list[tuple[int, float, float]]] = {}
        self._leader = max(session.cameras, key=lambda camera: len(session.timeline(camera.id))).id

    def play(self, film: Film, on_frame: Callable[[], None]) -> None:
        """One picture for each frame of the camera with the most frames."""
        for frame in self._session.frames():
            if isinstance(frame, DepthFrame):
                self._look(frame)
            if frame.camera == self._leader and self._frames:
                film.add(self._picture(frame.t_ns))
            on_frame()
        if not film.pictures:
            raise SessionError(str(self._session.path), "has no frame that can be drawn", "Record it again.")

    def _look(self, frame: DepthFrame) -> None:
        try:
            observation = self._eyes[frame.camera].step(frame)
        except FrameError:  # replay has told of it and counted it; the picture before stays
            return
        self._frames[frame.camera], self._seen[frame.camera] = frame, observation
        if observation.grid is not None:
            self._grids[frame.camera] = observation.grid
        if observation.hands:
            self._hands[frame.camera] = hands_of(observation, frame.t_ns // 1000)

    def _picture(self, t_ns: int) -> Picture:
        t_us = (t_ns + 500) // 1000
        people, goods = self._story.people(t_us), fresh_goods(self._story.goods, t_us)
        picture = self._paper.copy()
        self._header(picture, t_ns, t_us, len(people))
        self._log(picture, t_us, self._depths(picture, t_us, people, goods))
        floor = self._floor.draw(list(self._grids.values()), people, self._trails(t_us, people), goods)
        picture[HEADER : HEADER + floor.shape[0], 2 * GAP + self._left : WIDTH - GAP] = floor
        top = HEIGHT
        for strip in self._strips:
            strip.draw(picture, top, t_us)
            top += strip.height
        return picture

    def _trails(self, t_us: int, people: list[Marked]) -> list[tuple[Marked, list[tuple[float, float]]]]:
        for person in people:
            self._ways.setdefault(person.id, []).append((t_us, person.x_m, person.y_m))
        trails = []
        for person in people:
            recent = [at for at in self._ways[person.id] if at[0] >= t_us - TRAIL_S * US]
            self._ways[person.id] = recent
            trails.append((person, [(x, y) for _, x, y in recent]))
        return trails

    def _depths(self, picture: Picture, t_us: int, people: list[Marked], goods: list[MarkedGoods]) -> int:
        """The cameras below each other, or in two columns when there are more than two; returns where they end."""
        columns = 1 if len(self._cameras) <= 2 else 2
        rows = -(-len(self._cameras) // columns)
        box_w = (self._left - (columns - 1) * GAP) // columns
        box_h = (HEIGHT - HEADER - GAP - (rows - 1) * GAP) // rows
        bottom = HEADER
        x, y = GAP, HEADER
        for number, camera in enumerate(self._cameras, 1):
            frame = self._frames.get(camera.id)
            if frame is not None:
                drawn = self._view(camera.id, frame, box_w, box_h).draw(
                    frame.depth,
                    self._seen[camera.id].heads,
                    people,
                    self._grids.get(camera.id),
                    goods,
                    [hand for hand in self._hands.get(camera.id, ()) if t_us - hand.t_us < HAND_US],
                )
                picture[y : y + drawn.shape[0], x : x + drawn.shape[1]] = drawn
                canvas.text(picture, camera.id, (x + 10, y + 22), 14, canvas.WHITE, halo=canvas.INK)
                bottom = max(bottom, y + drawn.shape[0])
            x += box_w + GAP
            if number % columns == 0:
                x, y = GAP, bottom + GAP
        return bottom

    def _log(self, picture: Picture, t_us: int, top: int) -> None:
        """The newest events, where room is left under the pictures."""
        so_far = (event for event in self._story.events if event.t_start_us <= t_us)
        happened = sorted(so_far, key=lambda event: event.t_start_us)
        room = (HEIGHT - GAP - top - 12) // LOG_ROW
        y = top + 12
        for event in reversed(happened[-room:] if room > 0 else []):
            y += LOG_ROW
            fresh = t_us - event.t_start_us < 2 * US
            ink = canvas.INK if fresh else canvas.MUTED
            since_s = event.t_start_us / US - seconds(self._session.start_ns)
            x = canvas.text(picture, f"{since_s:6.2f} s", (GAP, y), 15, canvas.MUTED)
            litres = None if event.volume_l is None else f"{event.volume_l:.1f} l"
            parts = (event.kind.replace("_", " "), event.line, event.direction, litres and event.shelf, litres)
            words = " ".join(part for part in parts if part)
            x = canvas.text(picture, words, (GAP + 84, y), 15, ink, canvas.SEMIBOLD if fresh else canvas.REGULAR)
            if event.person in self._story.inks:
                canvas.text(picture, event.person[:4], (x + 12, y), 15, self._story.inks[event.person], canvas.SEMIBOLD)

    def _view(self, camera: str, frame: DepthFrame, box_w: int, box_h: int) -> DepthView:
        if camera not in self._views:
            model = next(c for c in self._cameras if c.id == camera)
            lens = model.intrinsics
            width = min(box_w, int(box_h * lens.width / lens.height))
            empty = self._session.empty(camera)
            self._views[camera] = DepthView(model, frame.depth if empty is None else empty, width)
        return self._views[camera]

    def _header(self, picture: Picture, t_ns: int, t_us: int, present: int) -> None:
        came, left = self._story.counts(t_us)
        since_s = seconds(t_ns - self._session.start_ns)
        x = canvas.text(picture, self._session.name, (GAP, 40), 22, canvas.INK, canvas.SEMIBOLD) + 24
        x = canvas.text(picture, f"{since_s:6.2f} s", (x, 40), 20, canvas.MUTED) + 28
        for words, number in (("here", present), ("in", came), ("out", left)):
            x = canvas.text(picture, str(number), (x, 40), 22, canvas.INK, canvas.SEMIBOLD) + 6
            x = canvas.text(picture, words, (x, 40), 16, canvas.MUTED) + 20
        for alert in self._story.active(t_us)[:3]:
            words, ink = alert.kind.replace("_", " "), canvas.LEVELS.get(alert.level, canvas.MUTED)
            width = canvas.text_width(words, 16, canvas.SEMIBOLD) + 28
            if x + width > WIDTH - GAP:
                break
            _pill(picture, x, 18, width, 30, ink)
            canvas.text(picture, words, (x + 14, 39), 16, canvas.WHITE, canvas.SEMIBOLD)
            x += width + 10


def _pill(picture: Picture, x: int, y: int, width: int, height: int, fill: canvas.Colour) -> None:
    radius = height / 2
    canvas.disc(picture, (x + radius, y + radius), radius, fill)
    canvas.disc(picture, (x + width - radius, y + radius), radius, fill)
    cv2.rectangle(picture, (round(x + radius), y), (round(x + width - radius), y + height), fill, -1)
