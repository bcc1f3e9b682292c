"""Pictures of the real app for the README: a bundled session through the whole box, in Chromium.

    python -m tests.benchmarks.app_picture FOLDER [SESSION]

Writes app.png (a phone, light and dark side by side).
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks.measure_latency import SESSION, phone, running_box

SEEN_S = 14.0
"""How long the shop is watched before the picture is taken: people are in and have left trails."""
GAP_PX = 32


def shots(session: Path) -> list[bytes]:
    """The page on a phone, light and dark, at nearly the same moment of the session."""
    taken = []
    for scheme in ("light", "dark"):
        with running_box(session) as address, phone(address, scheme=scheme, locale="en-GB") as page:
            page.wait_for_function("() => (window.__miseban?.draws ?? 0) > 0", timeout=60_000)
            page.wait_for_timeout(SEEN_S * 1000)
            taken.append(page.screenshot())
    return taken


def main() -> int:
    """Take them."""
    folder = Path(sys.argv[1])
    session = Path(sys.argv[2]) if len(sys.argv) > 2 else SESSION
    pictures = [cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR) for png in shots(session)]
    gap = np.full((pictures[0].shape[0], GAP_PX, 3), 255, np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    both = np.hstack([pictures[0], gap, pictures[1]])
    cv2.imwrite(str(folder / "app.png"), both, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
