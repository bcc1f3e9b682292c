"""Passwords: which are too easily guessed, and how they are hashed without holding anybody up."""

from __future__ import annotations

import functools
import threading
import unicodedata
from typing import Final

import argon2

from edge.web.names import name_key

MIN_CHARS, MAX_CHARS = 8, 200
MIN_DIFFERENT = 4
HASHED_AT_ONCE, MAX_WAITING = 2, 6
"""Of the box's cores, and of its threads that answer requests: others go on while many sign in."""
WAIT_S = 3.0
_RUNS: Final = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "passwordpassword")

# Argon2id as OWASP asks for it or dearer: 32 MiB and two passes, about 0.1 s on a small box.
_HASHER: Final = argon2.PasswordHasher(time_cost=2, memory_cost=32_768, parallelism=1)


class TooBusy(Exception):
    """Too many want to sign in at once."""


def weakness(password: str, name: str) -> str | None:
    """Why a password is not taken, as a sentence; ``None`` for one that is."""
    plain = _plain(password)
    if len(plain) < MIN_CHARS:
        return f"Take at least {MIN_CHARS} characters."
    if len(password) > MAX_CHARS or len(plain) > MAX_CHARS:
        return f"Take at most {MAX_CHARS} characters."
    guess = plain.casefold()
    if len(set(guess)) < MIN_DIFFERENT or any(guess in run or guess in run[::-1] for run in _RUNS):
        return "Too easily guessed."
    if guess == name_key(name):
        return "The password must not be the name."
    return None


class Passwords:
    """Hashes and checks.  Blocks its thread for about 0.1 s: never to be called on the event loop."""

    def __init__(self) -> None:
        self._room = threading.BoundedSemaphore(MAX_WAITING)
        self._hashing = threading.BoundedSemaphore(HASHED_AT_ONCE)
        self._nobodys = _nobodys()

    def hashed(self, password: str) -> str:
        """What is kept of a password.

        Raises
        ------
        TooBusy
            When too many are at it.
        """
        self._enter()
        try:
            return _HASHER.hash(_bytes(password))
        finally:
            self._leave()

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; for ``None`` it takes as long to say no.

        Raises
        ------
        TooBusy
            When too many are at it.
        """
        self._enter()
        try:
            _HASHER.verify(self._nobodys if kept is None else kept, _bytes(password[: MAX_CHARS + 1]))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
        finally:
            self._leave()
        return kept is not None

    def _enter(self) -> None:
        if not self._room.acquire(blocking=False):
            raise TooBusy
        if not self._hashing.acquire(timeout=WAIT_S):
            self._room.release()
            raise TooBusy

    def _leave(self) -> None:
        self._hashing.release()
        self._room.release()


@functools.cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


def _plain(password: str) -> str:
    """The same password, also from a keyboard that writes full-width letters."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _plain(password).encode("utf-8", "surrogatepass")  # JSON can spell half a character
