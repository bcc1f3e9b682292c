from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import SessionError
from edge.geometry import Cell, Intrinsics, Pose
from edge.messages import CameraModel, DepthObservation, GridSnapshot, Hand, Head
from edge.recording import open_session
from edge.replay import canvas
from edge.replay.depth_view import DepthView, Marked
from edge.replay.film import open_film
from edge.replay.floor_view import Bounds, FloorView, bounds_of
from edge.replay.goods_view import fresh_goods, hands_of
from edge.replay.item_tables import ToldItem
from edge.replay.render import HEIGHT, WIDTH, Story, render
from edge.replay.replay import run
from edge.settings import StoreSettings

INK = canvas.colour("#b03a5e")


@pytest.fixture(scope="module")
def walk(write_walk: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty frames at 6.67 a second."""
    return write_walk(tmp_path_factory.mktemp("render") / "walk", step=3)


def has(picture: np.ndarray, ink: canvas.Colour) -> np.ndarray:
    return np.abs(picture.astype(int) - ink).max(axis=2) <= 2


def centre(where: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(where)
    return float(columns.mean()), float(rows.mean())


def test_a_session_becomes_a_video_that_can_be_read_back(walk: Path, tmp_path: Path) -> None:
    session = open_session(walk)
    seen: list[None] = []
    pictures = render(session, tmp_path / "films/walk.mp4", on_frame=lambda: seen.append(None))
    assert pictures == len(seen) == session.frame_count
    video = cv2.VideoCapture(str(tmp_path / "films/walk.mp4"))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(session.fps, abs=0.01)
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    assert len(frames) == session.frame_count
    assert frames[0].shape == (HEIGHT, WIDTH, 3)
    assert np.abs(frames[8].astype(int) - frames[0]).max() > 60  # somebody has come


def test_a_session_becomes_pictures_from_results_that_are_there(walk: Path, tmp_path: Path) -> None:
    session = open_session(walk)
    run(session, tmp_path / "results")
    story = Story.read(session, tmp_path / "results")
    [ink] = story.inks.values()
    assert render(session, tmp_path / "frames", tmp_path / "results") == session.frame_count
    assert len(list((tmp_path / "frames").glob("*.png"))) == session.frame_count
    floor = WIDTH // 2 + 30
    xs = []
    for frame in (5, 10, 15):
        picture = cv2.imread(str(tmp_path / f"frames/{frame:06d}.png"))
        assert picture is not None
        disc = cv2.erode(has(picture[64:, floor:], ink).astype(np.uint8), np.ones((7, 7), np.uint8))  # no thin lines
        xs.append(centre(disc > 0)[0])
    assert xs[0] + 20 < xs[1] < xs[2] - 20  # the person walks to the right on the map


def test_two_cameras_are_drawn(write_walk: Callable[..., Path], tmp_path: Path) -> None:
    session = open_session(write_walk(tmp_path / "s", cameras=2, step=6))
    assert render(session, tmp_path / "frames") == session.frame_count // 2


def test_alerts_mark_the_person_and_counts_grow(walk: Path, tmp_path: Path) -> None:
    session = open_session(walk)
    run(session, tmp_path)
    story = Story.read(session, tmp_path)
    assert story.active(0) == []
    assert [alert.kind for alert in story.active(2_100_000)] == ["intrusion"]
    assert [person.level for person in story.people(2_100_000)] == ["red"]
    assert story.counts(0) == (0, 0)
    assert story.counts(3_000_000) == (1, 0)


def test_a_head_is_ringed_where_the_camera_sees_it() -> None:
    lens = Intrinsics(100, 80, 60.0, 60.0, 49.5, 39.5)
    camera = CameraModel("cam0", lens, 0.001, Pose.looking(0.0, 0.0, 3.0, 0.0, 90.0))
    depth = np.full((80, 100), 3000, np.uint16)
    picture = DepthView(camera, depth, 400).draw(depth, [], [Marked("abcd1234", 0.5, -0.25, 1.5, INK, None)], None)
    assert picture.shape == (320, 400, 3)
    ring = has(picture, INK)
    ring[:178] = False  # the name above it
    u, v = 4 * (49.5 + 0.5 + 20), 4 * (39.5 + 0.5 + 10)
    assert centre(ring) == pytest.approx((u, v), abs=6)


DOWN = CameraModel("cam0", Intrinsics(100, 80, 60.0, 60.0, 49.5, 39.5), 0.001, Pose.looking(0.0, 0.0, 3.0, 0.0, 90.0))
PLAIN = np.full((80, 100), 3000, np.uint16)


def told(kind: str, **more: object) -> ToldItem:
    fields = {"t_start_us": 0, "t_end_us": 5_000_000, "kind": kind, "person": None, "x_m": 0.5, "y_m": -0.25}
    fields |= {"z_m": 1.5, "shelf": "A", "level": 2, "volume_l": 1.24, "count": None, "size_m": (0.4, 0.2, 0.0)}
    return ToldItem(**fields | more)  # type: ignore[arg-type]


def test_goods_are_shown_for_a_while_after_they_were_told() -> None:
    story = [told("item_taken"), told("item_put", t_end_us=9_000_000, level=None, volume_l=None)]
    assert fresh_goods(story, 4_999_999) == []
    [taken] = fresh_goods(story, 7_999_999)
    assert (taken.words, taken.ink) == ("- 1.2 l level 2", canvas.TAKEN)
    assert fresh_goods(story, 8_000_000) == []
    [put] = fresh_goods(story, 9_000_000)
    assert (put.words, put.ink) == ("+", canvas.PUT)


def test_goods_are_framed_where_the_camera_sees_them_and_dotted_on_the_map() -> None:
    goods = fresh_goods([told("item_taken")], 5_000_000)
    frame = has(DepthView(DOWN, PLAIN, 400).draw(PLAIN, [], [], None, goods), canvas.TAKEN)
    rows, columns = np.nonzero(frame[182:])  # the words stand above it
    u, v = 4 * (49.5 + 0.5 + 20), 4 * (39.5 + 0.5 + 10)
    assert (columns.min(), columns.max()) == pytest.approx((u - 32, u + 32), abs=2)  # 0.4 m are 64 pixels
    assert (rows.min() + 182, rows.max() + 182) == pytest.approx((v - 16, v + 16), abs=2)
    assert frame[:180].any()

    view = FloorView(Bounds(0.0, -1.0, 1.0, 0.0), [], StoreSettings(), 424, 440)
    dot = has(view.draw([], [], [], goods), canvas.TAKEN)
    assert centre(dot) == pytest.approx((12 + 200, 12 + 100), abs=1.5)


@pytest.mark.parametrize("place", [(0.0, 0.0, 3.5), (9.0, 0.0, 1.5)], ids=["behind the camera", "beside the picture"])
def test_goods_that_the_camera_cannot_see_are_not_drawn(place: tuple[float, float, float]) -> None:
    x, y, z = place
    goods = fresh_goods([told("item_put", x_m=x, y_m=y, z_m=z)], 5_000_000)
    plain, drawn = (DepthView(DOWN, PLAIN, 400).draw(PLAIN, [], [], None, shown) for shown in ([], goods))
    assert (plain == drawn).all()


def test_a_hand_is_ringed_and_tied_to_its_head() -> None:
    head = Head(0.0, 0.0, 1.5, 0.02, 0.9, at_border=False)
    hands = (Hand("shelf/A", 0.5, 0.0, 1.5, 0, 0.9), Hand("shelf/A", -0.5, 0.0, 1.5, None, 0.5))
    seen = DepthObservation("cam0", 0, (head,), 1.0, 0.1, hands=hands)
    tied, loose = hands_of(seen, 0)
    assert (tied.head, loose.head) == ((0.0, 0.0, 1.5), None)
    picture = DepthView(DOWN, PLAIN, 400).draw(PLAIN, [], [], None, hands=[tied, loose])
    pale = (picture.min(axis=2) > 180).any(axis=0)  # lines and rings have a pale border
    assert pale[205:275].all(), "the line from the head to the hand at its right"
    assert not pale[135:195].any(), "no line to the one that is nobody's"
    assert pale[112:128].any(), "but its ring is there"


def test_the_map_shows_what_was_seen_what_stands_and_what_moves() -> None:
    log_odds = np.zeros((5, 5, 8), np.float32)
    log_odds[1:4, 1:4, 0] = 2.0  # floor
    log_odds[1, 1, :5] = 2.0  # a metre high
    moving = np.zeros((5, 5), np.float32)
    moving[3, 3] = 1.7
    view = FloorView(Bounds(0.0, 0.0, 1.0, 1.0), [], StoreSettings(), 424, 440)
    picture = view.draw([GridSnapshot(Cell(0, 0, 0), log_odds, moving)], [], [])

    def at(ix: int, iy: int) -> tuple[int, ...]:
        cell = 400 / 5
        return tuple(int(c) for c in picture[round(428 - (iy + 0.5) * cell), round(12 + (ix + 0.5) * cell)])

    assert at(0, 0) == canvas.PANEL  # never seen
    assert at(2, 2) == canvas.FLOOR
    assert at(1, 1) == canvas.THINGS[1]
    assert at(3, 3) == canvas.MOVING


def test_the_map_holds_all_that_was_drawn_and_walked() -> None:
    store = StoreSettings.model_validate({"zone": [{"id": "z", "kind": "aisle", "polygon": [[5, 0], [7, 0], [7, 2]]}]})
    bounds = bounds_of([], store, np.array([[-3.0, 1.0]]))
    assert (bounds.x0, bounds.x1) == pytest.approx((-3.4, 7.4))


def test_names_in_japanese_are_drawn() -> None:
    picture = canvas.blank(120, 40, canvas.PAPER)
    width = canvas.text(picture, "レジ", (5, 30), 22, canvas.INK)
    other = canvas.blank(120, 40, canvas.PAPER)
    canvas.text(other, "??", (5, 30), 22, canvas.INK)
    assert 30 < width < 70
    assert (picture != other).any()


def test_a_film_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("file/film.mp4", "file/frames"):
        with pytest.raises(SessionError, match="cannot be"), open_film(tmp_path / name, 64, 48, 10.0):
            pass


def test_a_video_that_was_cut_off_is_noticed(tmp_path: Path) -> None:
    def write_and_cut() -> None:
        with open_film(tmp_path / "film.mp4", 64, 48, 10.0) as film:
            for number in range(10):
                film.add(canvas.blank(64, 48, (number * 20, 0, 0)))
            film.pictures += 1  # one that never reached the disk

    with pytest.raises(SessionError, match="holds 10 of 11 pictures"):
        write_and_cut()
