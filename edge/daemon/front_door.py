"""The box's front door: accounts, certificates, the page itself, and the page that leads phones to trust it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from starlette.routing import BaseRoute

from edge.clock import NS_PER_S, monotonic_ns
from edge.daemon.welcome import Welcome
from edge.delivery.channels.push import Member
from edge.delivery.wire import NS_PER_MS
from edge.errors import EdgeError
from edge.settings import DeviceSettings, TlsMode
from edge.web.access import AccessLog
from edge.web.accounts import Accounts
from edge.web.addresses import interfaces, own_names
from edge.web.app import BoxParts, create_app
from edge.web.authority import Authority, TlsFiles
from edge.web.certificate import own_files
from edge.web.server import WebServer
from edge.web.sign_in import Doorkeeper
from edge.web.trust_page import TrustPage

CHECK_NS = 60 * NS_PER_S
"""How soon a new address, a new file of the owner's, or an end that comes near is noticed."""
CODE_CHECK_NS = 2 * NS_PER_S

log = structlog.get_logger(__name__)

Greeter = Callable[[Welcome], None]
"""Shows what only who stands at the box may see."""


class FrontDoor:
    """Everything by which people come in.

    Parameters
    ----------
    more
        What else is asked for below ``/api``.

    Raises
    ------
    EdgeError
        If a port is taken, a certificate cannot be used, or the disk refuses.
    """

    def __init__(self, device: DeviceSettings, parts: BoxParts, more: Sequence[BaseRoute] = ()) -> None:
        web = self._settings = device.web
        self.access = AccessLog(device.data_dir / "access.sqlite")
        self._accounts = Accounts(device.data_dir / "accounts.sqlite") if web.sign_in else None
        self._authority = _authority(device)
        files = self._files()
        self._stamp = _stamp(files)
        door = Doorkeeper(self._accounts, self.access, tls=files is not None)
        self._web = WebServer(web, create_app(web, parts, more=more, door=door), files)
        self._tls = files
        self._trust: WebServer | None = None
        if self._authority is not None:
            names = ("localhost", web.host, *web.names, *own_names())
            page = TrustPage(self._authority, names, lambda: self._web.port)
            self._trust = WebServer(web.model_copy(update={"port": web.trust_port}), page.app())
        self._checked_ns = self._code_checked_ns = monotonic_ns()
        self._greet: Greeter | None = None

    def _files(self) -> TlsFiles | None:
        if self._settings.tls is TlsMode.OWN:
            return own_files(self._settings)
        return None if self._authority is None else self._authority.files

    @property
    def url(self) -> str:
        """What to open on this machine."""
        return self._web.url

    def members(self) -> dict[str, Member] | None:
        """Who has an account, or ``None`` where nobody signs in."""
        if self._accounts is None:
            return None
        return {one.name: Member(one.created_ms * NS_PER_MS, one.enabled) for one in self._accounts.users()}

    def open(self, greet: Greeter | None) -> None:
        """Let people in.

        Parameters
        ----------
        greet
            Shown what is needed to come in for the first time; ``None`` where nobody watches, and what would be shown
            ends in a log.
        """
        self._greet = greet
        self._web.start()
        self._web.check_answers()
        if self._trust is not None:
            self._trust.start()
            self._trust.check_answers()
        if self._authority is not None and self._authority.replaced:
            log.warning("the box has a new CA: every phone must trust it anew", fingerprint=self._authority.fingerprint)
        self._greet_newcomers()
        if greet is None and self._accounts is not None and not self._accounts.has_owner():
            log.warning("nobody can sign in yet; run on the box: miseban users add NAME --role owner")

    def tick(self) -> None:
        """Do what is due; a fault is told, and tried again at the next turn."""
        now_ns = monotonic_ns()
        try:
            if now_ns - self._code_checked_ns > CODE_CHECK_NS:
                self._code_checked_ns = now_ns
                self._greet_newcomers()
            if now_ns - self._checked_ns > CHECK_NS:
                self._checked_ns = now_ns
                self.check_certificate()
        except EdgeError as error:
            log.error("front door", error=str(error))

    def check_certificate(self) -> None:
        """Show a new certificate where there is one, or one is due."""
        if self._authority is not None and self._authority.renew():
            self._web.show_anew()
            log.info("the page has a new certificate")
        stamp = _stamp(self._tls)
        if self._settings.tls is TlsMode.OWN and stamp != self._stamp:
            self._stamp = stamp
            own_files(self._settings)
            self._web.show_anew()
            log.info("the owner's new certificate is shown")

    def close(self, timeout_s: float) -> None:
        """Send everybody away and end."""
        self._web.stop(timeout_s)
        if self._trust is not None:
            self._trust.stop(timeout_s)
        if self._accounts is not None:
            self._accounts.close()
        self.access.close()

    def _greet_newcomers(self) -> None:
        if self._greet is None or self._accounts is None or not self._accounts.needs_setup_code():
            return
        self._greet(self._welcome(self._accounts.new_setup_code()))

    def _welcome(self, code: str) -> Welcome:
        host = self._phone_host()
        trust = None if self._trust is None else f"http://{host}:{self._trust.port}/"
        fingerprint = None if self._authority is None else self._authority.fingerprint
        return Welcome(f"{self._web.scheme}://{host}:{self._web.port}/", code, trust, fingerprint)

    def _phone_host(self) -> str:
        """The name or address that a phone should open."""
        if self._settings.names:
            return self._settings.names[0]
        if self._settings.local:
            return "localhost"
        if self._settings.host not in ("0.0.0.0", "::"):  # noqa: S104  (compared, not bound)
            return f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        found = interfaces()
        if not found:
            return next(iter(own_names()), "localhost")
        return str(found[0].address) if found[0].address.version == 4 else f"[{found[0].address}]"


def _authority(device: DeviceSettings) -> Authority | None:
    """The box's own CA, where the page needs one."""
    name = f"Miseban {device.site} {device.device}"
    names = (*device.web.names, device.web.host)  # which may be a name too
    return Authority(device.data_dir / "tls", names, name) if device.web.own_ca else None


def _stamp(files: TlsFiles | None) -> tuple[int, ...]:
    """Another one when a file was replaced."""
    if files is None:
        return ()
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in (files.certificate, files.key))
