"""Structured logs: JSON lines for journald, plain lines for a person at a terminal."""

from __future__ import annotations

import logging
import sys
from collections import deque
from typing import Final

import structlog

MOST_KEPT: Final = 2000
MOST_CHARS: Final = 2000
_kept: Final[deque[str]] = deque(maxlen=MOST_KEPT)


def recent(most: int) -> list[str]:
    """The newest lines of this process, oldest first, as JSON."""
    return list(_kept)[-most:]


def _keep(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Remember a line, for those who have no shell on the box."""
    _kept.append(str(structlog.processors.JSONRenderer()(None, "", dict(event)))[:MOST_CHARS])
    return event


def configure(*, json_lines: bool, quiet: bool = False) -> None:
    """Send logs to standard error, as JSON lines or in colour; quiet ones from warnings upwards only."""
    level = logging.WARNING if quiet else logging.INFO
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _keep,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s", force=True)
