"""Channels before the box runs: what check-config finds, and the command that tests one."""

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.daemon import channel_check
from edge.daemon.channel_check import channel_concerns
from edge.delivery.channels.subscriptions import Subscriptions
from edge.settings import load_device
from tests.delivery.push_phone import PushPhone

RUNNER = CliRunner()


def device(folder, text):
    (folder / "var").mkdir(exist_ok=True)
    path = folder / "device.toml"
    path.write_text(f'data_dir = "var"\n{text}')
    return path


def channel(**keys):
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in keys.items()]
    return "[[channel]]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("keys", "concern"),
    [
        ({"id": "a", "kind": "apprise", "url_file": "none"}, "cannot be read (No such file"),
        ({"id": "a", "kind": "apprise", "url_file": "open"}, "can be read by others"),
        ({"id": "a", "kind": "speaker"}, "espeak-ng is not installed"),
        ({"id": "a", "kind": "speaker", "recordings": "none"}, "is not a folder"),
        ({"id": "a", "kind": "light", "pin": 4}, "gpiozero is not installed"),
        ({"id": "a", "kind": "home_assistant"}, "cannot reach the box's own broker"),
        ({"id": "a", "kind": "push", "levels": []}, "never tells anything"),
        ({"id": "a", "kind": "apprise", "url_file": "none", "enabled": False}, None),
    ],
)  # fmt: skip
def test_what_keeps_a_channel_from_working_is_told(tmp_path, monkeypatch, keys, concern):
    (tmp_path / "open").write_text("json://x")
    (tmp_path / "open").chmod(0o644)
    monkeypatch.setattr(channel_check.shutil, "which", lambda name: None)
    find = channel_check.importlib.util.find_spec
    monkeypatch.setattr(
        channel_check.importlib.util, "find_spec", lambda name: None if name == "gpiozero" else find(name)
    )
    found = channel_concerns(load_device(device(tmp_path, channel(**keys))))
    if concern is None:
        assert found == ()
    else:
        assert any(concern in one and one.startswith("[[channel]] 'a': ") for one in found)


def test_check_config_prints_it(tmp_path):
    path = device(tmp_path, channel(id="chat", kind="apprise", url_file="none"))
    said = RUNNER.invoke(app, ["check-config", "--device", str(path)])
    assert "Worth a look" in said.output
    assert "'chat'" in said.output


def try_it(path, name, folder):
    return RUNNER.invoke(app, ["test-channel", name, "--device", str(path), "--store", str(folder / "store.toml")])


@pytest.fixture
def store(tmp_path):
    (tmp_path / "store.toml").write_text('[store]\nname = "Corner shop"\n')
    return tmp_path


def test_the_command_tells_the_true_result(store):
    text = '[[channel]]\nid = "phones"\nkind = "push"\nhosts = ["127.0.0.1"]\nprivate_service = true\n'
    path, phone = device(store, text), PushPhone()
    nobody = try_it(path, "phones", store)
    assert nobody.exit_code == 1
    assert "no phone asked for notifications" in nobody.output
    kept = Subscriptions(store / "var/push.sqlite")
    kept.add(phone.subscription(), 1)
    worked = try_it(path, "phones", store)
    assert (worked.exit_code, "taken by the push service for 1 phone" in worked.output) == (0, True)
    assert phone.got[0].json["kind"] == "test"
    kept.close()
    phone.close()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"id": "a", "kind": "home_assistant"}, "closed to other programs"),
        ({"id": "a", "kind": "apprise", "url_file": "none"}, "cannot be read"),
    ],
)  # fmt: skip
def test_a_channel_that_cannot_be_used_is_told_of(store, keys, said):
    result = try_it(device(store, channel(**keys)), "a", store)
    assert result.exit_code == 1
    assert said in result.output


def test_an_unknown_channel_names_those_that_there_are(store):
    result = try_it(device(store, channel(id="lamp", kind="light", pin=4)), "fax", store)
    assert result.exit_code == 1
    assert "There are: push, lamp." in str(result.exception)


def test_ids_differ_and_there_is_one_push(tmp_path):
    for text, said in (
        (channel(id="a", kind="light", pin=4) * 2, "'a'"),
        (channel(id="a", kind="push") + channel(id="b", kind="push"), "there can be one"),
        (channel(id="a", kind="fax"), "speaker"),
        (channel(id="a", kind="speaker", quiet_from="22:00"), "belong together"),
        (channel(id="a", kind="light", pin=4, step=11), "step"),
    ):
        result = RUNNER.invoke(app, ["check-config", "--device", str(device(tmp_path, text))])
        assert result.exit_code == 1
        assert said in result.output + str(result.exception)
