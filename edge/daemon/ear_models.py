"""Models that the owner put in place, for the ear of one process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import structlog

from edge.audio.yamnet import LiteNet, Yamnet
from edge.errors import EdgeError
from edge.recording.models import YAMNET, read_model

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EarModels:
    """What could be taken up, and why something could not."""

    yamnet: Yamnet | None = None
    fault: str | None = None
    """In one sentence.  The ear goes on with what is built in."""


def take_up(yamnet: Path | None) -> EarModels:
    """YAMNet from its file, where there is one; whatever is wrong with it never stops an ear."""
    if yamnet is None:
        return EarModels()
    try:
        return EarModels(Yamnet(LiteNet(read_model(YAMNET, yamnet).content)))
    except EdgeError as error:
        log.warning("sounds are heard without YAMNet", error=str(error))
        return EarModels(fault=f"{error} Until then, sounds are heard without it.")
