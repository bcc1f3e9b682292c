"""Rules of CONTRIBUTING.md that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EDGE = ROOT / "edge"
SOURCES = sorted(EDGE.rglob("*.py"))
PURE_SOURCES = [path for path in SOURCES if path.relative_to(EDGE).parts[0] in {"depth", "audio", "scene", "alerts"}]

FILE_LINES = 450
FUNCTION_LINES = 60
"""The rule says about 400 and about 50."""
KERNEL_LINES = 80
"""Compiled loops are fused on purpose (docs/decisions/0001)."""

IMPURE = frozenset(
    {
        "asyncio",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "pickle",
        "queue",
        "random",
        "secrets",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "structlog",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
    }
)
WEAK_NAMES = frozenset({"util", "utils", "helper", "helpers", "common", "misc", "shared", "base", "core"})


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def impure_uses(source: str) -> list[str]:
    """What a pure room may not touch: modules of the outside world, open(), and numpy's global random state."""
    tree = ast.parse(source)
    found = [name for name in imported_modules(tree) if name.split(".")[0] in IMPURE]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in {"open", "print", "input"}:
                found.append(f"{called}()")
            if called.endswith("default_rng") and not node.args:
                found.append("default_rng() without a seed")
    return found


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def most_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return KERNEL_LINES if "kernel" in map(ast.unparse, function.decorator_list) else FUNCTION_LINES


@pytest.mark.parametrize("path", PURE_SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pure_rooms_touch_nothing_but_messages(path):
    allowed = {"pathlib"} if path == EDGE / "audio" / "packaged.py" else set()
    assert set(impure_uses(path.read_text(encoding="utf-8"))) <= allowed


@pytest.mark.parametrize(
    "source",
    ["import time", "from threading import Lock", "import os.path", "open('x')", "import structlog",
     "import numpy as np\nnp.random.default_rng()"],
)  # fmt: skip
def test_the_purity_rule_sees_what_it_forbids(source):
    assert impure_uses(source)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    long = {f.name: body_lines(f) for f in functions(parsed(path)) if body_lines(f) > most_lines(f)}
    assert long == {}


def test_every_module_has_a_name_that_says_what_it_is():
    assert [str(p.relative_to(ROOT)) for p in SOURCES if WEAK_NAMES & {p.stem, p.parent.name}] == []
