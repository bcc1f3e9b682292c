"""Numbers of a machine's model as plain data that can be written as JSON, and read back with every doubt told.

Arrays are base64 of little-endian float32, so that what is read is what was learnt to the last bit.  Only their number
of rows may vary, where there are any to choose: everything else is fixed by the version.
"""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Mapping

import numpy as np

from edge.audio.machine_features import Floats
from edge.errors import EdgeError

Record = dict[str, object]


def packed(array: Floats) -> Record:
    """An array as a record."""
    raw = array.astype("<f4").tobytes()
    return {"shape": list(array.shape), "float32": base64.b64encode(raw).decode("ascii"), "crc32": zlib.crc32(raw)}


class RecordReader:
    """Reads one record; every fault is an :class:`EdgeError` that names the key.

    Parameters
    ----------
    where
        The key of this record, for messages.
    machine
        Which machine's model this is, where that is known already.
    """

    def __init__(self, record: object, where: str = "", machine: str = "?") -> None:
        self._where = where
        self.machine = machine
        if not isinstance(record, Mapping):
            raise self.fault("", "is not a table of keys")
        self._record = record

    def fault(self, key: str, what: str) -> EdgeError:
        """What is wrong with a key."""
        path = ".".join(part for part in (self._where, key) if part)
        where = f"model of machine {self.machine!r}" + (f", {path}" if path else "")
        return EdgeError(where, what, f"Learn the machine again: miseban listen --learn {self.machine}")

    def part(self, key: str) -> RecordReader:
        """A record within this one."""
        return RecordReader(self._record.get(key), f"{self._where}.{key}" if self._where else key, self.machine)

    def text(self, key: str) -> str:
        """Text that is not empty."""
        value = self._record.get(key)
        if not isinstance(value, str) or not value:
            raise self.fault(key, f"is {value!r}, not a text")
        return value

    def number(self, key: str) -> float:
        """A finite number."""
        value = self._record.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fault(key, f"is {value!r}, not a number")
        return float(value)

    def floats(self, key: str, columns: int, most_rows: int | None = None) -> Floats:
        """(columns,) finite numbers, or (rows, columns) with 0 to ``most_rows`` rows."""
        inner = self.part(key)
        shape = inner._record.get("shape")
        wanted = [[columns]] if most_rows is None else [[rows, columns] for rows in range(most_rows + 1)]
        if shape not in wanted:
            raise self.fault(key, f"has the shape {shape!r}, not {wanted[-1]}")
        try:
            raw = base64.b64decode(inner.text("float32"), validate=True) if math.prod(shape) else b""
        except (binascii.Error, ValueError) as error:
            raise self.fault(key, f"is not base64 ({error})") from error
        if len(raw) != 4 * math.prod(shape) or zlib.crc32(raw) != inner.number("crc32"):
            raise self.fault(key, f"is damaged: its {len(raw)} bytes are not those that were written")
        values: Floats = np.frombuffer(raw, "<f4").astype(np.float32).reshape(shape)
        if not np.isfinite(values).all():
            raise self.fault(key, "has values that are not numbers")
        return values

    def positive(self, key: str, columns: int) -> Floats:
        """(columns,) numbers above zero."""
        values = self.floats(key, columns)
        if not (values > 0.0).all():
            raise self.fault(key, "has values that are not above zero")
        return values
