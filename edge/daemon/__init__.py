"""The box, live: one process per camera, and one that knows the shop and speaks to phones."""

from edge.daemon.supervisor import run

__all__ = ["run"]
