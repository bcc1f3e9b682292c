"""Every type that passes from one room to another: frozen, slotted, checked when it is made.

Times are UTC nanoseconds of the exposure or of the first sample.  Places are in the store frame: x, y on the floor,
z up, metres.
"""

from edge.messages.alerts import Ack, AckAction, Alert, AlertState, Level, Reason
from edge.messages.box import Health, SensorCondition, SensorHealth, SensorState, ShopMap, WatchHealth
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
    "AlertState",
    "AudioChunk",
    "AudioObservation",
    "CameraModel",
    "ChangeKind",
    "DayCounts",
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
    "Level",
    "LevelFill",
    "Place",
    "Reason",
    "SceneEvent",
    "SceneUpdate",
    "SensorCondition",
    "SensorHealth",
    "SensorState",
    "ShopMap",
    "SoundScore",
    "SurfaceChange",
    "Track",
    "TrackState",
    "VolumeSight",
    "WatchHealth",
]
