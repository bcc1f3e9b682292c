"""A light on gpiozero's own mock pins."""

import sys
import time
from dataclasses import replace

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from edge.clock import utc_ns
from edge.delivery import notices
from edge.delivery.channels.light import Light
from edge.delivery.notify import ChannelFault
from edge.messages import Level
from edge.settings.channels import LightChannel
from tests.delivery.phone import wait_for


@pytest.fixture
def pins(monkeypatch):
    factory = MockFactory()
    monkeypatch.setattr(Device, "pin_factory", factory)
    yield factory
    factory.reset()


def light(**more):
    return Light(LightChannel(**{"id": "lamp", "kind": "light", "pin": 17, "for_s": 1.0} | more))


def states(pin):
    return [bool(seen.state) for seen in pin.states]


def test_red_blinks_fast_and_goes_out(pins, red):
    lamp = light()
    assert lamp.deliver(red) == "pin 17 went high"
    pin = pins.pin(17)
    wait_for(lambda: states(pin).count(True) >= 2)
    time.sleep(1.2)
    assert not pin.state
    lamp.close()


def test_white_shines_once_and_yellow_slowly(pins, red):
    lamp = light()
    lamp.deliver(replace(red, level=Level.WHITE))
    pin = pins.pin(17)
    time.sleep(0.5)
    assert pin.state
    wait_for(lambda: not pin.state)
    lamp.close()
    lamp = light(for_s=4.0, pin=18)
    lamp.deliver(replace(red, level=Level.YELLOW))
    time.sleep(0.6)
    assert states(pins.pin(18)).count(True) <= 2
    lamp.close()
    assert not pins.pin(18).state


def test_a_relay_that_is_on_when_low(pins):
    lamp = light(active_high=False)
    assert lamp.deliver(notices.trial(utc_ns())) == "pin 17 went low"
    lamp.close()


def test_a_summary_lights_nothing(pins, red):
    lamp = light()
    lamp.deliver(notices.away([red]))
    assert 17 not in pins.pins


def test_a_machine_without_pins_says_so(monkeypatch, red):
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "lgpio")
    with pytest.raises(ChannelFault, match=r"light 'lamp': pin 17 cannot be used .*this machine has pins"):
        light().deliver(red)


def test_without_gpiozero_it_says_what_to_install(monkeypatch, red):
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(ChannelFault, match=r"miseban\[light\]"):
        light().deliver(red)
