"""Where the cameras of a session hang: as it says, or as the floor tells."""

from __future__ import annotations

from dataclasses import replace

from edge.clock import nanoseconds
from edge.depth.calibration import FloorFit, pose_from_floor
from edge.errors import CalibrationError, SessionError
from edge.messages import CameraModel, DepthFrame
from edge.recording.folder import Session

FLOOR_LOOK_S = 10.0
"""A camera without a pose finds its floor in frames spread over this long."""
FLOOR_FRAMES = 12


def calibrate(session: Session, camera: str) -> FloorFit:
    """The pose of a camera from its own floor, in frames spread over the session's first seconds.

    Raises
    ------
    CalibrationError
        If no floor is seen.
    SessionError
        If no frame can be read.
    """
    model, timeline = session.camera(camera), session.timeline(camera)
    early = [entry for entry in timeline if entry.t_ns - timeline[0].t_ns <= nanoseconds(FLOOR_LOOK_S)]
    wanted = (
        {early[round(i * (len(early) - 1) / (FLOOR_FRAMES - 1))].t_ns for i in range(FLOOR_FRAMES)} if early else set()
    )
    frames: list[DepthFrame] = []
    empty = session.empty(camera)
    if empty is not None:
        frames.append(DepthFrame(camera, timeline[0].t_ns, empty))
    for frame in session.camera_frames(camera):
        if frame.t_ns in wanted and isinstance(frame, DepthFrame):
            frames.append(frame)
        if not early or frame.t_ns >= early[-1].t_ns:
            break
    if not frames:
        raise SessionError(str(session.path), f"camera {camera!r} has no frame that can be read", "Record it again.")
    return pose_from_floor(model, frames)


def placed_cameras(session: Session) -> tuple[CameraModel, ...]:
    """The cameras of a session with their poses: those given, or for a lone camera the one that its floor tells.

    Raises
    ------
    CalibrationError
        If a pose is missing and cannot be found.
    """
    missing = [camera.id for camera in session.cameras if camera.pose is None]
    if not missing:
        return session.cameras
    if len(session.cameras) > 1:
        what = f"camera {missing[0]!r} has no T_store_camera, and its floor cannot say where it hangs among the others"
        raise CalibrationError(str(session.path / "session.json"), what, "Give each camera its pose in the store.")
    return (replace(session.cameras[0], pose=calibrate(session, missing[0]).pose),)
