"""Flesh, hair and clothes over a skeleton."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.simulator.bodies import Body, Carried, Hair, Hat
from edge.simulator.solids import Array, Part, Sculptor

if TYPE_CHECKING:
    from edge.simulator.figure import Skeleton


def add_trunk(out: Sculptor, body: Body, k: Skeleton) -> None:
    """Pelvis, waist, chest, shoulders and neck."""
    s, g, cloth = body.segment, body.girth, body.clothing_m
    left = np.cross(k.spine, k.ahead)
    chest = k.pelvis + k.spine * s(0.735 - 0.530)
    waist = k.pelvis + k.spine * s(0.09)
    out.limb(k.pelvis, waist, s(0.098) * g + cloth, s(0.086) * g + cloth, Part.BODY, side=left, depth=0.74, cap=0.6)
    out.limb(waist, chest, s(0.086) * g + cloth, s(0.098) * g + cloth, Part.BODY, side=left, depth=0.70, cap=0.5)
    if g > 1.08:
        belly = waist + k.ahead * s(0.02)
        out.ball(belly, (s(0.085) * g, s(0.09) * g, s(0.09)), Part.BODY, np.stack([k.ahead, left, k.spine], axis=1))
    base = k.neck - k.spine * s(0.012)
    for shoulder in k.shoulders:
        # The slope of the trapezius, then the round of the deltoid.
        out.limb(
            base, shoulder, s(0.040) + cloth, s(0.033) * (0.6 + 0.4 * g) + cloth, Part.BODY, side=k.ahead, depth=0.9
        )
        out.limb(chest, shoulder, s(0.070) * g + cloth, s(0.033) * (0.6 + 0.4 * g) + cloth, Part.BODY, side=k.ahead)
    throat = k.head - k.head_axes[:, 2] * body.head_height_m * 0.25 - k.head_axes[:, 0] * 0.015
    out.limb(k.neck - k.spine * s(0.02), throat, s(0.034), s(0.032), Part.BODY)
    if body.backpack:
        centre = k.pelvis + k.spine * s(0.17) - k.ahead * (s(0.078) * g + cloth + s(0.045))
        axes = np.stack([k.ahead, left, k.spine], axis=1)
        out.ball(centre, (s(0.085), s(0.105), s(0.165)), Part.BODY, axes)
        out.box(centre, (s(0.05), s(0.075), s(0.11)), Part.BODY, axes)


def add_head(out: Sculptor, body: Body, k: Skeleton) -> None:
    """Skull, face, hair and hat."""
    size = np.array([body.head_length_m, body.head_breadth_m, body.head_height_m]) / 2
    face, _, crown = k.head_axes.T
    # The brain case is wide and sits high; the face narrows to the chin below it.
    skull = k.head + crown * size[2] * 0.15
    case = size * (1.0, 1.0, 0.85)
    out.ball(skull, case, Part.HEAD, k.head_axes)
    out.ball(k.head + face * size[0] * 0.12 - crown * size[2] * 0.15, size * (0.82, 0.80, 0.85), Part.HEAD, k.head_axes)
    _add_hair(out, body, k, skull, case)
    _add_hat(out, body, k, skull, case)


def _add_hair(out: Sculptor, body: Body, k: Skeleton, skull: Array, case: Array) -> None:
    face, ear, crown = k.head_axes.T
    if body.hair is Hair.BALD:
        return
    # Hair lies over the crown and the back of the head, and leaves the face free.
    offset = -face * case[0] * 0.10 + crown * case[2] * 0.06
    thick = body.hair_m if body.hat in (Hat.NONE, Hat.HOOD) else 0.4 * body.hair_m
    out.ball(skull + offset, case * (0.93, 1.0, 0.94) + thick, Part.HAIR, k.head_axes)
    nape = skull - face * case[0] * 0.62 - crown * case[2] * 0.5
    if body.hair is Hair.LONG:
        tip = k.neck - k.ahead * body.segment(0.07) - k.spine * body.segment(0.05)
        out.limb(nape, tip, case[1] * 0.85, case[1] * 0.75, Part.HAIR, side=ear, depth=0.5)
    elif body.hair is Hair.BUN and body.hat is Hat.NONE:
        out.ball(skull - face * case[0] * 0.8 + crown * case[2] * 0.55, np.full(3, 0.038), Part.HAIR)


def _add_hat(out: Sculptor, body: Body, k: Skeleton, skull: Array, case: Array) -> None:
    face, _, crown = k.head_axes.T
    axes = k.head_axes
    band = skull + crown * case[2] * 0.25
    if body.hat is Hat.CAP:
        out.ball(band, case * (1.06, 1.08, 1.0), Part.HAT, axes)
        out.drum(band + face * case[0] * 0.85 - crown * 0.005, (0.095, case[1] * 0.95, 0.006), Part.HAT, axes)
    elif body.hat is Hat.BEANIE:
        out.ball(band - crown * 0.01, case * (1.08, 1.10, 1.05), Part.HAT, axes)
        if body.girth > 1.0:
            out.ball(band + crown * case[2] * 1.1, np.full(3, 0.03), Part.HAT, axes)
    elif body.hat is Hat.BRIM:
        out.drum(band, (case[0] + 0.075, case[1] + 0.085, 0.007), Part.HAT, axes)
        out.drum(band + crown * 0.055, (case[0] * 1.03, case[1] * 1.03, 0.055), Part.HAT, axes)
    elif body.hat is Hat.BUCKET:
        rim, top = band - crown * 0.02, band + crown * 0.08
        out.limb(rim, top, case[0] + 0.045, case[0] * 0.92, Part.HAT, side=face, depth=0.85, cap=0.25)
    elif body.hat is Hat.HOOD:
        out.ball(skull - face * 0.02, case * (1.10, 1.18, 1.12) + body.hair_m, Part.HAT, axes)
        nape = skull - face * case[0] * 0.6 - crown * case[2] * 0.7
        out.limb(nape, k.neck - k.ahead * 0.03, case[1] * 0.95, case[1] * 1.1, Part.BODY, side=axes[:, 1], depth=0.75)


def add_skirt(out: Sculptor, body: Body, k: Skeleton) -> None:
    """A skirt or a coat's tails, from the hips to the knees."""
    hem = (k.knees[0] + k.knees[1]) / 2
    span = float(np.linalg.norm((k.knees[0] - k.knees[1])[:2])) / 2
    wide = max(body.segment(0.115), span + body.segment(0.06))
    out.limb(k.pelvis, hem, body.segment(0.10) * body.girth, wide, Part.BODY, depth=0.9, cap=0.2)


def add_carried(out: Sculptor, body: Body, k: Skeleton) -> None:
    """What hangs from the right hand."""
    hand = k.hands[1]
    down = np.array([0.0, 0.0, 1.0])
    if body.carried is Carried.HANDBAG:
        out.ball(hand - down * 0.17, (0.15, 0.06, 0.11), Part.BODY)
    elif body.carried is Carried.CARRIER_BAG:
        low = max(float(hand[2]) - 0.34, 0.12)
        out.limb(hand - down * 0.08, np.array([hand[0], hand[1], low]), 0.05, 0.13, Part.BODY, side=k.ahead, depth=1.4)
    elif body.carried is Carried.BASKET:
        top = hand - down * 0.14
        axes = np.stack([k.ahead * (1, 1, 0), (-k.ahead[1], k.ahead[0], 0.0), down], axis=1)
        axes[:, 0] /= np.linalg.norm(axes[:, 0])
        axes[:, 1] /= np.linalg.norm(axes[:, 1])
        _add_basket(out, top - np.array([0.0, 0.05, 0.0]), axes)


def _add_basket(out: Sculptor, rim: Array, axes: Array) -> None:
    """A hand basket, open at the top; ``rim`` is the centre of its opening."""
    ahead, left, up = axes.T
    long, wide, tall = 0.21, 0.145, 0.11
    out.box(rim - up * 2 * tall, (long, wide, 0.006), Part.PROP, axes)
    for sign in (-1.0, 1.0):
        out.box(rim + ahead * sign * long - up * tall, (0.006, wide, tall), Part.PROP, axes, mesh=True)
        out.box(rim + left * sign * wide - up * tall, (long, 0.006, tall), Part.PROP, axes, mesh=True)
    out.box(rim - up * 1.5 * tall, (long * 0.6, wide * 0.7, tall * 0.5), Part.PROP, axes)
