"""How often somebody may try: each wrong password makes the next try wait longer.  In memory, and bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from edge.clock import NS_PER_S, monotonic_ns

FREE = 5
"""Wrong tries that cost nothing: people mistype."""
FREE_BY_ADDRESS = 20
"""Behind some networks all phones have one address."""
MAX_DELAY_S = 60
"""More would let anybody lock the owner out; at one a minute, guessing is hopeless all the same."""
FORGOTTEN_NS = 3600 * NS_PER_S
MAX_KEYS = 4096


@dataclass(slots=True)
class _Count:
    wrong: int
    tried_ns: int

    def wait_ns(self, now_ns: int, free: int) -> int:
        if self.wrong < free:
            return 0
        delay_s = min(MAX_DELAY_S, 1 << min(self.wrong - free, 16))
        return max(0, self.tried_ns + delay_s * NS_PER_S - now_ns)


class Tries:
    """Counts by name and by address.

    Parameters
    ----------
    now_ns
        A clock that only goes forward.
    """

    def __init__(self, now_ns: Callable[[], int] = monotonic_ns) -> None:
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._names: OrderedDict[str, _Count] = OrderedDict()
        self._addresses: OrderedDict[str, _Count] = OrderedDict()

    def begin(self, name: str, address: str) -> int:
        """Take a try: 0 where it may go on, else the seconds to wait.

        It counts as wrong until something else is said, so that many at once gain nothing.
        """
        with self._lock:
            now_ns = self._now_ns()
            counts = (_count(self._names, name, now_ns), _count(self._addresses, address, now_ns))
            wait_ns = max(counts[0].wait_ns(now_ns, FREE), counts[1].wait_ns(now_ns, FREE_BY_ADDRESS))
            if wait_ns:
                return -(-wait_ns // NS_PER_S)
            for count in counts:
                count.wrong += 1
                count.tried_ns = now_ns
            return 0

    def was_none(self, name: str, address: str) -> None:
        """Nothing was tried after all: it is taken back."""
        with self._lock:
            for counts, key in ((self._names, name), (self._addresses, address)):
                if (count := counts.get(key)) is not None:
                    count.wrong = max(0, count.wrong - 1)

    def was_right(self, name: str, address: str) -> None:
        """The name has shown who it is and begins anew; of the address only this try is taken back.

        Else whoever has one account could try others' passwords without end.
        """
        self.was_none(name, address)
        with self._lock:
            self._names.pop(name, None)

    def __len__(self) -> int:
        return len(self._names) + len(self._addresses)


def _count(counts: OrderedDict[str, _Count], key: str, now_ns: int) -> _Count:
    count = counts.get(key)
    if count is None or now_ns - count.tried_ns > FORGOTTEN_NS:
        count = counts[key] = _Count(0, now_ns)
    counts.move_to_end(key)
    while len(counts) > MAX_KEYS:
        counts.popitem(last=False)
    return count
