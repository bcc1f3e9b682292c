from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.messages import DepthPair
from edge.recording import pictures
from edge.recording.pictures import GAP_PX, PictureFolder, picture_png

NOW_NS = 1_800_000_000_000_000_000


def pair(name: str = "taken", gone_mm: int = 200, shape: tuple[int, int] = (20, 30)) -> DepthPair:
    """A board 1.5 m away; a thing before it is gone afterwards."""
    before, after = np.full(shape, 1500, np.uint16), np.full(shape, 1500, np.uint16)
    before[5:15, 5:15] -= gone_mm
    return DepthPair(name, before, after)


def halves(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    width = (image.shape[1] - GAP_PX) // 2
    return image[:, :width].astype(int), image[:, -width:].astype(int)


def light(half: np.ndarray, row: int, column: int, times: int = 5) -> int:
    return int(half[row * times + 2, column * times + 2].sum())


def test_what_is_gone_stands_out_and_the_rest_looks_the_same() -> None:
    before, after = halves(picture_png(pair()))
    assert before.shape == after.shape == (100, 150, 3)
    assert light(before, 10, 10) > light(after, 10, 10) + 150, "near is lighter"
    assert light(before, 2, 25) == light(after, 2, 25), "one scale for both"


def test_no_return_is_dark_and_noise_is_not_blown_up() -> None:
    noisy = pair(gone_mm=8)
    noisy.before[0, 0] = 0
    before, after = halves(picture_png(noisy))
    assert light(before, 0, 0) < 120 < light(before, 1, 1)
    assert np.abs(before[10:] - after[10:]).max() < 40, "8 mm are no colour's difference"


@pytest.mark.parametrize("shape", [(1, 1), (1, 128), (128, 128), (128, 3)])
@pytest.mark.parametrize("depth", [0, 1, 65_535])
def test_any_patch_can_be_drawn(shape: tuple[int, int], depth: int) -> None:
    same = np.full(shape, depth, np.uint16)
    before, after = halves(picture_png(DepthPair("x", same, same)))
    assert (before == after).all()
    assert max(before.shape) >= 100


def test_the_same_pair_gives_the_same_bytes() -> None:
    assert picture_png(pair()) == picture_png(pair())


def test_a_picture_is_kept_for_its_user_alone(tmp_path: Path) -> None:
    folder = PictureFolder(tmp_path / "pictures")
    assert folder.keep(pair())
    assert (tmp_path / "pictures/taken.png").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "pictures").stat().st_mode & 0o777 == 0o700
    assert folder.read("taken") == picture_png(pair())
    assert [file.name for file in (tmp_path / "pictures").iterdir()] == ["taken.png"], "nothing half written stays"


@pytest.mark.parametrize("name", ["../taken", "", "a/b", "taken.png", "x" * 65, ".taken", "a\0b", "%2e%2e"])
def test_only_names_of_ours_are_files(tmp_path: Path, name: str) -> None:
    (tmp_path / "taken.png").write_bytes(b"outside")
    folder = PictureFolder(tmp_path / "pictures")
    assert not folder.keep(pair(name))
    assert folder.read(name) is None
    assert not (tmp_path / "pictures").exists()


def test_the_newest_are_kept_also_over_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PICTURES", 3)
    folder = PictureFolder(tmp_path)
    for number in range(4):
        folder.keep(pair(f"p{number}"))
        os.utime(tmp_path / f"p{number}.png", ns=(NOW_NS + number, NOW_NS + number))
    assert folder.read("p0") is None
    again = PictureFolder(tmp_path)
    again.keep(pair("p4"))
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["p2", "p3", "p4"]


def test_what_is_older_than_three_days_goes(tmp_path: Path) -> None:
    folder = PictureFolder(tmp_path)
    three_days_ns = 72 * 3600 * 10**9
    for name, age_ns in (("old", three_days_ns + 10**6), ("young", three_days_ns - 10**9), ("away", 0)):
        folder.keep(pair(name))
        os.utime(tmp_path / f"{name}.png", ns=(NOW_NS - age_ns, NOW_NS - age_ns))
    (tmp_path / "away.png").unlink()
    folder.prune(NOW_NS)
    assert [file.stem for file in tmp_path.iterdir()] == ["young"]
    assert folder.failed == 0


def test_what_is_spared_stays_however_old_and_however_many_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MAX_PICTURES", 3)
    folder = PictureFolder(tmp_path)
    folder.keep(pair("kept"))
    os.utime(tmp_path / "kept.png", ns=(0, 0))
    folder.spare(frozenset({"kept", "never-there"}))
    for number in range(9):
        folder.keep(pair(f"p{number}"))
    folder.prune(NOW_NS, keep_h=1.0)
    assert folder.read("kept") is not None
    assert len(list(tmp_path.iterdir())) <= 5
    folder.spare(frozenset())
    folder.prune(NOW_NS, keep_h=1.0)
    assert folder.read("kept") is None


def test_the_last_room_on_a_disk_is_not_for_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LEAST_FREE_BYTES", 2**60)
    folder = PictureFolder(tmp_path)
    assert not folder.keep(pair("a"))
    assert not list(tmp_path.iterdir())


def test_a_run_that_was_killed_leaves_no_half_pictures(tmp_path: Path) -> None:
    (tmp_path / ".taken.part").write_bytes(b"\x89PNG")
    PictureFolder(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fails_is_counted_and_raises_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "pictures"
    blocked.write_text("a file where the folder should be")
    folder = PictureFolder(blocked)
    assert not folder.keep(pair("a"))
    assert not folder.keep(pair("b"))
    folder.prune(NOW_NS)
    assert folder.read("a") is None
    assert folder.failed == 2
    blocked.unlink()
    assert folder.keep(pair("a")), "it is tried anew each time"
