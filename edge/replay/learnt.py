"""Machines that were learnt, brought to a replay: without them results depend on session and settings alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from edge.audio.machines import MachineModel
from edge.errors import EdgeError
from edge.recording.machine_store import MachineStore

Learnt = Mapping[str, tuple[MachineModel, ...]]
"""By microphone."""


def learnt_machines(folder: Path, microphones: Sequence[str]) -> Learnt:
    """The machines of a session's microphones.

    Parameters
    ----------
    folder
        The machines of all microphones, each in a folder of its own, as a box keeps them; or those of one microphone,
        which are then listened to by each.

    Raises
    ------
    EdgeError
        If one is damaged, or there is none for any microphone.
    """
    if not folder.is_dir():
        raise EdgeError(str(folder), "is not a folder", "Give the machines of a box, or of one of its microphones.")
    own = MachineStore(folder)
    stores = {one: own if own.names() else MachineStore.of(folder, one) for one in microphones}
    learnt = {one: _all(store) for one, store in stores.items() if store.names()}
    if not learnt:
        known = ", ".join(sorted(path.name for path in folder.iterdir() if path.is_dir())) or "none"
        what = f"has no machine for {', '.join(microphones) or 'a session without a microphone'}"
        raise EdgeError(str(folder), what, f"Name the folder of one microphone. There are: {known}.")
    return learnt


def _all(store: MachineStore) -> tuple[MachineModel, ...]:
    return tuple(store.read(name, MachineModel.from_record).machine for name in store.names())
