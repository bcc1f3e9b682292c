"""The box itself: how it is, what a camera sees, what it logged, and all of it for whoever helps."""

from __future__ import annotations

import io
import json
import platform
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge import logs
from edge.clock import NS_PER_S, monotonic_ns, utc_ns
from edge.settings import DeviceSettings, StoreSettings
from edge.web import api
from edge.web.replies import NEVER, refused, reply
from edge.web.rights import Right, User, needs, user_of

MOST_LINES = 2000
HIDDEN = "(not told)"


@dataclass(frozen=True, slots=True)
class BoxView:
    """What of the box itself is shown."""

    device: DeviceSettings
    store: StoreSettings
    health: Callable[[], bytes]
    """As the topic ``health`` tells it."""
    look: Callable[[str], bytes | None]
    """A picture of the depth that a camera sees now, PNG; None where there is none."""
    looked: Callable[[User, str], None]
    """Told of every look at a camera, for the access log."""
    started_ns: int
    """On the clock that only goes forward."""


def box_routes(box: BoxView) -> Iterator[Route]:
    """``/api/box``, ``/api/cameras/{id}/depth.png``, ``/api/logs`` and ``/api/support``."""

    def about(_: Request) -> Response:
        return reply(_about(box))

    def depth(request: Request) -> Response:
        camera, user = request.path_params["id"], user_of(request)
        assert user is not None  # `needs` has seen to it
        box.looked(user, camera)
        png = box.look(camera)
        if png is None:
            return refused(404, "no_picture", "this camera is not there, or shows nothing now")
        return Response(png, 200, {"cache-control": NEVER}, "image/png")

    def lines(request: Request) -> Response:
        most = api.query_number(request.query_params.get("lines"), 200, 1, MOST_LINES)
        if most is None:
            return refused(400, "out_of_bounds", f"lines is 1 to {MOST_LINES}")
        return reply({"lines": logs.recent(most)})

    def support(_: Request) -> Response:
        name = f"miseban-{box.device.device}.zip"
        headers = {"cache-control": NEVER, "content-disposition": f'attachment; filename="{name}"'}
        return Response(_bundle(box), 200, headers, "application/zip")

    yield Route("/api/box", needs(Right.READ, about))
    yield Route("/api/cameras/{id}/depth.png", needs(Right.BOX, depth))
    yield Route("/api/logs", needs(Right.BOX, lines))
    yield Route("/api/support", needs(Right.BOX, support))


def _about(box: BoxView) -> dict[str, object]:
    data_dir = box.device.data_dir
    disk = shutil.disk_usage(data_dir)
    return {
        "version": version("miseban"),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "now_ms": utc_ns() // 1_000_000,
        "uptime_s": (monotonic_ns() - box.started_ns) // NS_PER_S,
        "disk": {"free": disk.free, "total": disk.total},
        "data": [{"name": name, "bytes": size} for name, size in _sizes(data_dir)],
    }


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """What lies in the data folder, and how much room it takes."""
    for path in sorted(folder.iterdir()):
        files = (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else (path,)
        yield path.name, sum(_size(one) for one in files)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:  # gone since it was listed
        return 0


def _bundle(box: BoxView) -> bytes:
    """All that helps to help: no password, no key, no picture, nobody's name."""
    device = box.device.model_dump(mode="json")
    device["broker"] = {key: value and HIDDEN for key, value in device["broker"].items()}
    files: dict[str, object] = {
        "about.json": _about(box),
        "health.json": json.loads(box.health()),
        "device.json": device,
        "store.json": box.store.model_dump(mode="json", by_alias=True),
        "log.txt": "\n".join(logs.recent(MOST_LINES)),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)
            archive.writestr(name, text)
    return out.getvalue()
