"""Names of alerts."""

from __future__ import annotations

import base64
import hashlib


def alert_id(kind: str, t_ns: int, apart: str | None) -> str:
    """Random to look at but the same at each replay."""
    told = f"{kind}:{t_ns}:{apart}"
    return base64.b32encode(hashlib.blake2b(told.encode(), digest_size=10).digest()).decode().lower()
