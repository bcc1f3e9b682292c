"""Every measure of how alerts reach people, with its floor.

    python -m tests.benchmarks.measure_delivery [--json] [--only PART,PART...]

Parts: loss, answers, card, phones, checks, asked, payloads.  All together take about half an hour on two cores; loss
and answers take most of it.  Exit code 1 if a floor is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from rich.console import Console

from tests.benchmarks.measure import Measure, at_least, exactly, table, told
from tests.benchmarks.measure_card import card_measures
from tests.benchmarks.measure_page import page_measures
from tests.benchmarks.measure_phones import phone_measures
from tests.browser.conftest import ARGS, CHROMIUM, PHONE
from tests.chaos.asked import ask
from tests.chaos.press import press_answers
from tests.chaos.trouble import ALERTS_PER_S, make_trouble
from tests.daemon.test_openapi import REAL, asked_box
from tests.delivery.test_payloads import read_many

ROOT = Path(__file__).resolve().parents[2]
BOX_KILLS, BROKER_KILLS = 300, 60
BATCHES, EACH = 50, 20
CASES, REQUESTS = 10_000, 11_000
"""Of some operations there is little to get wrong, so that some requests are never made."""


def loss_measures() -> Iterator[Measure]:
    """Boxes and brokers are killed while alerts are made."""
    with TemporaryDirectory(prefix="miseban-loss-") as folder:
        got = make_trouble(Path(folder), BOX_KILLS, BROKER_KILLS)
    on = f"{got.box_kills} × kill -9 of the box; broker: {got.broker_kills} × kill -9, {got.broker_terms} × SIGTERM"
    turns = ", ".join(f"{times} × {way}" for way, times in sorted(got.turns.items()))
    yield exactly(on, f"lost of {got.changes} promised changes of {got.alerts} alerts", 0, len(got.lost))
    yield exactly(on, "shown twice", 0, len(got.twice))
    yield at_least(on, "alerts made a second, median of the boxes", 0.9 * ALERTS_PER_S, got.alerts_per_s, 1)
    yield told(on, "a phone was", turns)
    yield told(on, "news that phones had by MQTT; by asking", f"{got.by_mqtt}; {got.by_sync}")


def answer_measures() -> Iterator[Measure]:
    """Answers are pressed while box or broker is dead."""
    with TemporaryDirectory(prefix="miseban-answers-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        got = press_answers(Path(folder), browser.new_context(viewport=PHONE), BATCHES, EACH)
        browser.close()
    on = f"{got.pressed} answers in {got.batches} batches; " + ", ".join(f"{n} × {way}" for way, n in got.ways.items())
    yield exactly(on, "lost", 0, len(got.lost))
    yield exactly(on, "kept twice", 0, len(got.twice))


def asked_measures() -> Iterator[Measure]:
    """All that the API's document allows, by every role."""
    with TemporaryDirectory(prefix="miseban-asked-") as folder, asked_box(Path(folder)) as box:
        got = ask(box.url, REAL, REQUESTS)
        fell = box.log.read_text().count("Traceback")
    on = "HTTP requests made from the OpenAPI document, five roles"
    yield at_least(on, "requests", CASES, got.cases, 0)
    yield exactly(on, "5xx, or an answer that the document does not tell of", 0, len(got.faults))
    yield exactly(on, "done without the right", 0, len(got.trespasses))
    yield exactly(on, "faults in the box's log", 0, fell)
    yield told(on, "statuses", ", ".join(f"{n} × {status}" for status, n in sorted(got.statuses.items())))
    for fault in (*got.faults[:5], *got.trespasses[:5]):
        yield told(on, "fault", fault)


def payload_measures() -> Iterator[Measure]:
    """Spoilt payloads for both sides."""
    got = read_many(CASES)
    yield at_least("spoilt answers to the box", "payloads", CASES, got.total(), 0)
    yield told("spoilt answers to the box", "read; refused; nothing else", f"{got[True]}; {got[False]}")
    command = ["npm", "--prefix", "alerts_app", "run", "--silent", "test", "--", "tests/readers.test.ts"]
    readers = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    yield exactly(f"{CASES} spoilt payloads to the app's readers", "exit code", 0, readers.returncode)


PARTS: dict[str, Callable[[], Iterator[Measure]]] = {
    "loss": loss_measures,
    "answers": answer_measures,
    "card": card_measures,
    "phones": phone_measures,
    "checks": page_measures,
    "asked": asked_measures,
    "payloads": payload_measures,
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", help="parts, separated by commas")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",") if arguments.only else list(PARTS)
    if unknown := sorted(set(wanted) - set(PARTS)):
        parser.error(f"{', '.join(unknown)} is not one of {', '.join(PARTS)}")
    rows: list[Measure] = []
    for part in wanted:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        rows += PARTS[part]()
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    else:
        Console(width=150).print(table(rows))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
