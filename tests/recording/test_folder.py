from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import EdgeError, SessionError, SettingsErrors
from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, DepthFrame
from edge.recording import Session, SessionWriter, SkippedFrame, open_session
from edge.recording.png import encode_depth_png

LENS = Intrinsics(24, 16, 20.0, 20.0, 11.5, 7.5)
STORE = '[store]\nname = "角"\n[[line]]\nid = "door"\nfrom = [0, 0]\nto = [1, 0]\nin_direction = [0, 1]\n'


def camera(name: str) -> CameraModel:
    return CameraModel(name, LENS, 0.001, Pose.looking(0.0, 0.0, 2.5, 0.0, 60.0), "made up")


def depth(value: int) -> np.ndarray:
    image = np.arange(16 * 24, dtype=np.uint16).reshape(16, 24)
    return (image + np.uint16(value)).astype(np.uint16)


def write(path: Path, times_ns: dict[str, list[int]] | None = None) -> Path:
    """A small session: camera a at 10 frames a second, camera b in between and once at the same time."""
    times_ns = times_ns or {"a": [0, 100_000_000, 200_000_000], "b": [50_000_000, 200_000_000]}
    models = [camera(name) for name in times_ns]
    with SessionWriter(path, name="small", description="", licence="CC0", fps=10.0, cameras=models) as writer:
        for name, times in times_ns.items():
            for number, t_ns in enumerate(times):
                writer.write_frame(DepthFrame(name, t_ns, depth(number)))
        writer.write_empty("a", depth(500))
        writer.write_store(STORE)
        writer.write_truth("heads.csv", ("t", "id", "x", "y", "z", "visible"), [("0.000000", "p1", 0.1, 0.2, 1.7, 1.0)])
    return path


def change(session: Path, edit: dict[str, Any], camera_index: int | None = None) -> None:
    manifest = json.loads((session / "session.json").read_text())
    (manifest if camera_index is None else manifest["cameras"][camera_index]).update(edit)
    (session / "session.json").write_text(json.dumps(manifest))


def skipped(session: Session) -> list[SkippedFrame]:
    return [frame for frame in session.frames() if isinstance(frame, SkippedFrame)]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    session = open_session(write(tmp_path / "s"))
    frames = list(session.frames())
    assert [(f.camera, f.t_ns) for f in frames] == [
        ("a", 0), ("b", 50_000_000), ("a", 100_000_000), ("a", 200_000_000), ("b", 200_000_000),
    ]  # fmt: skip
    assert all(isinstance(f, DepthFrame) for f in frames)
    last = frames[-1]
    assert isinstance(last, DepthFrame)
    assert (last.depth == depth(1)).all()
    assert session.cameras == (camera("a"), camera("b"))
    empty = session.empty("a")
    assert empty is not None
    assert (empty == depth(500)).all()
    assert session.empty("b") is None
    assert session.store.line[0].id == "door"
    assert (session.frame_count, session.fps, session.real, session.labelled_frames) == (5, 10.0, False, None)
    assert session.duration_s == pytest.approx(0.3)
    assert (tmp_path / "s/truth/heads.csv").read_text() == "t,id,x,y,z,visible\n0.000000,p1,0.1,0.2,1.7,1.0\n"


def test_any_epoch_is_kept_to_the_microsecond(tmp_path: Path) -> None:
    t_ns = 1_305_031_102_175_304_000
    session = open_session(write(tmp_path / "s", {"a": [t_ns, t_ns + 1000]}))
    assert [f.t_ns for f in session.frames()] == [t_ns, t_ns + 1000]


def test_a_lens_with_distortion_survives(tmp_path: Path) -> None:
    bent = CameraModel("a", Intrinsics(24, 16, 20.0, 20.0, 11.5, 7.5, (0.1, -0.2, 0.0, 0.0)), 0.00025)
    with SessionWriter(tmp_path / "s", name="s", description="", licence="", fps=5, cameras=[bent]) as writer:
        writer.write_frame(DepthFrame("a", 0, depth(0)))
    assert open_session(tmp_path / "s").cameras == (bent,)


def test_a_recording_that_is_cut_off_can_be_read(tmp_path: Path) -> None:
    writer = SessionWriter(tmp_path / "s", name="s", description="", licence="", fps=5, cameras=[camera("a")])
    writer.write_frame(DepthFrame("a", 0, depth(0)))
    assert open_session(tmp_path / "s").frame_count == 1  # before close()
    writer.close()
    with (tmp_path / "s/a/depth.txt").open("a") as file:
        file.write("0.2 depth/00000")  # torn in the middle of a name
    session = open_session(tmp_path / "s")
    assert len(skipped(session)) == 1
    assert session.frame_count == 2


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (DepthFrame("c", 10**9, depth(0)), "no camera 'c'"),
        (DepthFrame("a", 10**9, depth(0)[:, :-1]), "uint16"),
        (DepthFrame("a", 0, depth(0)), "does not come after"),
        (DepthFrame("a", 400, depth(0)), "does not come after"),  # the same microsecond
    ],
)
def test_the_writer_refuses_what_could_not_be_read(tmp_path: Path, frame: DepthFrame, says: str) -> None:
    with SessionWriter(tmp_path / "s", name="s", description="", licence="", fps=5, cameras=[camera("a")]) as writer:
        writer.write_frame(DepthFrame("a", 0, depth(0)))
        with pytest.raises(SessionError, match=says):
            writer.write_frame(frame)


def test_the_writer_does_not_write_over_anything(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(SessionError, match="not empty"):
        SessionWriter(tmp_path, name="s", description="", licence="", fps=5, cameras=[camera("a")])


def break_nothing_there(session: Path) -> None:
    shutil.rmtree(session)


def break_no_manifest(session: Path) -> None:
    (session / "session.json").unlink()


def break_torn_manifest(session: Path) -> None:
    text = (session / "session.json").read_text()
    (session / "session.json").write_text(text[: len(text) // 2])


def break_deep_manifest(session: Path) -> None:
    (session / "session.json").write_text("[" * 100_000)


def break_huge_number(session: Path) -> None:
    (session / "session.json").write_text('{"name": "x", "fps": ' + "9" * 5000 + "}")


def break_no_sensors(session: Path) -> None:
    change(session, {"cameras": [], "microphones": []})


def break_no_sound(session: Path) -> None:
    change(session, {"microphones": [{"id": "mic", "t0": 0.0}]})


def break_impossible_start(session: Path) -> None:
    change(session, {"microphones": [{"id": "mic", "t0": -1.0}]})


def break_no_camera_folder(session: Path) -> None:
    shutil.rmtree(session / "b")


def break_no_timeline(session: Path) -> None:
    (session / "b/depth.txt").unlink()


def break_time_goes_back(session: Path) -> None:
    (session / "a/depth.txt").write_text("0.1 depth/000000.png\n0.05 depth/000001.png\n")


def break_time_stands_still(session: Path) -> None:
    (session / "a/depth.txt").write_text("0.1 depth/000000.png\n0.1 depth/000001.png\n")


def break_not_a_time(session: Path) -> None:
    (session / "a/depth.txt").write_text("nan depth/000000.png\n")


def break_no_file_name(session: Path) -> None:
    (session / "a/depth.txt").write_text("0.1\n")


def break_path_leads_out(session: Path) -> None:
    (session / "a/depth.txt").write_text("0.1 ../../secret.png\n")


def break_absolute_path(session: Path) -> None:
    (session / "a/depth.txt").write_text("0.1 /etc/passwd\n")


def break_timeline_is_a_link(session: Path) -> None:
    (session / "a/depth.txt").unlink()
    (session / "a/depth.txt").symlink_to("/etc/passwd")


def break_no_frames(session: Path) -> None:
    for name in "ab":
        (session / name / "depth.txt").write_text("# nothing yet\n")


def break_store_is_a_link(session: Path) -> None:
    (session / "store.toml").unlink()
    (session / "store.toml").symlink_to("/etc/passwd")


def break_other_format(session: Path) -> None:
    change(session, {"format": "session-folder/2"})


def break_same_camera_twice(session: Path) -> None:
    change(session, {"id": "a"}, 1)


def break_camera_id_leads_out(session: Path) -> None:
    change(session, {"id": "../a"}, 1)


def break_no_rotation(session: Path) -> None:
    change(session, {"T_store_camera": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, 2.5], [0, 0, 0, 1]]}, 0)


def break_under_the_floor(session: Path) -> None:
    change(session, {"T_store_camera": [[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, -0.5], [0, 0, 0, 1]]}, 0)


def break_in_the_sky(session: Path) -> None:
    change(session, {"T_store_camera": [[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, 20.5], [0, 0, 0, 1]]}, 0)


def break_no_focal_length(session: Path) -> None:
    change(session, {"fx": 0.0}, 0)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (break_nothing_there, "does not exist"),
        (break_no_manifest, r"session\.json: cannot be read"),
        (break_torn_manifest, "is torn or not JSON"),
        (break_deep_manifest, "is torn or not JSON"),
        (break_huge_number, "impossible number"),
        (break_no_sensors, "has no sensors at all"),
        (break_no_sound, r"has no audio\.wav, but session\.json names a microphone 'mic'"),
        (break_impossible_start, r"microphones\[0\]\.t0"),
        (break_no_camera_folder, "names a camera 'b'"),
        (break_no_timeline, r"depth\.txt: cannot be read"),
        (break_time_goes_back, r"depth\.txt line 2: time goes back"),
        (break_time_stands_still, "time goes back or stands still"),
        (break_not_a_time, "'nan' is not a time"),
        (break_no_file_name, "has no file name"),
        (break_path_leads_out, "leads out of the session"),
        (break_absolute_path, "leads out of the session"),
        (break_timeline_is_a_link, "leads out of the session"),
        (break_no_frames, "has no frames"),
        (break_store_is_a_link, "leads out of the session"),
        (break_other_format, "format: input should be 'session-folder/1'"),
        (break_same_camera_twice, "id 'a' is used twice"),
        (break_camera_id_leads_out, r"cameras\[1\]\.id"),
        (break_no_rotation, "must be a rotation"),
        (break_under_the_floor, "under the floor"),
        (break_in_the_sky, "above 20 m"),
        (break_no_focal_length, r"cameras\[0\]\.fx"),
    ],
)
def test_a_broken_session_is_one_line_with_file_fault_and_remedy(tmp_path: Path, damage: Any, says: str) -> None:
    session = write(tmp_path / "s")
    damage(session)
    with pytest.raises(SessionError, match=says) as caught:
        open_session(session)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in caught.value.where
    assert caught.value.remedy


def test_a_file_is_not_a_session(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(SessionError, match="is neither a folder nor a WAV or FLAC file"):
        open_session(tmp_path / "notes.txt")


def test_faults_of_the_stores_drawing_are_all_shown(tmp_path: Path) -> None:
    session = write(tmp_path / "s")
    (session / "store.toml").write_text('[store]\nname = ""\ncolour = 1\n')
    with pytest.raises(SettingsErrors) as caught:
        open_session(session)
    assert len(caught.value.faults) == 2
    (tmp_path / "other.toml").write_text('[store]\nname = "other"\n')
    assert open_session(session, tmp_path / "other.toml").store.store.name == "other"


def bad_frame(session: Path, content: bytes | None) -> SkippedFrame:
    file = session / "a/depth/000001.png"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    frames = list(open_session(session).frames())
    assert len(frames) == 5
    bad = [frame for frame in frames if isinstance(frame, SkippedFrame)]
    assert len(bad) == 1
    return bad[0]


WHOLE = encode_depth_png(depth(3))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "is missing"),
        (b"", "is empty"),
        (b"GIF89a", "not a PNG"),
        (WHOLE[:-20], "is cut off"),
        (WHOLE[:60] + b"\x00" + WHOLE[61:], "is damaged"),
        (encode_depth_png(np.zeros((8, 24), np.uint16)), "is 24x8 pixels, not 24x16"),
        (encode_depth_png(np.zeros((16, 24), np.uint8)), "is 8-bit greyscale, not 16-bit greyscale"),  # type: ignore[arg-type]
        (encode_depth_png(np.zeros((16, 24, 3), np.uint16)), "is 16-bit colour, not 16-bit greyscale"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000_000, "is larger than"),
    ],
)
def test_a_bad_frame_is_skipped_and_says_why(tmp_path: Path, content: bytes | None, says: str) -> None:
    bad = bad_frame(write(tmp_path / "s"), content)
    assert (bad.camera, bad.t_ns) == ("a", 100_000_000)
    assert says in str(bad.error)
    assert "a/depth/000001.png" in bad.error.where


def test_a_frame_that_links_out_of_the_session_is_not_opened(tmp_path: Path) -> None:
    session = write(tmp_path / "s")
    (tmp_path / "outside.png").write_bytes(WHOLE)
    (session / "a/depth/000000.png").unlink()
    (session / "a/depth/000000.png").symlink_to(tmp_path / "outside.png")
    (session / "b/depth/000000.png").unlink()
    os.mkfifo(session / "b/depth/000000.png")
    says = [frame.error.what for frame in skipped(open_session(session))]
    assert says == ["leads out of the session's folder", "is not a file"]


def test_an_empty_view_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    session = write(tmp_path / "s")
    (session / "a/empty.png").write_bytes(WHOLE[:50])
    with pytest.raises(SessionError, match=r"empty\.png: is cut off"):
        open_session(session).empty("a")
    change(session, {"empty": "../../empty.png"}, 0)
    with pytest.raises(SessionError, match="leads out"):
        open_session(session).empty("a")


def mutate(data: bytes, edits: list[tuple[int, bytes, int]]) -> bytes:
    for at, put, drop in edits:
        at %= len(data) + 1
        data = data[:at] + put + data[at + drop :]
    return data


EDITS = st.lists(st.tuples(st.integers(0, 100_000), st.binary(max_size=4), st.integers(0, 6)), min_size=1, max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FUZZ = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def must_be_one_line(error: EdgeError) -> None:
    assert "\n" not in str(error)
    assert error.remedy


def play(path: Path) -> None:
    """Read all of a session: success or an EdgeError of one line."""
    try:
        session = open_session(path)
        for frame in session.frames():
            assert isinstance(frame, SkippedFrame) or frame.depth.shape == (
                session.camera(frame.camera).intrinsics.height,
                session.camera(frame.camera).intrinsics.width,
            )
        for model in session.cameras:
            session.empty(model.id)
    except EdgeError as error:
        must_be_one_line(error)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("fuzz") / "s")


@pytest.mark.parametrize("file", ["session.json", "a/depth.txt", "a/depth/000001.png", "a/empty.png", "store.toml"])
@given(edits=EDITS)
@FUZZ
def test_damaged_files_are_refused_or_read(fuzzed: Path, file: str, edits: list[tuple[int, bytes, int]]) -> None:
    whole = (fuzzed / file).read_bytes()
    try:
        (fuzzed / file).write_bytes(mutate(whole, edits))
        play(fuzzed)
    finally:
        (fuzzed / file).write_bytes(whole)


@given(
    key=st.sampled_from(
        [
            "id",
            "width",
            "height",
            "fx",
            "cy",
            "distortion",
            "coeffs",
            "depth_unit_m",
            "T_store_camera",
            "empty",
            "model",
        ]
    ),
    value=JSON,
)
@FUZZ
def test_any_value_of_a_camera_is_refused_or_read(fuzzed: Path, key: str, value: Any) -> None:
    whole = (fuzzed / "session.json").read_bytes()
    try:
        change(fuzzed, {key: value}, 0)
        play(fuzzed)
    finally:
        (fuzzed / "session.json").write_bytes(whole)
