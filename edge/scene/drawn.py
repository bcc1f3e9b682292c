"""Floor geometry of what the installer drew."""

from __future__ import annotations

import math

from edge.settings import Line


def line_distance_m(line: Line, x_m: float, y_m: float) -> float:
    """Distance of a floor point from a line's segment."""
    dx, dy = line.to[0] - line.from_[0], line.to[1] - line.from_[1]
    share = ((x_m - line.from_[0]) * dx + (y_m - line.from_[1]) * dy) / (dx * dx + dy * dy)
    share = min(1.0, max(0.0, share))
    return math.hypot(line.from_[0] + share * dx - x_m, line.from_[1] + share * dy - y_m)
