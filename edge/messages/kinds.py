"""What can happen."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What can happen in a shop, and to the box."""

    ENTER = "enter"
    EXIT = "exit"
    CROSS = "cross"
    DWELL = "dwell"
    CROWD = "crowd"
    INTRUSION = "intrusion"
    RESTRICTED_AREA = "restricted_area"
    ITEM_TAKEN = "item_taken"
    ITEM_PUT = "item_put"
    SWEEP = "sweep"
    UNPAID_EXIT = "unpaid_exit"
    OBJECT_LEFT = "object_left"
    OBJECT_REMOVED = "object_removed"
    SPEECH = "speech"
    RAISED_VOICE = "raised_voice"
    SCREAM = "scream"
    GLASS_BREAK = "glass_break"
    ALARM_SOUND = "alarm_sound"
    BANG = "bang"
    MACHINE_ANOMALY = "machine_anomaly"
    MICROPHONE_SILENT = "microphone_silent"
    CAMERA_LOST = "camera_lost"
    MICROPHONE_LOST = "microphone_lost"
    CLOCK_JUMP = "clock_jump"
    DISK_LOW = "disk_low"
    FLOOD = "flood"
    """More alerts at once than anybody can look at; they are counted."""
