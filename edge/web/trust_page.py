"""A plain page that leads a phone through trusting the box's own CA; whatever else is asked of it goes to https.

It must be plain: a phone that does not trust the box yet would be warned of anything else.  So it tells nothing but the
CA's certificate, and the fingerprint to compare it by, which the box's console shows too.
"""

from __future__ import annotations

import html
import plistlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from edge.web.authority import Authority
from edge.web.guard import Guard
from edge.web.replies import NEVER, reply
from edge.web.trust_words import WORDS, Words

PROFILE, CERTIFICATE, STYLE = "/miseban-ca.mobileconfig", "/miseban-ca.crt", "/trust.css"
_CSS = """
:root { color-scheme: light dark; }
body { font: 1.0625rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 0 auto; padding: 1rem;
  word-break: auto-phrase; }
h1 { font-size: 1.5rem; line-height: 1.3; text-wrap: balance; } h2 { font-size: 1.2rem; margin-top: 2rem; }
code { font: 0.95rem/1.8 ui-monospace, monospace; overflow-wrap: anywhere; }
.go { display: block; padding: 0.9rem 1rem; border-radius: 0.6rem; text-align: center; font-weight: 600;
  background: #14532d; color: #fff; text-decoration: none; margin: 0.8rem 0; }
.lang { text-align: right; } li { margin: 0.4rem 0; }
"""


@dataclass(frozen=True, slots=True)
class TrustPage:
    """The application.

    Parameters
    ----------
    names
        Host names to which it answers.
    https_port
        Asked at each request: where the real page is.
    """

    authority: Authority
    names: Sequence[str]
    https_port: Callable[[], int]

    def app(self) -> Starlette:
        """The routes."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/healthz", lambda _: reply(b'{"v":1,"state":"ok"}')),
                Route(PROFILE, self._profile),
                Route(CERTIFICATE, self._certificate),
                Route(STYLE, lambda _: Response(_CSS, 200, {"cache-control": NEVER}, "text/css")),
                Route("/{path:path}", self._to_https, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
            ],
            middleware=[Middleware(Guard, names=self.names)],
        )

    def _page(self, request: Request) -> Response:
        asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
        spoken = [part.strip()[:2].lower() for part in asked.split(",")]
        language = next((one for one in spoken if one in WORDS), "en")
        headers = {"cache-control": NEVER, "content-language": language, "vary": "accept-language"}
        return HTMLResponse(_html(WORDS[language], self.authority, self._https(request)), 200, headers)

    def _profile(self, _: Request) -> Response:
        return self._file(profile(self.authority), "application/x-apple-aspen-config", PROFILE)

    def _certificate(self, _: Request) -> Response:
        return self._file(self.authority.certificate, "application/x-x509-ca-cert", CERTIFICATE)

    def _file(self, content: bytes, kind: str, path: str) -> Response:
        headers = {"cache-control": NEVER, "content-disposition": f'attachment; filename="{path[1:]}"'}
        return Response(content, 200, headers, kind)

    def _to_https(self, request: Request) -> Response:
        where = f"{self._https(request)}{request.path_params['path']}"
        return RedirectResponse(where, 307, {"cache-control": NEVER})

    def _https(self, request: Request) -> str:
        """The real page, under the name by which this one was found; :class:`Guard` knows that name."""
        host = request.headers["host"]
        name = host.rsplit("]", 1)[0] + "]" if host.startswith("[") else host.rsplit(":", 1)[0]
        return f"https://{name}:{self.https_port()}/"


def profile(authority: Authority) -> bytes:
    """What an iPhone installs: the CA's certificate and nothing else."""
    name, mark = authority.subject, authority.fingerprint
    identifier = f"box.miseban.ca.{mark.replace(' ', '')[:16].lower()}"

    def payload(kind: str, more: Mapping[str, object]) -> dict[str, object]:
        known = uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {mark}")
        told = {"PayloadType": kind, "PayloadVersion": 1, "PayloadUUID": str(known).upper(), "PayloadDisplayName": name}
        return {**told, **more}

    certificate = {
        "PayloadIdentifier": f"{identifier}.certificate",
        "PayloadCertificateFileName": "miseban-ca.cer",
        "PayloadContent": authority.certificate,
    }
    whole = {
        "PayloadIdentifier": identifier,
        "PayloadDescription": f"SHA-256 {mark}",
        "PayloadContent": [payload("com.apple.security.root", certificate)],
    }
    return plistlib.dumps(payload("Configuration", whole))


def _html(words: Words, authority: Authority, https: str) -> str:
    def steps(lines: Sequence[str]) -> str:
        items = (html.escape(line.format(name=authority.subject)) for line in lines)
        return f"<ol>{''.join(f'<li>{item}</li>' for item in items)}</ol>"

    told = {key: html.escape(getattr(words, key)) for key in Words.__slots__ if isinstance(getattr(words, key), str)}
    return f"""<!doctype html>
<html lang="{told["language"]}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{told["title"]}</title><link rel="stylesheet" href="{STYLE}"></head><body>
<p class="lang"><a href="?lang={told["other"]}" lang="{told["other"]}">{told["other_name"]}</a></p>
<main><h1>{told["title"]}</h1><p>{told["why"]}</p>
<h2>{told["compare"]}</h2><p>{told["compare_why"]}</p><p><code>{authority.fingerprint}</code></p>
<h2>iPhone, iPad</h2><a class="go" href="{PROFILE}">{told["get_profile"]}</a>{steps(words.iphone)}
<h2>Android</h2><a class="go" href="{CERTIFICATE}">{told["get_certificate"]}</a>{steps(words.android)}
<h2>{told["then"]}</h2><a class="go" href="{html.escape(https)}">{told["open_app"]}</a><p>{told["undo"]}</p></main>
</body></html>
"""
