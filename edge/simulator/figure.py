"""A body in a posture becomes solids: skeleton first, then what is put over it.

Body frame: x ahead, y to the left, z up, origin on the floor between the feet.  All metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.simulator.bodies import Body
from edge.simulator.outfit import add_carried, add_head, add_skirt, add_trunk
from edge.simulator.solids import Array, Part, Sculptor, Solids

STANCE_SHARE = 0.6
"""Share of a stride in which a foot stands on the floor (Perry, *Gait Analysis*)."""

FULL_SPEED_MPS = 1.3


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a hand is drawn to, and how far it has come from where it would hang."""

    target: tuple[float, float, float]
    """Body frame, metres."""
    weight: float
    pole: tuple[float, float, float] | None = None
    """Where the elbow points, body frame; None leaves it to the arm: back, out and down."""


@dataclass(frozen=True, slots=True)
class Posture:
    """How a body stands at one instant."""

    x_m: float
    y_m: float
    heading_rad: float
    """0 looks along +x, counter-clockwise."""
    speed_mps: float = 0.0
    phase: float = 0.0
    """Strides walked; the left heel strikes at whole numbers."""
    crouch: float = 0.0
    bend_rad: float = 0.0
    head_yaw_rad: float = 0.0
    head_pitch_rad: float = 0.0
    left: Reach | None = None
    right: Reach | None = None
    seat_m: float | None = None
    """Height of the seat, for who sits."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Joints of a body in a posture, body frame."""

    pelvis: Array
    spine: Array
    """Unit vector from pelvis to neck."""
    ahead: Array
    """Unit vector out of the chest."""
    neck: Array
    head: Array
    """Centre of the skull."""
    head_axes: Array
    """(3, 3): face, left ear, crown as columns."""
    shoulders: tuple[Array, Array]
    elbows: tuple[Array, Array]
    hands: tuple[Array, Array]
    hips: tuple[Array, Array]
    knees: tuple[Array, Array]
    ankles: tuple[Array, Array]


def stride_hz(body: Body, speed_mps: float) -> float:
    """Strides per second: cadence grows with the square root of speed (after Grieve & Gear 1966)."""
    return 0.93 * float(np.sqrt(max(speed_mps, 0.0) / FULL_SPEED_MPS) * np.sqrt(1.72 / body.stature_m))


def figure(body: Body, posture: Posture) -> Solids:
    """The solids of a body in a posture, store frame."""
    skeleton = skeleton_of(body, posture)
    out = Sculptor()
    add_trunk(out, body, skeleton)
    _add_limbs(out, body, skeleton)
    add_head(out, body, skeleton)
    if body.skirt and posture.seat_m is None:
        add_skirt(out, body, skeleton)
    add_carried(out, body, skeleton)
    return out.solids().moved(_yaw(posture.heading_rad), (posture.x_m, posture.y_m, 0.0))


def head_centre(body: Body, posture: Posture) -> Array:
    """Centre of the skull, store frame (3,)."""
    centre = _yaw(posture.heading_rad) @ skeleton_of(body, posture).head
    return np.asarray(centre + np.array([posture.x_m, posture.y_m, 0.0]))


def hands_of(body: Body, posture: Posture) -> tuple[Array, Array]:
    """Left and right hand, store frame (3,) each."""
    turn, foot = _yaw(posture.heading_rad), np.array([posture.x_m, posture.y_m, 0.0])
    left, right = skeleton_of(body, posture).hands
    return turn @ left + foot, turn @ right + foot


def skeleton_of(body: Body, posture: Posture) -> Skeleton:
    """Joints of a body in a posture."""
    s = body.segment
    walk = min(posture.speed_mps / FULL_SPEED_MPS, 1.2)
    ankles = _ankles(body, posture)
    pelvis = _pelvis(body, posture, ankles, walk)
    twist = 0.07 * walk * np.sin(2 * np.pi * posture.phase)
    lean = posture.bend_rad + 0.05 * walk + 0.45 * posture.crouch
    spine = np.array([np.sin(lean), 0.0, np.cos(lean)])
    ahead = np.array([np.cos(lean) * np.cos(twist), np.sin(twist), -np.sin(lean) * np.cos(twist)])
    left = np.cross(spine, ahead)
    neck = pelvis + spine * s(0.845 - 0.530)
    top = pelvis + spine * s(0.812 - 0.530)
    wide = s(0.108) * (0.6 + 0.4 * body.girth)
    shoulders = (top + left * wide, top - left * wide)
    head_axes = _head_axes(posture, lean)
    # The skull sits a little ahead of the neck, its lowest point at the chin.
    head = neck + head_axes[:, 2] * (s(0.870 - 0.845) + body.head_height_m / 2) + head_axes[:, 0] * 0.02
    across = np.array([0.0, s(0.052), 0.0])
    hips = (pelvis + across, pelvis - across)
    thigh, shank = s(0.245), s(0.246)
    forward = np.array([1.0, 0.0, 0.25])
    knees = tuple(middle_joint(h, a, thigh, shank, forward) for h, a in zip(hips, ankles, strict=True))
    arms = [_arm(body, posture, side, shoulders[side], spine, ahead, walk) for side in (0, 1)]
    return Skeleton(
        pelvis, spine, ahead, neck, head, head_axes, shoulders, (arms[0][0], arms[1][0]), (arms[0][1], arms[1][1]),
        hips, (knees[0], knees[1]), ankles,
    )  # fmt: skip


def _ankles(body: Body, posture: Posture) -> tuple[Array, Array]:
    """Both ankles: a foot on the floor moves back at walking speed, so it stands still in the shop."""
    s = body.segment
    apart = s(0.055) + 0.03 * posture.crouch
    if posture.seat_m is not None:
        ahead, down = s(0.22), posture.seat_m - s(0.19)
        return np.array([ahead, apart, down]), np.array([ahead, -apart, down])
    rate = stride_hz(body, posture.speed_mps)
    stance = STANCE_SHARE * posture.speed_mps / rate if rate > 1e-6 else 0.0
    feet = []
    for side, shift in ((1.0, 0.0), (-1.0, 0.5)):
        p = (posture.phase + shift) % 1.0
        if p < STANCE_SHARE:
            x, lift = stance * (0.5 - p / STANCE_SHARE), 0.0
        else:
            q = (p - STANCE_SHARE) / (1 - STANCE_SHARE)
            x, lift = stance * (-0.5 + q * q * (3 - 2 * q)), np.sin(np.pi * q) * 0.35 * stance * 0.5
        feet.append(np.array([x, side * apart, s(0.039) + lift]))
    return feet[0], feet[1]


def _pelvis(body: Body, posture: Posture, ankles: tuple[Array, Array], walk: float) -> Array:
    s = body.segment
    if posture.seat_m is not None:
        return np.array([0.0, 0.0, posture.seat_m + s(0.05)])
    # A heel that rises, and a foot that rolls, spare the pelvis most of the drop that a stiff leg would need.
    leg = s(0.491)
    high = min(a[2] + np.sqrt(max(leg * leg - 0.3 * a[0] * a[0], 0.01)) for a in ankles) - 0.004
    z = min(high, s(0.530)) * (1 - posture.crouch) + s(0.20) * posture.crouch
    sway = 0.02 * walk * np.sin(2 * np.pi * (posture.phase + 0.1))
    back = -s(0.07) * np.sin(min(posture.bend_rad, 1.2)) - s(0.09) * posture.crouch
    return np.array([back, sway, z])


def _head_axes(posture: Posture, lean: float) -> Array:
    """The head keeps closer to upright than the trunk, then turns and nods."""
    pitch = 0.55 * lean + posture.head_pitch_rad
    yaw = posture.head_yaw_rad
    crown = np.array([np.sin(pitch), 0.0, np.cos(pitch)])
    face = np.array([np.cos(pitch), 0.0, -np.sin(pitch)])
    ear = np.array([0.0, 1.0, 0.0])
    turned = np.cos(yaw) * face + np.sin(yaw) * ear
    return np.stack([turned, np.cross(crown, turned), crown], axis=1)


def _arm(
    body: Body, posture: Posture, side: int, shoulder: Array, spine: Array, ahead: Array, walk: float
) -> tuple[Array, Array]:
    """Elbow and hand of the left (0) or right (1) arm."""
    s = body.segment
    sign = 1.0 if side == 0 else -1.0
    upper, lower = s(0.186), s(0.146 + 0.05)
    loaded = side == 1 and body.carried.value != "nothing"
    swing = (
        np.radians(25 if not loaded else 6) * walk * np.cos(2 * np.pi * (posture.phase + (0.5 if side == 0 else 0.0)))
    )
    flex = 0.12 + 0.25 * walk * (not loaded)
    out = sign * (0.07 + 0.10 * max(body.girth - 1.0, 0.0) + 0.05 * loaded)
    # Arms hang from the shoulder, toward the floor rather than along a bent trunk.
    down = np.array([np.sin(swing), out, -np.cos(swing)])
    fore = np.array([np.sin(swing + flex), 0.4 * out, -np.cos(swing + flex)])
    elbow = shoulder + upper * down / np.linalg.norm(down)
    hand = elbow + lower * fore / np.linalg.norm(fore)
    reach = posture.left if side == 0 else posture.right
    if reach is None or reach.weight <= 0.0:
        return elbow, hand
    w = reach.weight
    # On its way a hand passes in front of the body, not through it.
    aim = (1 - w) * hand + w * np.asarray(reach.target) + ahead * (0.25 * w * (1 - w))
    pole = np.array([-0.6, 0.8 * sign, -0.6] if reach.pole is None else reach.pole)
    elbow = middle_joint(shoulder, aim, upper, lower, pole)
    to_aim = aim - elbow
    return elbow, elbow + lower * to_aim / max(float(np.linalg.norm(to_aim)), 1e-9)


def middle_joint(root: Array, tip: Array, first: float, second: float, pole: Array) -> Array:
    """Middle joint of a two-bone limb, on the side of ``pole``; a tip out of reach is pointed at."""
    span = tip - root
    distance = float(np.linalg.norm(span))
    along = span / max(distance, 1e-9)
    d = float(np.clip(distance, abs(first - second) + 1e-6, first + second - 1e-6))
    a = (first * first - second * second + d * d) / (2 * d)
    off = pole - (pole @ along) * along
    size = float(np.linalg.norm(off))
    off = off / size if size > 1e-9 else np.zeros(3)
    return np.asarray(root + a * along + np.sqrt(max(first * first - a * a, 0.0)) * off)


def _add_limbs(out: Sculptor, body: Body, k: Skeleton) -> None:
    s, cloth = body.segment, body.clothing_m
    thick = 0.6 + 0.4 * body.girth
    for shoulder, elbow, hand in zip(k.shoulders, k.elbows, k.hands, strict=True):
        out.limb(shoulder, elbow, s(0.032) * thick + cloth, s(0.025) * thick + cloth, Part.BODY)
        wrist = elbow + (hand - elbow) * 0.72
        out.limb(elbow, wrist, s(0.026) * thick + cloth, s(0.019) + 0.5 * cloth, Part.BODY)
        out.limb(wrist, hand, s(0.022), s(0.018), Part.BODY, depth=0.6)
    for hip, knee, ankle in zip(k.hips, k.knees, k.ankles, strict=True):
        out.limb(hip, knee, s(0.052) * body.girth + cloth, s(0.036) * thick + cloth, Part.BODY)
        out.limb(knee, ankle, s(0.034) * thick + cloth, s(0.024) + cloth, Part.BODY)
        toe = ankle + np.array([s(0.095), 0.0, -s(0.014)])
        heel = ankle + np.array([-s(0.02), 0.0, -s(0.012)])
        out.limb(heel, toe, s(0.027), s(0.022), Part.BODY, side=np.array([0.0, 1.0, 0.0]))


def _yaw(angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
