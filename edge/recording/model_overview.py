"""``miseban models``: which models may be put in place, where they come from, and whether they are there and whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from edge.errors import EdgeError
from edge.recording.models import MODELS, ModelKind, read_model
from edge.settings import ModelSettings


@dataclass(frozen=True, slots=True)
class ModelState:
    """How it is with one model on this machine."""

    kind: ModelKind
    path: Path | None
    """Where its file should be; None where the settings name none."""
    fault: EdgeError | None = None
    """Why it cannot be used, if its file is named."""

    def lines(self) -> tuple[str, ...]:
        """For a person: what it is, how to get it, how it is."""
        kind = self.kind
        runs = "installed" if find_spec(kind.package) else f"pip install 'miseban[{kind.extra}]'"
        named = self.path or Path("models") / kind.file
        rows = (
            ("improves", kind.improves),
            ("licence", kind.licence),
            ("from", kind.upstream),
            ("file", kind.file),
            *(("SHA-256", f"{sha256} ({which})") for sha256, which in kind.sums.items()),
            ("runs with", f"{kind.package}: {runs}"),
            ("here", self._here()),
            ("settings", "these lines of device.toml:"),
            ("", "[models]"),
            ("", f"{kind.key} = {json.dumps(str(named), ensure_ascii=False)}"),
        )
        return (kind.title, *(f"  {name:<10} {words}" for name, words in rows))

    def _here(self) -> str:
        if self.path is None:
            return "not used: device.toml names no file"
        return f"{self.path}: there and whole" if self.fault is None else f"NOT USED: {self.fault}"


def model_states(settings: ModelSettings) -> tuple[ModelState, ...]:
    """Every model that may be put in place, with what the settings name looked at."""
    return tuple(_state(kind, getattr(settings, kind.key)) for kind in MODELS)


def _state(kind: ModelKind, path: Path | None) -> ModelState:
    if path is None:
        return ModelState(kind, None)
    try:
        read_model(kind, path)
    except EdgeError as error:
        return ModelState(kind, path, error)
    return ModelState(kind, path)


def model_concerns(settings: ModelSettings) -> tuple[str, ...]:
    """Which models cannot be used, in one sentence each; the box runs without them, and hears less well."""
    return tuple(str(state.fault) for state in model_states(settings) if state.fault is not None)
