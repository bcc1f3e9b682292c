"""Weights and compiled engines that come inside packages.

They are constants that happen to be files: read once, never written, the same for as long as the package is.  Nothing
else in this room touches a file.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from edge.errors import EdgeError

WEIGHTS = Path(__file__).parent
"""Where our own weights lie."""


def packaged(package: str, file: str, requirement: str) -> Path:
    """A file inside an installed package, which is not imported for it.

    Parameters
    ----------
    requirement
        What to install, as pip takes it.

    Raises
    ------
    EdgeError
        If the package is not installed; whether the file is there shows when it is read.
    """
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise EdgeError(package, "is not installed", f"Run: pip install {requirement}")
    return Path(folders[0]) / file
