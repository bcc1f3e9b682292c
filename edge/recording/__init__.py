"""Door: sessions on disk, read and written."""

from edge.recording.folder import Session, SkippedFrame, open_session
from edge.recording.writer import SessionWriter

__all__ = ["Session", "SessionWriter", "SkippedFrame", "open_session"]
