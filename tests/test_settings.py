from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.clock import nanoseconds
from edge.errors import EdgeError, SettingsErrors
from edge.messages import EventKind
from edge.settings import (
    DeviceSettings,
    Hours,
    StoreSettings,
    WebSettings,
    Zone,
    inside_polygon,
    load_device,
    load_store,
    longest_snooze_ns,
    polygon_area_m2,
)

GOOD = """
[store]
name = "角の店"
timezone = "Asia/Tokyo"
[hours]
open = "08:00"
close = "22:00"
[[zone]]
id = "hall"
kind = "aisle"
polygon = [[0, 0], [4, 0], [4, 3], [0, 3]]
[[shelf]]
id = "A"
min = [0, 0, 0]
max = [1, 0.4, 1.8]
facing = [0, 2]
[[line]]
id = "door"
from = [0, 0]
to = [1, 0]
in_direction = [0, 3]
"""

FAULTY = """
colour = "red"
[store]
name = ""
timezone = "Tokyo"
[hours]
open = "8:00"
[[zone]]
id = "a"
kind = "garden"
polygon = [[0, 0], [1, 0]]
[[zone]]
id = "a"
kind = "aisle"
polygon = [[0, 0], [1, 1], [1, 0], [0, 1.5]]
[[shelf]]
id = "A"
min = [0, 0, 0]
max = [1, 0.01, 1.8]
facing = [0, 0]
[[line]]
id = "door"
from = [0, 0]
to = [1, 0]
in_direction = [1, 0]
[eye]
min_head_height_m = nan
[alerts.crowd]
people = 9
red_people = 5
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_store_is_read_as_it_was_drawn(tmp_path: Path) -> None:
    store = load_store(write(tmp_path / "store.toml", GOOD))
    assert store.store.name == "角の店"
    assert store.shelf[0].facing == (0.0, 1.0)  # made a unit vector
    assert store.line[0].from_ == (0.0, 0.0)
    assert store.line[0].in_direction == (0.0, 1.0)


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "store.toml", FAULTY)
    with pytest.raises(SettingsErrors) as caught:
        load_store(path)
    where = [fault.where.removeprefix(f"{path} ") for fault in caught.value.faults]
    assert sorted(where) == sorted(
        [
            "colour",
            "store.name",
            "store.timezone",
            "hours.open",
            "hours.close",
            "zone[0].kind",
            "zone[0].polygon",
            "zone[1].polygon",
            "zone",
            "shelf[0].facing",
            "line[0]",
            "eye.min_head_height_m",
            "alerts.crowd",
        ]
    )
    for fault in caught.value.faults:
        assert "\n" not in str(fault)
        assert fault.remedy


def test_a_fault_says_what_was_found_and_what_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(SettingsErrors) as caught:
        load_store(write(tmp_path / "store.toml", "[scene]\ngate_m = 30"))
    assert str(caught.value).endswith(
        "store.toml scene.gate_m: found '30'; input should be less than or equal to 3. Change it to an allowed value."
    )


def test_an_id_used_twice_is_told_once_each(tmp_path: Path) -> None:
    zone = '[[zone]]\nid = "{}"\nkind = "aisle"\npolygon = [[0, 0], [1, 0], [1, 1]]\n'
    with pytest.raises(SettingsErrors) as caught:
        load_store(write(tmp_path / "store.toml", "".join(zone.format(i) for i in "abaab")))
    assert [fault.what for fault in caught.value.faults] == [
        "zone id 'a' is used twice; ids must differ",
        "zone id 'b' is used twice; ids must differ",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"[store", "not valid TOML"),
        (b"a = " + b"[" * 50_000, "nested too deeply"),
        (b"a = " + b"9" * 5_000, "not valid TOML"),
        (b"#" * 1_000_001, "larger than"),
    ],
)
def test_what_is_no_settings_file_is_one_clear_fault(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "store.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsErrors, match=says) as caught:
        load_store(path)
    assert len(caught.value.faults) == 1


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsErrors, match="No such file"):
        load_store(tmp_path / "none.toml")
    with pytest.raises(SettingsErrors, match="not a file"):
        load_store(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsErrors, match="not a file"):
        load_store(tmp_path / "pipe")


def must_be_one_line(error: EdgeError) -> None:
    assert "\n" not in str(error)
    assert error.remedy


@given(st.binary(max_size=400), st.integers(0, len(GOOD)), st.integers(0, 40))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_store_file_is_refused_or_read(tmp_path: Path, noise: bytes, at: int, cut: int) -> None:
    data = GOOD.encode()
    path = tmp_path / "store.toml"
    path.write_bytes(data[:at] + noise[: len(noise) % 7] + data[at + cut :])
    try:
        load_store(path)
    except EdgeError as error:
        must_be_one_line(error)


def test_paths_in_a_device_file_are_relative_to_it(tmp_path: Path) -> None:
    text = 'data_dir = "data"\n[[session]]\npath = "../day"\n[broker]\nhost = "mqtt"\npassword_file = "/etc/secret"\n'
    device = load_device(write(tmp_path / "device.toml", text))
    assert device.session[0].path == tmp_path / "../day"
    assert device.data_dir == tmp_path / "data"
    assert device.broker.password_file == Path("/etc/secret")
    assert load_device(write(tmp_path / "empty.toml", "")).data_dir == DeviceSettings().data_dir


def test_a_microphone_is_read_and_needs_no_more_than_an_id(tmp_path: Path) -> None:
    till_text = '[[microphone]]\nid = "till"\ndevice = "USB"\nchannel = 2\ngain_db = -6\nrate_hz = 16000\n'
    text = till_text + '[[microphone]]\nid = "door"\n'
    till, door = load_device(write(tmp_path / "device.toml", text)).microphone
    assert (till.id, till.device, till.channel, till.gain_db, till.rate_hz) == ("till", "USB", 2, -6.0, 16_000)
    assert (door.id, door.device, door.channel, door.gain_db, door.rate_hz) == ("door", None, None, 0.0, None)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ('device = ""', "microphone[0].device"),
        ("channel = 0", "microphone[0].channel"),
        ("channel = 65", "microphone[0].channel"),
        ("gain_db = 41", "microphone[0].gain_db"),
        ("gain_db = nan", "microphone[0].gain_db"),
        ("rate_hz = 7999", "microphone[0].rate_hz"),
        ('position = "here"', "microphone[0].position: unknown key"),
        ('[[microphone]]\nid = "till"', "microphone id 'till' is used twice"),
    ],
)
def test_a_microphone_that_cannot_be_is_refused(tmp_path: Path, key: str, says: str) -> None:
    with pytest.raises(SettingsErrors) as caught:
        load_device(write(tmp_path / "device.toml", f'[[microphone]]\nid = "till"\n{key}\n'))
    (fault,) = caught.value.faults
    assert says in str(fault)


@pytest.mark.parametrize(
    ("opens", "closes", "clock", "is_open"),
    [
        ("08:00", "22:00", "07:59", False),
        ("08:00", "22:00", "08:00", True),
        ("08:00", "22:00", "22:00", False),
        ("20:00", "02:00", "01:59", True),
        ("20:00", "02:00", "12:00", False),
        ("00:00", "24:00", "23:59", True),
        ("09:00", "09:00", "03:00", True),
    ],
)
def test_opening_hours(opens: str, closes: str, clock: str, is_open: bool) -> None:
    hour, minute = map(int, clock.split(":"))
    now = datetime(2026, 5, 4, hour, minute, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert Hours(open=opens, close=closes).is_open(now) is is_open


def test_hours_are_the_shops_own() -> None:
    store = StoreSettings.model_validate({"hours": {"open": "08:00", "close": "22:00"}})
    midnight_utc = datetime(2026, 5, 4, tzinfo=ZoneInfo("UTC"))
    assert store.is_open(nanoseconds(midnight_utc.timestamp()))  # nine in the morning in Tokyo
    assert not store.is_open(nanoseconds(midnight_utc.timestamp() + 14 * 3600))  # eleven in the evening


def test_the_digest_tells_settings_apart() -> None:
    plain = StoreSettings()
    changed = StoreSettings.model_validate({"scene": {"gate_m": 0.7}})
    assert plain.digest() == StoreSettings().digest()
    assert plain.digest() != changed.digest()


def test_polygons() -> None:
    corner = ((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0), (1.0, 2.0), (0.0, 2.0))
    assert polygon_area_m2(corner) == pytest.approx(3.0)
    assert inside_polygon(0.5, 1.5, corner)
    assert not inside_polygon(1.5, 1.5, corner)
    with pytest.raises(ValueError, match="cross each other"):
        Zone.model_validate({"id": "a", "kind": "aisle", "polygon": [[0, 0], [2, 2], [2, 0], [0, 3]]})


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("LOCALHOST", True),
        ("0.0.0.0", False), ("::", False), ("192.168.1.7", False), ("box.local", False), ("127.0.0.1.example", False),
    ],
)  # fmt: skip
def test_only_a_page_of_this_machine_alone_goes_without_sign_in_and_certificate(host: str, is_local: bool) -> None:
    web = WebSettings(host=host)
    assert (web.local, web.own_ca, web.sign_in) == (is_local, not is_local, True)
    if is_local:
        assert not WebSettings(host=host, sign_in=False).sign_in
    else:
        with pytest.raises(ValueError, match="whole network"):
            WebSettings(host=host, sign_in=False)


def test_a_certificate_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "device.toml").write_text('[web]\ntls = "own"\ncertificate = "a.pem"\nkey = "/etc/b.pem"\n')
    web = load_device(tmp_path / "device.toml").web
    assert (web.certificate, web.key) == (tmp_path / "a.pem", Path("/etc/b.pem"))


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("restraint", "cool_down_s", -1.0),
        ("restraint", "flood_per_minute", 0),
        ("restraint", "flaps", 1),
        ("restraint", "flap_half_life_s", 0.0),
        ("escalation", "after_s", 1.0),
        ("escalation", "steps", 10),
        ("retention", "keep_h", 0.5),
        ("retention", "forever", True),
    ],
)
def test_restraint_that_makes_no_sense_is_refused(table: str, key: str, value: object):
    with pytest.raises(ValueError, match=key):
        StoreSettings.model_validate({"alerts": {table: {key: value}}})


def test_what_is_about_safety_is_quiet_for_half_an_hour_at_most():
    minute_ns = 60 * 10**9
    assert longest_snooze_ns(EventKind.INTRUSION) == 30 * minute_ns
    assert longest_snooze_ns(EventKind.CROWD) == longest_snooze_ns(None) == 12 * 60 * minute_ns
