"""The process of one camera: frames in, observations out.

Raw depth never leaves it.  A picture of it is drawn only when somebody asks to see what the camera sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from edge.daemon.sensor_process import Ended, Outbox, Ready, Report, Shown, Told, Wait, run_sensor
from edge.depth.pipeline import Eye
from edge.errors import FrameError
from edge.recording.folder import SkippedFrame, open_session
from edge.recording.pictures import depth_png
from edge.replay.placing import placed_cameras
from edge.sensors.intake import Schedule, SessionCamera
from edge.settings import EyeSettings, WatchedVolume


@dataclass(frozen=True, slots=True)
class EyeSpec:
    """What the process of a camera is told when it starts."""

    session: Path
    camera: str
    schedule: Schedule
    eye: EyeSettings
    volumes: tuple[WatchedVolume, ...]
    """What is watched for things that come and go."""


def watch(spec: EyeSpec, pipe: Connection) -> None:
    """Run one camera until the end; the entry of the process."""
    run_sensor(partial(_watch, spec), pipe)


def _watch(spec: EyeSpec, outbox: Outbox, wait: Wait) -> Ended | None:
    session = open_session(spec.session)
    camera = next(placed for placed in placed_cameras(session) if placed.id == spec.camera)
    eye = Eye(camera, spec.eye, session.empty(camera.id), volumes=spec.volumes)
    eye.warm_up()
    outbox.offer(Ready(camera))
    player = SessionCamera(session, camera.id, spec.schedule, wait)
    drops = bad_frames = 0
    for frame in player.frames():
        if isinstance(frame, SkippedFrame):
            bad_frames += 1
            continue
        try:
            observation = eye.step(frame)
        except FrameError:
            bad_frames += 1
            continue
        if outbox.asked():
            outbox.offer(Shown(depth_png(frame.depth, camera.depth_unit_m)))
        report = Report(drops=drops + player.left_out, bad=bad_frames, model=camera.model)
        if not outbox.offer(Told(observation, 1, report)):
            drops += 1
    return None if wait(0.0) else Ended()
