"""How many people are inside: what the doors counted, held against who is seen.

One balance holds at every moment::

    inside + missing = there at the start + entered - left

The doors move it: one in is ``entered``, one out is ``left``.  No camera sees every passing, so three things that
cannot be otherwise are concluded, each only after it has lasted:

- more people are seen inside than the balance has: somebody was missing and is found, or else entered unseen;
- nobody is seen at all, and nobody is known to be out of view: whoever the balance still has is missing.  They are not
  inside any longer; seen again they are found; not seen for :data:`GIVEN_UP_S` they have left;
- somebody leaves a shop that is empty by the balance: they were missing, or else they had entered unseen.

So ``inside`` is never negative and comes back to 0 in an empty shop, and a track that is lost and found again, or that
was nobody, changes nothing: tracks are not added up, they are only held against the balance.
"""

from __future__ import annotations

from collections import deque

from edge.clock import nanoseconds

LASTING_NS = nanoseconds(5.0)
"""A difference that is gone sooner was somebody hidden for a moment, or one person taken for two."""
GIVEN_UP_S = 120.0
"""Who is missing for this long has left."""
OUT_OF_VIEW_S = 1800.0
"""When nobody was seen for this long, nobody is out of view either."""


class Headcount:
    """The balance of one shop.

    Parameters
    ----------
    can_be_out_of_view
        Whether people can be inside where no camera sees them.  If not, whoever is not seen is missing; if so, only
        when nobody is seen at all, as somebody may stand behind somebody.
    """

    def __init__(self, *, can_be_out_of_view: bool) -> None:
        self._can_be_out_of_view = can_be_out_of_view
        self._there = 0
        self._missing: deque[int] = deque()
        self._out_of_view = 0
        self._surplus = _Lasting()
        self._shortfall = _Lasting()
        self._seen_ns: int | None = None
        self.entered = 0
        """People who entered since the start."""
        self.left = 0
        """People who left since the start."""

    @property
    def inside(self) -> int:
        """People inside now, 0 or more."""
        return self._there + self.entered - self.left - len(self._missing)

    def was_there(self) -> None:
        """Somebody was inside already when a camera began to look."""
        self._there += 1

    def enter(self) -> None:
        """Somebody came in through a door."""
        self.entered += 1

    def leave(self) -> None:
        """Somebody went out through a door."""
        if self.inside == 0:
            self._find()
        self.left += 1

    def walk_out_of_view(self) -> None:
        """Somebody inside went where no camera sees."""
        self._out_of_view += 1

    def walk_into_view(self) -> None:
        """Somebody inside came from where no camera sees."""
        self._out_of_view = max(0, self._out_of_view - 1)

    def hold_against(self, t_ns: int, seen: int) -> None:
        """Hold the balance against the number of people who are seen inside at an instant."""
        if seen or self._seen_ns is None:
            self._seen_ns = t_ns
        if t_ns - self._seen_ns > nanoseconds(OUT_OF_VIEW_S) or not self._can_be_out_of_view:
            self._out_of_view = 0
        self._out_of_view = min(self._out_of_view, max(0, self.inside - seen))
        for _ in range(self._surplus.take(t_ns, seen - self.inside)):
            self._find()
        may_be_hidden = seen > 0 and self._can_be_out_of_view
        unexplained = 0 if may_be_hidden else self.inside - seen - self._out_of_view
        self._missing.extend([t_ns] * self._shortfall.take(t_ns, unexplained))
        while self._missing and t_ns - self._missing[0] > nanoseconds(GIVEN_UP_S):
            self._missing.popleft()
            self.left += 1

    def look_away(self) -> None:
        """No camera looks: nothing is concluded from nobody being seen, and what was under way begins anew."""
        self._surplus, self._shortfall = _Lasting(), _Lasting()

    def _find(self) -> None:
        """Somebody is inside whom the balance does not have."""
        if self._missing:
            self._missing.pop()
        else:
            self.entered += 1


class _Lasting:
    """A number that must stay above zero for :data:`LASTING_NS` before it is believed."""

    def __init__(self) -> None:
        self._since_ns: int | None = None
        self._least = 0

    def take(self, t_ns: int, number: int) -> int:
        """The least that the number was while it lasted, once it has lasted; else 0."""
        if number <= 0:
            self._since_ns = None
        elif self._since_ns is None:
            self._since_ns, self._least = t_ns, number
        else:
            self._least = min(self._least, number)
            if t_ns - self._since_ns >= LASTING_NS:
                self._since_ns = None
                return self._least
        return 0
