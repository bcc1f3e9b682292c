"""Every type that passes from one room to another: frozen, slotted, checked when it is made.

Times are UTC nanoseconds of the exposure or of the first sample.  Places are in the store frame: x, y on the floor,
z up, metres.
"""

from edge.messages.alerts import Ack, AckAction, Alert, AlertState, Hush, Level, Pin, Reason, Sent, Snooze
from edge.messages.box import BoxCondition, Health, SensorCondition, SensorHealth, SensorState, ShopMap, WatchHealth
from edge.messages.day import AlertCounts, CellPart, Day, DayPart, HourPart
from edge.messages.goods import ChangeKind, DepthPair, Hand, LevelFill, SurfaceChange, VolumeSight
from edge.messages.hearing import (
    FRAME,
    FRAME_NS,
    RATE_HZ,
    AudioChunk,
    AudioObservation,
    HeardEvent,
    HearingFrame,
    SoundScore,
)
from edge.messages.kinds import EventKind
from edge.messages.scene import Act, DayCounts, FlowCounts, Place, SceneEvent, SceneUpdate, Track, TrackState
from edge.messages.sensing import CameraModel, DepthFrame, DepthObservation, GridSnapshot, Head

__all__ = [
    "FRAME",
    "FRAME_NS",
    "RATE_HZ",
    "Ack",
    "AckAction",
    "Act",
    "Alert",
    "AlertCounts",
    "AlertState",
    "AudioChunk",
    "AudioObservation",
    "BoxCondition",
    "CameraModel",
    "CellPart",
    "ChangeKind",
    "Day",
    "DayCounts",
    "DayPart",
    "DepthFrame",
    "DepthObservation",
    "DepthPair",
    "EventKind",
    "FlowCounts",
    "GridSnapshot",
    "Hand",
    "Head",
    "Health",
    "HeardEvent",
    "HearingFrame",
    "HourPart",
    "Hush",
    "Level",
    "LevelFill",
    "Pin",
    "Place",
    "Reason",
    "SceneEvent",
    "SceneUpdate",
    "SensorCondition",
    "SensorHealth",
    "SensorState",
    "Sent",
    "ShopMap",
    "Snooze",
    "SoundScore",
    "SurfaceChange",
    "Track",
    "TrackState",
    "VolumeSight",
    "WatchHealth",
]
