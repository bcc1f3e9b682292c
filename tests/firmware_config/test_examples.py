"""The examples that an installer starts from load, and say the defaults where they claim to."""

import re
import tomllib
from pathlib import Path

from edge.settings import DeviceSettings, MicrophoneSource, StoreSettings, load_device, load_store

EXAMPLES = Path(__file__).parents[2] / "firmware_config"


def test_store_example_loads_and_its_tuning_is_the_default():
    store, default = load_store(EXAMPLES / "store.toml"), StoreSettings()
    assert (store.eye, store.ear) == (default.eye, default.ear)
    assert (store.scene, store.alerts) == (default.scene, default.alerts)
    assert (store.hours.open, store.hours.close) == ("08:00", "22:00")
    assert len(store.zone) == 2
    assert len(store.shelf) == len(store.line) == 1


def test_store_example_says_every_rule_of_every_alert():
    told = tomllib.loads((EXAMPLES / "store.toml").read_text())["alerts"]
    known = StoreSettings().alerts
    assert {rule: set(keys) for rule, keys in told.items()} == {
        rule: set(type(getattr(known, rule)).model_fields) for rule in type(known).model_fields
    }


def test_what_the_store_example_has_in_comments_can_be_switched_on(tmp_path):
    keys = re.compile(r"# (\[\[?[\w.]+\]?\]|\w+ = .+)")
    lines = (EXAMPLES / "store.toml").read_text().splitlines()
    (tmp_path / "store.toml").write_text(
        "\n".join(found[1] if (found := keys.fullmatch(line)) else line for line in lines)
    )
    store = load_store(tmp_path / "store.toml")
    (table,) = [zone for zone in store.zone if zone.objects]
    assert (table.id, table.surface_m) == ("table", 0.72)
    assert store.shelf[0].levels == (0.1, 0.5, 0.9, 1.3)
    assert [volume.key for volume in store.watched()] == ["shelf/A", "zone/table"]
    assert store.ear.thresholds.given() == {"scream": 0.8}
    assert [microphone.id for microphone in store.microphone] == ["till"]


def test_device_example_loads_and_says_the_defaults():
    device, default = load_device(EXAMPLES / "device.toml"), DeviceSettings()
    assert device.data_dir == EXAMPLES / default.data_dir  # a path in a settings file starts where the file is
    assert device.model_copy(update={"session": (), "data_dir": default.data_dir}) == default
    assert (device.session[0].loop, device.session[0].speed) == (True, 1.0)


def test_every_commented_key_is_a_real_one(tmp_path):
    text = (EXAMPLES / "device.toml").read_text()
    keys = re.compile(r"# (\[\[\w+\]\]|\w+ = .+)")
    uncommented = "\n".join(found[1] if (found := keys.fullmatch(line)) else line for line in text.splitlines())
    (tmp_path / "device.toml").write_text(uncommented)
    device, tables = load_device(tmp_path / "device.toml"), tomllib.loads(uncommented)
    assert device.broker.port == 8883
    for name in ("broker", "web", "models"):
        assert set(tables[name]) == set(type(getattr(device, name)).model_fields)
    for name in ("session", "microphone"):
        assert set(tables[name][0]) == set(type(getattr(device, name)[0]).model_fields)
    assert device.microphone[0].gain_db == MicrophoneSource(id="till").gain_db


def test_each_kind_of_channel_shows_every_key_and_its_default(tmp_path):
    text = (EXAMPLES / "device.toml").read_text()
    keys = re.compile(r"# (\[\[\w+\]\]|\w+ = .+)")
    uncommented = "\n".join(found[1] if (found := keys.fullmatch(line)) else line for line in text.splitlines())
    (tmp_path / "device.toml").write_text(uncommented)
    device, tables = load_device(tmp_path / "device.toml"), tomllib.loads(uncommented)["channel"]
    assert [channel.kind for channel in device.channel] == ["push", "apprise", "home_assistant", "speaker", "light"]
    chosen = {"id", "kind", "step", "contact", "url_file", "device", "recordings", "quiet_from", "quiet_to", "pin"}
    for channel, table in zip(device.channel, tables, strict=True):
        fields = type(channel).model_fields
        assert set(table) == set(fields)
        for key in set(table) - chosen:
            assert getattr(channel, key) == fields[key].default
