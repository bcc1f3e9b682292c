"""Machines on disk: what was learnt comes back, what is damaged is told, and no name leads elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from edge.errors import EdgeError
from edge.recording.machine_store import MOST_BYTES, MOST_HOURS, MachineStore, microphones

HOUR_NS = 3600 * 10**9


def machine_of(record: object) -> object:
    """As a machine's model does: says which key is wrong."""
    assert isinstance(record, dict)
    if "tone" not in record:
        raise EdgeError("model of machine 'freezer', tone", "is not there", "Learn the machine again.")
    return record


@pytest.fixture
def store(tmp_path: Path) -> MachineStore:
    return MachineStore.of(tmp_path / "machines", "till")


def record(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "tone": 1.5} | more


def test_what_is_saved_comes_back(store: MachineStore, tmp_path: Path) -> None:
    assert (store.names(), microphones(tmp_path / "machines")) == ((), ())
    stamp = store.save("ice cream", record("ice cream"))
    store.save("冷凍庫", record("冷凍庫"))
    assert store.names() == ("ice cream", "冷凍庫")
    assert microphones(tmp_path / "machines") == ("till",)
    kept = store.read("ice cream", machine_of)
    assert (kept.machine, kept.stamp) == (record("ice cream"), stamp)
    assert set(store.read_all(machine_of).machines) == {"ice cream", "冷凍庫"}
    assert store.path("ice cream") == tmp_path / "machines/till/ice cream.json"


def test_a_machine_that_is_learnt_anew_has_another_stamp(store: MachineStore) -> None:
    first = store.save("fan", record("fan"))
    assert store.stamps() == {"fan": first}
    second = store.save("fan", record("fan", tone=2.5))
    assert second != first
    assert store.stamps() == {"fan": second}


def test_a_fault_while_writing_leaves_what_was_there(store: MachineStore) -> None:
    store.save("fan", record("fan"))
    (store.folder / ".fan.json.part").mkdir()  # in the way of what would be written first
    with pytest.raises(EdgeError, match=r"fan\.json: cannot be written .*user who runs the box"):
        store.save("fan", record("fan", tone=2.5))
    assert store.read("fan", machine_of).machine == record("fan")
    assert store.names() == ("fan",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not JSON"),
        (b'{"name": "fan", "to', "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"name": "pump", "tone": 1}', "is the machine 'pump' by its key name. Rename it to pump.json."),
        (b"[]", "has no text under its key name. Learn the machine again: miseban listen --learn fan"),
        (b'{"tone": 1}', "has no text under its key name."),
        (b'{"name": "fan"}', "model of machine 'freezer', tone: is not there. Learn the machine again."),
        (b" " * (MOST_BYTES + 1), "is larger than"),
    ],
)
def test_a_damaged_file_is_named_with_its_remedy_and_costs_no_other(
    store: MachineStore, data: bytes, words: str
) -> None:
    store.save("pump", record("pump"))
    path = store.path("fan")
    path.write_bytes(data)
    found = store.read_all(machine_of)
    assert set(found.machines) == {"pump"}
    told = str(found.faults["fan"])
    assert told.startswith(str(path))
    assert words in told
    assert "\n" not in told
    with pytest.raises(EdgeError, match=r"fan\.json"):
        store.read("fan", machine_of)


def test_one_that_is_not_there_is_told_with_those_that_are(store: MachineStore) -> None:
    store.save("fan", record("fan"))
    with pytest.raises(EdgeError, match=r"machine 'pump': was not learnt in .*till\. There are: fan\."):
        store.read("pump", machine_of)


@pytest.mark.parametrize("name", ["", ".", "..", "../door", "a/b", "/etc/passwd", ".hidden", "a\nb", "a\0b", "#", "+",
                                  "x" * 65, "\U0001f50a" * 64, "\udcff", "\u202eoof"])  # fmt: skip
def test_a_name_leads_nowhere_else(store: MachineStore, tmp_path: Path, name: str) -> None:
    for use in (
        lambda: store.save(name, record(name)),
        lambda: store.read(name, machine_of),
        lambda: store.trend(name),
        lambda: store.add_to_trend(name, [(0, 0.5)]),
        lambda: MachineStore.of(tmp_path, name),
    ):
        with pytest.raises(EdgeError, match="is no name that can be used"):
            use()
    assert list(tmp_path.rglob("*.json")) == []


def test_whether_something_can_be_saved_is_known_before_and_makes_nothing(store: MachineStore, tmp_path: Path) -> None:
    store.check_writable()
    assert not (tmp_path / "machines").exists()
    (tmp_path / "machines").write_text("a file")
    with pytest.raises(EdgeError, match=r"machines: cannot be written \(Not a directory\)"):
        store.check_writable()


def test_files_that_are_no_machines_are_left_alone(store: MachineStore) -> None:
    store.save("fan", record("fan"))
    (store.folder / "notes.txt").write_text("x")
    (store.folder / ".fan.json.part").write_text("{")
    (store.folder / "folder.json").mkdir()
    (store.folder / "a#b.json").write_text("{}")
    assert store.names() == ("a#b", "fan")
    assert set(store.stamps()) == {"fan"}
    found = store.read_all(machine_of)
    assert (set(found.machines), set(found.faults)) == ({"fan"}, {"a#b"})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_told(store: MachineStore) -> None:
    store.save("fan", record("fan"))
    store.folder.chmod(0)
    try:
        with pytest.raises(EdgeError, match="cannot be read"):
            store.names()
    finally:
        store.folder.chmod(0o755)


def test_a_trend_grows_hour_by_hour_and_is_bounded(store: MachineStore) -> None:
    assert store.trend("fan") == ()
    store.add_to_trend("fan", [(2 * HOUR_NS, 0.25), (HOUR_NS, 0.125)])
    store.add_to_trend("fan", [(2 * HOUR_NS, 0.5), (3 * HOUR_NS, 1.0)])
    assert store.trend("fan") == ((HOUR_NS, 0.125), (2 * HOUR_NS, 0.5), (3 * HOUR_NS, 1.0))
    now = 495_000 * HOUR_NS  # in the year 2026
    store.add_to_trend("fan", [(now + k * HOUR_NS, 0.1) for k in range(MOST_HOURS)])
    kept = store.trend("fan")
    assert (len(kept), kept[0][0], kept[-1][0]) == (MOST_HOURS, now, now + (MOST_HOURS - 1) * HOUR_NS)
    assert store.names() == ()
    store.forget_trend("fan")
    assert store.trend("fan") == ()


def test_lines_of_a_trend_that_cannot_be_understood_are_left_out(store: MachineStore) -> None:
    store.add_to_trend("fan", [(HOUR_NS, 0.125)])
    path = store.folder / "fan.trend.csv"
    with path.open("ab") as file:
        file.write(b"7200,nan\n7200,2.0\nx,0.5\ninf,0.5\n\xff\xfe\n\n1,2,3\n10800.0,0.75\n14400.0,0.")
    assert store.trend("fan") == ((HOUR_NS, 0.125), (3 * HOUR_NS, 0.75), (4 * HOUR_NS, 0.0))


def test_what_is_written_is_readable_json(store: MachineStore) -> None:
    store.save("fan", record("fan"))
    assert json.loads(store.path("fan").read_text()) == record("fan")
