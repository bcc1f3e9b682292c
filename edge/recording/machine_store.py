"""Machines that were learnt, on disk: ``<folder>/<microphone>/<machine>.json``, and beside each how it did by the hour.

A model is plain data here; whoever reads one says how it becomes a machine.  Each file is replaced whole: a box that
loses its power keeps what was there before.  A model is written over only by whoever knows what is in the file, so that
a machine that was learnt anew is never lost to a box that still listened to the old one.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from edge.clock import decimal_seconds, nanoseconds
from edge.errors import EdgeError
from edge.settings import Name

MACHINES = "machines"
"""The folder of all, in a box's data folder."""
MODEL, TREND = ".json", ".trend.csv"
MOST_BYTES = 1_000_000
"""Fifty times as large as a model is."""
MOST_HOURS = 24 * 92
"""A quarter of a year of a trend is kept, some 60 kB."""
MOST_NAME_BYTES = 200
"""What a file's name may be, less the endings."""
TREND_TITLE = "t,score"

MachineT = TypeVar("MachineT")
Trend = tuple[tuple[int, float], ...]
"""Mean score of each hour, by its start in UTC nanoseconds, oldest first."""
Stamp = tuple[int, int, int]
"""What tells one version of a file from another."""

_name: TypeAdapter[str] = TypeAdapter(Name)


@dataclass(frozen=True, slots=True)
class Kept(Generic[MachineT]):
    """A machine as it was read, and of which version of its file."""

    machine: MachineT
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Found(Generic[MachineT]):
    """All machines of a microphone that can be read, by name, and why others cannot."""

    machines: Mapping[str, Kept[MachineT]]
    faults: Mapping[str, EdgeError]


class MachineStore:
    """The machines that were learnt near one microphone.

    Parameters
    ----------
    folder
        Of this microphone; made when something is saved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, machines: Path, microphone: str) -> MachineStore:
        """The store of a microphone within the folder of all.

        Raises
        ------
        EdgeError
            If it is no name for a folder.
        """
        return cls(machines / checked_name("microphone", microphone))

    def names(self) -> tuple[str, ...]:
        """Of the machines that there are, in order; none where there is no folder.

        Raises
        ------
        EdgeError
            If the folder cannot be read.
        """
        try:
            return tuple(sorted(path.name.removesuffix(MODEL) for path in self.folder.iterdir() if _is_model(path)))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise _unreadable(self.folder, error) from None

    def stamps(self) -> Mapping[str, Stamp]:
        """Which version of each machine there is now."""
        found: dict[str, Stamp] = {}
        for name in self.names():
            with suppress(EdgeError):  # what is no name is a fault for whoever reads it
                if (stamp := self.stamp(name)) is not None:
                    found[name] = stamp
        return found

    def stamp(self, name: str) -> Stamp | None:
        """Which version of a machine there is; None where there is none."""
        try:
            status = self.path(name).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def read(self, name: str, machine_of: Callable[[object], MachineT]) -> Kept[MachineT]:
        """One machine.

        Parameters
        ----------
        machine_of
            Makes a machine of plain data; its :class:`~edge.errors.EdgeError` says what is wrong with which key.

        Raises
        ------
        EdgeError
            If there is none, or it is damaged; the error names the file.
        """
        path = self.path(name)
        stamp = self.stamp(name)
        if stamp is None:
            known = ", ".join(self.names()) or "none"
            raise EdgeError(f"machine {name!r}", f"was not learnt in {self.folder}", f"There are: {known}.")
        record = _record(path)
        called = record.get("name") if isinstance(record, dict) else None
        if not isinstance(called, str):
            raise _damaged(path, "has no text under its key name")
        if called != name:
            raise _damaged(path, f"is the machine {called!r} by its key name", f"Rename it to {called}{MODEL}.")
        try:
            return Kept(machine_of(record), stamp)
        except EdgeError as error:
            raise EdgeError(f"{path}, {error.where}", error.what, error.remedy) from None

    def read_all(self, machine_of: Callable[[object], MachineT]) -> Found[MachineT]:
        """All machines; one that is damaged costs no other.

        Raises
        ------
        EdgeError
            If the folder cannot be read.
        """
        machines: dict[str, Kept[MachineT]] = {}
        faults: dict[str, EdgeError] = {}
        for name in self.names():
            try:
                machines[name] = self.read(name, machine_of)
            except EdgeError as error:
                faults[name] = error
        return Found(machines, faults)

    def check_writable(self) -> None:
        """Whether something can be saved, found out before it is learnt for minutes.

        Raises
        ------
        EdgeError
            If not.
        """
        there = next(folder for folder in (self.folder, *self.folder.absolute().parents) if folder.exists())
        number = 0 if os.access(there, os.W_OK | os.X_OK) else errno.EACCES
        if not there.is_dir():
            number = errno.ENOTDIR
        if number:
            raise _unwritable(there, OSError(number, os.strerror(number)))

    def save(self, name: str, record: Mapping[str, object]) -> Stamp:
        """Replace a machine by what was learnt of it.

        Raises
        ------
        EdgeError
            If it cannot be written; what was there before is still there.
        """
        path = self.path(name)
        self._replace(path, json.dumps(record, indent=1, allow_nan=False) + "\n")
        stamp = self.stamp(name)
        if stamp is None:
            raise EdgeError(str(path), "was removed as soon as it was written", "Look who uses this folder.")
        return stamp

    def trend(self, name: str) -> Trend:
        """How a machine did, by the hour; lines that cannot be understood are left out.

        Raises
        ------
        EdgeError
            If it cannot be read.
        """
        path = self._trend_path(name)
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                lines = file.read(MOST_BYTES).splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise _unreadable(path, error) from None
        return _bounded(hour for line in lines[1:] if (hour := _hour(line)) is not None)

    def add_to_trend(self, name: str, hours: Iterable[tuple[int, float]]) -> None:
        """Keep more hours; those that are there already are replaced, and only the newest are kept.

        Raises
        ------
        EdgeError
            If they cannot be written.
        """
        kept = _bounded((*self.trend(name), *hours))
        lines = [TREND_TITLE, *(f"{decimal_seconds(t_ns)},{score:.4f}" for t_ns, score in kept)]
        self._replace(self._trend_path(name), "\n".join(lines) + "\n")

    def forget_trend(self, name: str) -> None:
        """Begin a new one: scores of a machine that was learnt anew are not those of before."""
        path = self._trend_path(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(path, error) from None

    def path(self, name: str) -> Path:
        """Where a machine is."""
        return self.folder / (checked_name("machine", name) + MODEL)

    def _trend_path(self, name: str) -> Path:
        return self.folder / (checked_name("machine", name) + TREND)

    def _replace(self, path: Path, text: str) -> None:
        half_written = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with half_written.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            half_written.replace(path)
            _settle(path.parent)
        except OSError as error:
            with suppress(OSError):  # the first error is the one to tell
                half_written.unlink(missing_ok=True)
            raise _unwritable(path, error) from None


def microphones(machines: Path) -> tuple[str, ...]:
    """Near which machines were learnt, by the folders within the folder of all."""
    try:
        return tuple(sorted(path.name for path in machines.iterdir() if path.is_dir() and path.name[:1] != "."))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise _unreadable(machines, error) from None


def checked_name(what: str, name: str) -> str:
    """A name that can be a file's and leads nowhere else.

    Raises
    ------
    EdgeError
        If it is none.
    """
    try:
        _name.validate_python(name)
        fits = len(name.encode()) <= MOST_NAME_BYTES and name[0] != "." and name.isprintable()
    except (ValidationError, UnicodeEncodeError):
        fits = False
    if not fits:
        remedy = "Use up to 64 letters, digits, spaces or dashes; no / + #, and no dot at its beginning."
        raise EdgeError(f"{what} {name[:80]!r}", "is no name that can be used", remedy)
    return name


def _is_model(path: Path) -> bool:
    return path.name.endswith(MODEL) and path.name[:1] != "." and path.is_file()


def _record(path: Path) -> object:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(data) > MOST_BYTES:
        raise _damaged(path, f"is larger than {MOST_BYTES} bytes")
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _damaged(path, f"is not JSON ({why})") from None


def _damaged(path: Path, what: str, remedy: str = "") -> EdgeError:
    learn = f"Learn the machine again: miseban listen --learn {path.name.removesuffix(MODEL)}"
    return EdgeError(str(path), what, remedy or learn)


def _unreadable(path: Path, error: OSError) -> EdgeError:
    return EdgeError(str(path), f"cannot be read ({error.strerror})", "Check its owner and its permissions.")


def _unwritable(path: Path, error: OSError) -> EdgeError:
    remedy = "Check that the disk is not full, and that you are the user who runs the box."
    return EdgeError(str(path), f"cannot be written ({error.strerror})", remedy)


def _hour(line: str) -> tuple[int, float] | None:
    try:
        t_s, score = (float(field) for field in line.split(","))
        hour = nanoseconds(t_s), score
    except (ValueError, OverflowError):
        return None
    return hour if 0.0 <= score <= 1.0 else None


def _bounded(hours: Iterable[tuple[int, float]]) -> Trend:
    """By time, each once, the newest."""
    return tuple(sorted(dict(hours).items()))[-MOST_HOURS:]


def _settle(folder: Path) -> None:
    """Have the disk keep that a file was renamed."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
