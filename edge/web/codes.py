"""Codes that are read from one screen and typed on another: for the first owner, and for whoever is invited."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""No two of them look alike: no I, L, O, U, 0 or 1."""
GROUPS, GROUP_CHARS = 3, 4
CODE_CHARS = GROUPS * GROUP_CHARS
"""12 of 30 letters are 58 bits: too many to guess, also from their hash, within the days that a code lives."""
MAX_TRIES = 20
"""Wrong codes before a code is void."""
_LEFT_OUT: Final = str.maketrans("", "", " -‐‑‒–—−ー_")


def new_code() -> str:
    """A code, in groups: ``K7QM-2FHX-9RTD``."""
    letters = [secrets.choice(ALPHABET) for _ in range(CODE_CHARS)]
    return "-".join("".join(letters[i : i + GROUP_CHARS]) for i in range(0, CODE_CHARS, GROUP_CHARS))


def code_hash(text: str) -> bytes:
    """What is kept of a code; the same however it is typed: small, spaced, in full width."""
    plain = unicodedata.normalize("NFKC", text[:200]).translate(_LEFT_OUT).upper()
    return hashlib.sha256(b"miseban code\0" + plain.encode("utf-8", "replace")).digest()
