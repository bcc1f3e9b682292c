"""A light on a pin: gpiozero drives it, which is there where the box was installed with ``miseban[light]``."""

from __future__ import annotations

from typing import Any, Final

from edge.delivery.notices import Notice
from edge.delivery.notify import Channel, ChannelFault
from edge.settings.channels import LightChannel

PATTERNS: Final = {"red": (0.2, 0.2), "yellow": (1.0, 1.0), "white": None}
"""Seconds on and off; None shines without a break."""


class Light(Channel):
    """Blinks for a while, in a thread of gpiozero's own."""

    stale_s = 60.0

    def __init__(self, settings: LightChannel) -> None:
        self._settings = settings
        self._led: Any = None

    def deliver(self, notice: Notice) -> str | None:
        """Begin to shine, or begin anew; what is silent lights nothing."""
        if notice.silent:
            return None
        led = self._open()
        pattern = PATTERNS[notice.level.value]
        try:
            on_s, off_s = pattern or (self._settings.for_s, 0.0)
            times = max(1, round(self._settings.for_s / (on_s + off_s)))
            led.on()
            shines = bool(led.is_lit)
            high = bool(led.pin.state)
            led.blink(on_time=on_s, off_time=off_s, n=times, background=True)
        except Exception as error:  # noqa: BLE001  (each of gpiozero's pin libraries has errors of its own)
            raise self._fault(error) from None
        if not shines or high != self._settings.active_high:
            what = f"pin {self._settings.pin} does not follow; it reads {'high' if high else 'low'}"
            raise ChannelFault(self._where, what, "Check the wiring.")
        return f"pin {self._settings.pin} went {'high' if high else 'low'}"

    def close(self) -> None:
        """Dark, and the pin given back."""
        if self._led is not None:
            self._led.off()
            self._led.close()
            self._led = None

    def _open(self) -> Any:
        if self._led is None:
            try:
                from gpiozero import LED
            except ImportError:
                remedy = 'Install it: pip install "miseban[light]"'
                raise ChannelFault(self._where, "gpiozero is not installed", remedy) from None
            try:
                self._led = LED(self._settings.pin, active_high=self._settings.active_high)
            except Exception as error:  # noqa: BLE001  (as above; a machine without pins raises one of several)
                raise self._fault(error) from None
        return self._led

    @property
    def _where(self) -> str:
        return f"light {self._settings.id!r}"

    def _fault(self, error: Exception) -> ChannelFault:
        what = f"pin {self._settings.pin} cannot be used ({type(error).__name__})"
        return ChannelFault(self._where, what, "Check the number, and that this machine has pins.")
