"""Everything that Apprise knows: ntfy, mail, Slack, LINE and others.

The address of a service holds its secret.  It is read from a file at each use, so that a new one needs no restart, and
nothing that Apprise or a server says is repeated: of a failure only its kind and the HTTP status are told.
"""

from __future__ import annotations

import logging
import re
import stat
from pathlib import Path
from typing import Final

from edge.delivery.notices import Notice
from edge.delivery.notify import Channel, ChannelFault
from edge.delivery.phrases import Phrases
from edge.settings.channels import AppriseChannel

MAX_FILE_BYTES: Final = 8192
MAX_URLS: Final = 8
TYPES: Final = {"red": "failure", "yellow": "warning", "white": "info"}
_STATUS = re.compile(r"error[=:]\s*(\d{3})\b")


class _Overheard(logging.Filter):
    """Listens to what Apprise logs, keeps of it what holds no secret, and lets nothing through."""

    def __init__(self) -> None:
        super().__init__()
        self.status: str | None = None
        self.unreached = False

    def filter(self, record: logging.LogRecord) -> bool:
        """One line."""
        line = record.getMessage()
        found = _STATUS.search(line)
        self.status = found[1] if found else self.status
        self.unreached |= "onnection error" in line or "Connection Failed" in line
        return False


class Apprise(Channel):
    """Tells one or more services by their addresses."""

    def __init__(self, settings: AppriseChannel, phrases: Phrases) -> None:
        self._settings = settings
        self._phrases = phrases
        self._where = f"apprise {settings.id!r}"

    def deliver(self, notice: Notice) -> str:
        """Tell all of them; one that does not take it makes the whole tried again."""
        urls = self._urls()
        told = 0
        for number, url in enumerate(urls, 1):
            self._tell(notice, url, f"address {number} of {len(urls)}")
            told += 1
        return f"taken by {told} service{'' if told == 1 else 's'}"

    def _tell(self, notice: Notice, url: str, which: str) -> None:
        import apprise  # takes half a second, which only those pay who use it

        heard = _overhear()
        try:
            service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
            if service is None:
                raise ChannelFault(self._where, f"{which} is not one that Apprise understands", self._remedy)
            done = service.notify(
                title=self._phrases.title(notice),
                body=self._phrases.text(notice),
                notify_type="info" if notice.silent else TYPES[notice.level.value],
            )
        except ChannelFault:
            raise
        except Exception as error:  # noqa: BLE001  (a hundred plug-ins; their words may hold the secret, their kind not)
            raise ChannelFault(self._where, f"{which} failed ({type(error).__name__})", self._remedy) from None
        finally:
            logging.getLogger("apprise").removeFilter(heard)
        if not done:
            raise ChannelFault(self._where, f"{which} {_why(heard)}", self._remedy)

    @property
    def _remedy(self) -> str:
        return f"Check {self._settings.url_file.name} and the network."

    def _urls(self) -> list[str]:
        path = self._settings.url_file
        text = _read(path, self._where)
        urls = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        if not 1 <= len(urls) <= MAX_URLS:
            raise ChannelFault(self._where, f"{path} holds {len(urls)} addresses", f"Give 1 to {MAX_URLS}, one a line.")
        return urls


def _read(path: Path, where: str) -> str:
    try:
        if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            raise ChannelFault(where, f"{path} can be read by others on this machine", f"chmod 600 {path}")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES).decode()
    except OSError as error:
        raise ChannelFault(where, f"{path} cannot be read ({error.strerror})", "Check url_file.") from None
    except UnicodeDecodeError:
        raise ChannelFault(where, f"{path} is not text", "Check url_file.") from None


def _overhear() -> _Overheard:
    """Nothing that Apprise logs goes anywhere else, nor what the library below it says of addresses."""
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    heard, logger = _Overheard(), logging.getLogger("apprise")
    logger.setLevel(logging.WARNING)
    logger.addFilter(heard)
    return heard


def _why(heard: _Overheard) -> str:
    if heard.status is not None:
        return f"refused it (HTTP status {heard.status})"
    return "cannot be reached" if heard.unreached else "did not take it"
