"""Recordings whose frames are separate states, played as a camera would have seen them: each state for a while."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

from edge.recording.folder import Session, open_session

FPS = 15.0
HELD_S = 6.0


def hold(session: Path, out: Path, *, held_s: float = HELD_S, fps: float = FPS, store: str = "") -> Session:
    """Write a session that shows each frame of another as it is for ``held_s``, ``fps`` times a second.

    A state stays one file, named by as many lines of ``depth.txt``.  Frames that the truth of goods names become the
    last one of the state before and the first one of the state after.

    Parameters
    ----------
    session
        A session with one frame a state.
    out
        A folder that does not exist yet.
    store
        Its ``store.toml``.
    """
    shutil.copytree(session, out)
    (out / "store.toml").write_text(store, encoding="utf-8")
    manifest = json.loads((out / "session.json").read_text(encoding="utf-8"))
    (out / "session.json").write_text(json.dumps(manifest | {"fps": fps}), encoding="utf-8")
    each = round(held_s * fps)
    for camera in manifest["cameras"]:
        timeline = out / camera["id"] / "depth.txt"
        files = [line.split(maxsplit=1)[1] for line in timeline.read_text(encoding="utf-8").splitlines() if line]
        lines = [f"{k / fps:.6f} {files[k // each]}\n" for k in range(each * len(files))]
        timeline.write_text("".join(lines), encoding="utf-8")
    labels = out / "truth" / "items_px.csv"
    if labels.is_file():
        _shift(labels, each)
    return open_session(out)


def _shift(labels: Path, each: int) -> None:
    with labels.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["frame_before"] = str((int(row["frame_before"]) + 1) * each - 1)
        row["frame_after"] = str(int(row["frame_after"]) * each)
    with labels.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
