"""The one family of errors that Miseban raises on purpose.

A vendor's exception becomes an :class:`EdgeError` at the door where it appears, and is handled once, by the command
or the supervisor.  Every error says *what* was found, *where*, and what to do about it, in one line.
"""

from __future__ import annotations


class EdgeError(Exception):
    """Something that a person can mend.

    Parameters
    ----------
    where
        The file, key, device or topic at fault, e.g. ``"store.toml [[zone]] #2 polygon"``.
    what
        What was found there and what is allowed.
    remedy
        What to do now.
    """

    def __init__(self, where: str, what: str, remedy: str) -> None:
        super().__init__(where, what, remedy)
        self.where = where
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}".replace("\n", " ")


class SettingsError(EdgeError):
    """One fault in a settings file."""


class SettingsErrors(EdgeError):
    """All the faults of a set of settings files, found in one pass."""

    def __init__(self, faults: tuple[SettingsError, ...]) -> None:
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(first.where, first.what, first.remedy + more)
        self.faults = faults


class SessionError(EdgeError):
    """A recorded session that cannot be read or judged."""


class FrameError(EdgeError):
    """One frame that cannot be used; the frames around it can."""


class CalibrationError(EdgeError):
    """A camera whose place in the store cannot be known."""


class DeliveryError(EdgeError):
    """A broker, journal or channel that does not do its part."""
