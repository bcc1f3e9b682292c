"""The machines that one ear listens to, as they are kept on disk: read, taken up when they are learnt anew, written.

::

    store -> Ear: at its start, and what was learnt or removed meanwhile
    Ear -> store: the hours of each trend when they are over; what the seasons added, once a day and at the end
"""

from __future__ import annotations

from pathlib import Path

import structlog

from edge.audio.machines import MachineModel
from edge.audio.pipeline import Ear
from edge.clock import NS_PER_S, monotonic_ns
from edge.errors import EdgeError
from edge.recording.machine_store import MachineStore, Stamp

LOOK_NS = 20 * NS_PER_S
"""So soon a machine that was learnt is listened to, without anybody starting the box again."""
SAVE_NS = 24 * 3600 * NS_PER_S
"""The seasons take weeks: a box that loses its power forgets a day of them."""

log = structlog.get_logger(__name__)


class MachineKeeper:
    """Keeps the machines of one microphone while its ear listens.

    A file that is damaged, and a disk that fails, cost no more than what is in them: the ear goes on.

    Parameters
    ----------
    machines
        The folder of all microphones' machines; without one, nothing is read or written.
    """

    def __init__(self, machines: Path | None, microphone: str) -> None:
        self._microphone = microphone
        self._store: MachineStore | None = None
        self._stamps: dict[str, Stamp] = {}
        """Of the files that were read or found damaged, as they were then."""
        self._models: dict[str, MachineModel] = {}
        """As they are on disk."""
        self._trends: dict[str, int] = {}
        """The newest hour of each that is kept."""
        self._unread: dict[str, EdgeError] = {}
        self._unwritten: EdgeError | None = None
        now_ns = monotonic_ns()
        self._look_ns, self._save_ns = now_ns, now_ns + SAVE_NS
        try:
            self._store = None if machines is None else MachineStore.of(machines, microphone)
        except EdgeError as error:
            self._unread[""] = error

    @property
    def fault(self) -> str | None:
        """Which machine is not listened to or cannot be kept, and why, in one sentence."""
        errors = [*self._unread.values(), *([self._unwritten] if self._unwritten is not None else [])]
        return str(errors[0]) if errors else None

    def tend(self, ear: Ear) -> None:
        """Do what is due; to be called often."""
        now_ns = monotonic_ns()
        if now_ns < self._look_ns:
            return
        self._look_ns = now_ns + LOOK_NS
        self.look(ear)
        self._keep(ear, models=now_ns >= self._save_ns)
        if now_ns >= self._save_ns:
            self._save_ns = now_ns + SAVE_NS

    def look(self, ear: Ear) -> None:
        """Have the ear listen to what is on disk now."""
        if self._store is None:
            return
        try:
            stamps = self._store.stamps()
            found = self._store.read_all(MachineModel.from_record) if stamps != self._stamps else None
        except EdgeError as error:
            self._unread = {"": error}
            return
        self._unread.pop("", None)
        if found is None:
            return
        for name in self._models.keys() - stamps.keys():
            del self._models[name]
            ear.forget(name)
            log.info("machine is listened to no longer", microphone=self._microphone, machine=name)
        for name, kept in found.machines.items():
            if self._stamps.get(name) != kept.stamp:
                self._models[name] = kept.machine
                self._trends.pop(name, None)
                ear.know(kept.machine)
                log.info("machine is listened to", microphone=self._microphone, machine=name)
        for name, fault in found.faults.items():
            if name not in self._unread:
                log.warning("machine cannot be read", microphone=self._microphone, why=str(fault))
        self._unread = dict(found.faults)
        self._stamps = {**stamps, **{name: kept.stamp for name, kept in found.machines.items()}}

    def finish(self, ear: Ear) -> None:
        """The ear has ended: keep what it knows."""
        self._keep(ear, models=True)

    def _keep(self, ear: Ear, *, models: bool) -> None:
        """Write what is new: hours that are over, and models as well if it is their time."""
        if self._store is None:
            return
        try:
            for machine in ear.machines:
                name, trend = machine.model.name, machine.trend
                if trend and trend[-1][0] > self._trends.get(name, -1):
                    self._store.add_to_trend(name, trend)
                    self._trends[name] = trend[-1][0]
                if models:
                    self._keep_model(self._store, machine.model)
        except EdgeError as error:
            if self._unwritten is None:  # said once, not at every look
                log.warning("machine cannot be kept", microphone=self._microphone, why=str(error))
            self._unwritten = error
        else:
            self._unwritten = None

    def _keep_model(self, store: MachineStore, model: MachineModel) -> None:
        """Unless nothing changed, or the file is not the one that was read: then that has the last word."""
        name = model.name
        unknown = name in self._unread or store.stamp(name) != self._stamps.get(name)
        if unknown or model is self._models.get(name):
            return
        self._stamps[name] = store.save(name, model.to_record())
        self._models[name] = model
