"""Settings files: read, with every fault of a file told in one pass."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from edge.errors import SettingsError, SettingsErrors
from edge.settings.device import DeviceSettings
from edge.settings.fields import Section
from edge.settings.store import StoreSettings, repeated, repeated_message

MAX_FILE_BYTES = 1_000_000


S = TypeVar("S", bound=Section)


def load_store(path: Path) -> StoreSettings:
    """Read ``store.toml``.

    Raises
    ------
    SettingsErrors
        With every fault of the file.
    """
    table = _parse(path)
    return _validated(path, table, StoreSettings, _repeated_ids(path, table))


def load_device(path: Path) -> DeviceSettings:
    """Read ``device.toml``.  Paths in it are relative to its own folder.

    Raises
    ------
    SettingsErrors
        With every fault of the file.
    """
    device = _validated(path, _parse(path), DeviceSettings)
    return device.beside(path.parent)


def load_settings(device: Path | None, store: Path | None) -> tuple[DeviceSettings, StoreSettings | None]:
    """Read both files, or those of them that there are.

    Raises
    ------
    SettingsErrors
        With every fault of both.
    """
    faults: list[SettingsError] = []
    plugged, drawn = DeviceSettings(), None
    try:
        plugged = plugged if device is None else load_device(device)
    except SettingsErrors as errors:
        faults.extend(errors.faults)
    try:
        drawn = None if store is None else load_store(store)
    except SettingsErrors as errors:
        faults.extend(errors.faults)
    if faults:
        raise SettingsErrors(tuple(faults))
    return plugged, drawn


def _validated(path: Path, table: dict[str, Any], model: type[S], faults: tuple[SettingsError, ...] = ()) -> S:
    """The settings in a table; ``faults`` are those that were found in it already."""
    try:
        settings = model.model_validate(table)
    except ValidationError as error:
        found = tuple(_fault(path, item) for item in error.errors() if not (faults and item["loc"] == ()))
        raise SettingsErrors(found + faults) from None
    if faults:
        raise SettingsErrors(faults)
    return settings


def _parse(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():
            raise SettingsErrors((SettingsError(str(path), "is not a file", "Name the file itself."),))
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SettingsErrors(
                (SettingsError(str(path), f"larger than {MAX_FILE_BYTES} bytes", "Is it the right file?"),)
            )
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        fault = SettingsError(str(path), f"cannot be read ({error.strerror})", "Check the path and its permissions.")
    except UnicodeDecodeError as error:
        fault = SettingsError(str(path), f"is not UTF-8 text (byte {error.start})", "Save it as UTF-8.")
    except RecursionError:
        fault = SettingsError(str(path), "is nested too deeply", "Is it the right file?")
    except ValueError as error:  # TOMLDecodeError, and what int() says of thousands of digits
        fault = SettingsError(str(path), f"is not valid TOML: {error}", "Mend the line it names.")
    raise SettingsErrors((fault,))


def _repeated_ids(path: Path, table: dict[str, Any]) -> tuple[SettingsError, ...]:
    """Ids that are used twice, found even where other faults keep the table from being understood."""
    faults: list[SettingsError] = []
    for what in ("zone", "shelf", "line"):
        entries = table.get(what)
        ids = [entry.get("id") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        names = [name for name in ids if isinstance(name, str)]
        faults += [
            SettingsError(f"{path} {what}", repeated_message(what, twice), "Give each its own id.")
            for twice in repeated(names)
        ]
    return tuple(faults)


def _fault(path: Path, item: Any) -> SettingsError:
    """One pydantic error as a fault that names the key as it stands in the file."""
    key = ""
    for part in item["loc"]:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    found = item["input"]
    if item["type"] == "extra_forbidden":
        return SettingsError(f"{path} {key}", "unknown key", "Remove it, or check its spelling.")
    if item["type"] == "missing":
        return SettingsError(f"{path} {key}", "missing", "Add it.")
    shown = "" if isinstance(found, dict) else f"found {str(found)[:80]!r}; "
    message = item["msg"].removeprefix("Value error, ")
    return SettingsError(
        f"{path} {key}".rstrip(), f"{shown}{message[0].lower()}{message[1:]}", "Change it to an allowed value."
    )
