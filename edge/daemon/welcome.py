"""What the console shows while the box has no owner: where to go, and the code that makes one, also as a picture."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import segno


@dataclass(frozen=True, slots=True)
class Welcome:
    """What somebody needs who comes in for the first time."""

    url: str
    code: str = field(repr=False)
    trust_url: str | None
    """Where a phone learns to trust the box's own CA."""
    fingerprint: str | None

    @property
    def setup_url(self) -> str:
        """The address with the code behind ``#``, which no browser sends to anybody."""
        return f"{self.url}#setup={self.code}"

    def text(self) -> str:
        """For a terminal."""
        lines = ["", "This box has no owner yet."]
        if self.trust_url is not None:
            lines += [
                f"1. On the phone, open {self.trust_url} and let it trust this box.",
                "   The page must show this fingerprint:",
                f"   {self.fingerprint}",
                _picture(self.trust_url),
                "2. Then scan this, or open the address and type the code:",
            ]
        else:
            lines.append("Scan this, or open the address and type the code:")
        return "\n".join([*lines, f"   {self.url}", f"   Setup code: {self.code}", _picture(self.setup_url)])


def _picture(text: str) -> str:
    """A QR code in white on black, whatever colours the terminal has; two rows of it in each line."""
    drawn = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawn, border=2, compact=True)
    return "\n".join(f"\033[97;40m{line}\033[0m" for line in drawn.getvalue().splitlines())
