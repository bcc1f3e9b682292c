"""How often somebody may try: each wrong password makes the next try wait longer.  In memory, and bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from edge.clock import NS_PER_S, monotonic_ns

FREE = 5
"""Wrong tries that cost nothing: people mistype."""
MAX_DELAY_S = 60
"""More would let anybody lock the owner out; at one a minute, guessing is hopeless all the same."""
FORGOTTEN_NS = 3600 * NS_PER_S
MAX_KEYS = 4096


@dataclass(slots=True)
class _Count:
    wrong: int
    tried_ns: int

    def wait_ns(self, now_ns: int) -> int:
        if self.wrong < FREE:
            return 0
        delay_s = min(MAX_DELAY_S, 1 << min(self.wrong - FREE, 16))
        return max(0, self.tried_ns + delay_s * NS_PER_S - now_ns)


class Tries:
    """Counts by key: a name, an address.

    Parameters
    ----------
    now_ns
        A clock that only goes forward.
    """

    def __init__(self, now_ns: Callable[[], int] = monotonic_ns) -> None:
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def begin(self, *keys: str) -> int:
        """Take a try: 0 where it may go on, else the seconds to wait.

        It counts as wrong until :meth:`succeeded` is called, so that many at once gain nothing.
        """
        with self._lock:
            now_ns = self._now_ns()
            counts = [self._count(key, now_ns) for key in keys]
            wait_ns = max(count.wait_ns(now_ns) for count in counts)
            if wait_ns:
                return -(-wait_ns // NS_PER_S)
            for count in counts:
                count.wrong += 1
                count.tried_ns = now_ns
            return 0

    def succeeded(self, *keys: str) -> None:
        """The try was right: it is taken back, and nothing else is."""
        with self._lock:
            for key in keys:
                if (count := self._counts.get(key)) is not None:
                    count.wrong = max(0, count.wrong - 1)

    def forget(self, key: str) -> None:
        """The name has shown who it is: its wrong tries are void."""
        with self._lock:
            self._counts.pop(key, None)

    def __len__(self) -> int:
        return len(self._counts)

    def _count(self, key: str, now_ns: int) -> _Count:
        count = self._counts.get(key)
        if count is None or now_ns - count.tried_ns > FORGOTTEN_NS:
            count = self._counts[key] = _Count(0, now_ns)
        self._counts.move_to_end(key)
        while len(self._counts) > MAX_KEYS:
            self._counts.popitem(last=False)
        return count
