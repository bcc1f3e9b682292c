"""What the installer drew (``store.toml``) and what is plugged in (``device.toml``): typed, bounded, frozen.

Unknown keys are refused.  All the faults of a file are found in one pass, and each names the file, the key, what was
found and what is allowed.
"""

from edge.settings.camera import CameraSource
from edge.settings.device import (
    BrokerSettings,
    DeviceSettings,
    DiskSettings,
    MicrophoneSource,
    ModelSettings,
    SessionSource,
)
from edge.settings.drawn import Hours, Line, Shelf, Store, Zone, ZoneKind, inside_polygon, polygon_area_m2
from edge.settings.ear import EarSettings, Microphone, SoundRule, SoundRules, SoundThresholds
from edge.settings.fields import ClockTime, Coordinate, Direction, DurationS, Name, Point2, Point3, Section
from edge.settings.load import MAX_FILE_BYTES, load_device, load_settings, load_store
from edge.settings.restraint import (
    LONGEST_SNOOZE_S,
    SAFETY_KINDS,
    EscalationSettings,
    RestraintSettings,
    RetentionSettings,
    longest_snooze_ns,
)
from edge.settings.store import (
    AlertSettings,
    ClockJumpRule,
    CrowdRule,
    DiskLowRule,
    EyeSettings,
    IntrusionRule,
    ObjectLeftRule,
    ObjectRemovedRule,
    SceneSettings,
    SensorLostRule,
    StoreSettings,
    SweepRule,
    UnpaidExitRule,
)
from edge.settings.watched import WatchedVolume, shelf_faults
from edge.settings.web import TlsMode, WebSettings

__all__ = [
    "LONGEST_SNOOZE_S",
    "MAX_FILE_BYTES",
    "SAFETY_KINDS",
    "AlertSettings",
    "BrokerSettings",
    "CameraSource",
    "ClockJumpRule",
    "ClockTime",
    "Coordinate",
    "CrowdRule",
    "DeviceSettings",
    "Direction",
    "DiskLowRule",
    "DiskSettings",
    "DurationS",
    "EarSettings",
    "EscalationSettings",
    "EyeSettings",
    "Hours",
    "IntrusionRule",
    "Line",
    "Microphone",
    "MicrophoneSource",
    "ModelSettings",
    "Name",
    "ObjectLeftRule",
    "ObjectRemovedRule",
    "Point2",
    "Point3",
    "RestraintSettings",
    "RetentionSettings",
    "SceneSettings",
    "Section",
    "SensorLostRule",
    "SessionSource",
    "Shelf",
    "SoundRule",
    "SoundRules",
    "SoundThresholds",
    "Store",
    "StoreSettings",
    "SweepRule",
    "TlsMode",
    "UnpaidExitRule",
    "WatchedVolume",
    "WebSettings",
    "Zone",
    "ZoneKind",
    "inside_polygon",
    "load_device",
    "load_settings",
    "load_store",
    "longest_snooze_ns",
    "polygon_area_m2",
    "shelf_faults",
]
