"""What people may be called."""

from __future__ import annotations

import unicodedata

MAX_NAME_CHARS = 40
_NOT_IN_NAMES = frozenset("/\\")
"""A name is a part of an address, ``/api/users/<name>``."""


def clean_name(text: str) -> str | None:
    """The name as it is kept, or ``None`` for what is none: 1 to 40 printable characters, one space at a time.

    Letters that only look different (full width, half width) become the same ones.
    """
    if len(text) > 4 * MAX_NAME_CHARS:  # no work for what is far too long
        return None
    name = " ".join(part for part in unicodedata.normalize("NFKC", text).split(" ") if part)
    usable = 1 <= len(name) <= MAX_NAME_CHARS and name.isprintable() and not _NOT_IN_NAMES & set(name)
    return name if usable and name.strip(".") else None


def name_key(name: str) -> str:
    """What two names have in common that nobody should have to tell apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
