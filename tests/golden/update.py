"""Make the expected results of the bundled sessions again: ``python -m tests.golden.update``.

It shows what changes before it writes.  Scores are a ratchet: a measure that is a little lower stays as it was, and
where scores would get worse, nothing is written unless ``--lower`` says that this is meant.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.golden.comparing import differences, slides
from tests.golden.playing import NAMES, SCORES, Played, Scores, expected_folder, play, records


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.golden.update", description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, help="sessions in recordings/, all of them by default")
    parser.add_argument("--check", action="store_true", help="show the difference and write nothing")
    parser.add_argument("--lower", action="store_true", help="write also where scores get worse")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(NAMES))
    if unknown:
        parser.error(f"no session {unknown[0]!r} in recordings/; there are {', '.join(NAMES)}")
    kept_back = False
    for name in arguments.names:
        with tempfile.TemporaryDirectory(prefix="miseban-") as out:
            played = play(name, Path(out))
        _say(f"== {name}")
        worse = _show(name, played)
        if arguments.check:
            continue
        if worse and not arguments.lower:
            kept_back = True
            _say("   nothing written: scores got worse; --lower writes all the same")
            continue
        _write(name, played, lower=arguments.lower)
    return int(kept_back)


def _write(name: str, played: Played, *, lower: bool) -> None:
    folder = expected_folder(name)
    folder.mkdir(exist_ok=True)
    if not lower and (folder / SCORES).is_file():
        played = replace(played, scores=played.scores.held_up(Scores.read(folder / SCORES)))
    for file, text in played.files().items():
        (folder / file).write_text(text, encoding="utf-8")


def _show(name: str, played: Played) -> list[str]:
    """Say what is another than before; return where scores got worse."""
    folder = expected_folder(name)
    before = {file: _text(folder / file) for file in played.files()}
    for file, text in played.files().items():
        if text == before[file]:
            _say(f"   {file}: the same")
            continue
        within = file != SCORES and before[file] and not differences(records(before[file]), records(text))
        _say(f"   {file}: {'numbers changed within their tolerances' if within else 'changed'}")
        if file == SCORES or not within:
            old, new = before[file].splitlines(), text.splitlines()
            shown = difflib.unified_diff(old, new, lineterm="", n=0) if file == SCORES else _words(before[file], text)
            for line in shown:
                _say(f"      {line}")
    if not before[SCORES]:
        return []
    worse = slides(Scores.read(folder / SCORES), played.scores)
    for line in worse:
        _say(f"   WORSE: {line}")
    return worse


def _words(before: str, text: str) -> list[str]:
    return differences(records(before), records(text))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
