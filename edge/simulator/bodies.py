"""Who walks through the shop: stature, build, hair, clothes and what is carried, sampled from one generator.

Sources
-------
Segment lengths as shares of stature: Drillis & Contini, *Body Segment Parameters* (1966), as tabulated by Winter,
*Biomechanics and Motor Control of Human Movement*.  Those shares are an adult's: a child's head is larger for its
stature, so head size follows head circumference by age (Nellhaus 1968: about 49 cm at 0.9 m stature, 53 cm at 1.3 m,
56 cm for adults) and the segments below the chin share what the head leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

CHILD_M = (0.9, 1.3)
ADULT_M = (1.45, 1.95)

_CHIN = 0.870  # height of the chin over stature


class Hair(StrEnum):
    """Hair as a depth camera sees it: bulk and where it falls."""

    BALD = "bald"
    SHORT = "short"
    BUSHY = "bushy"
    LONG = "long"
    BUN = "bun"


class Hat(StrEnum):
    """What is on the head."""

    NONE = "none"
    CAP = "cap"
    BEANIE = "beanie"
    BRIM = "brim"
    BUCKET = "bucket"
    HOOD = "hood"


class Carried(StrEnum):
    """What hangs from a hand."""

    NOTHING = "nothing"
    HANDBAG = "handbag"
    CARRIER_BAG = "carrier_bag"
    BASKET = "basket"


@dataclass(frozen=True, slots=True)
class Body:
    """One person's build and clothes."""

    stature_m: float
    girth: float
    """Width and depth of the trunk against the average build."""
    head_height_m: float
    """Chin to vertex, without hair."""
    head_breadth_m: float
    head_length_m: float
    hair: Hair
    hair_m: float
    """Thickness of the hair on the crown."""
    darkness: float
    """0 to 1: how little infrared light the hair sends back."""
    hat: Hat
    backpack: bool
    carried: Carried
    skirt: bool
    clothing_m: float
    """Thickness of the clothes."""

    @property
    def is_child(self) -> bool:
        """Below the statures sampled for adults."""
        return self.stature_m < 1.4

    def segment(self, share: float) -> float:
        """A length below the chin, from its Drillis & Contini share of an adult's stature, metres."""
        return share / _CHIN * (self.stature_m - self.head_height_m)

    @property
    def radius_m(self) -> float:
        """Half the room a body takes when others pass: half the width over the arms, plus a little air."""
        return 0.139 * max(self.stature_m, 1.05) * (0.75 + 0.25 * self.girth) + self.clothing_m + 0.02


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """How likely things are."""

    hat: float = 0.25
    backpack: float = 0.15
    carried: float = 0.3
    skirt: float = 0.15


def sample_adult(rng: np.random.Generator, wardrobe: Wardrobe | None = None) -> Body:
    """An adult of 1.45 to 1.95 m."""
    stature = float(np.clip(rng.normal(1.68, 0.10), *ADULT_M))
    return _sample(rng, stature, wardrobe or Wardrobe())


def sample_child(rng: np.random.Generator, wardrobe: Wardrobe | None = None) -> Body:
    """A child of 0.9 to 1.3 m."""
    return _sample(rng, float(rng.uniform(*CHILD_M)), wardrobe or Wardrobe())


def sample_toddler(rng: np.random.Generator) -> Body:
    """A child small enough for the seat of a cart."""
    return _sample(rng, float(rng.uniform(0.82, 0.95)), Wardrobe(backpack=0.0, carried=0.0, skirt=0.0))


def head_size_m(stature_m: float, circumference_m: float, breadth_over_length: float) -> tuple[float, float, float]:
    """Height, breadth and length of a head, metres.

    Breadth and length are the axes of an ellipse with the given circumference (Ramanujan's first approximation); the
    height is 0.130 of an adult's stature, and grows toward it with the circumference in a child.
    """
    b = breadth_over_length
    perimeter = np.pi / 2 * (3 * (1 + b) - np.sqrt((3 + b) * (1 + 3 * b)))
    length = circumference_m / perimeter
    height = (1 - _CHIN) * stature_m if stature_m >= 1.4 else 0.40 * circumference_m
    return float(height), float(b * length), float(length)


def _sample(rng: np.random.Generator, stature: float, wardrobe: Wardrobe) -> Body:
    child = stature < 1.4
    around = 0.49 + 0.10 * (stature - 0.9) if child else 0.56 + 0.05 * (stature - 1.68)
    around = float(around + rng.normal(0.0, 0.008))
    height, breadth, length = head_size_m(stature, around, float(np.clip(rng.normal(0.80, 0.03), 0.73, 0.88)))
    hair = Hair(rng.choice([h.value for h in Hair], p=[0.08, 0.47, 0.12, 0.21, 0.12]))
    thickness = {Hair.BALD: 0.0, Hair.SHORT: 0.012, Hair.BUSHY: 0.045, Hair.LONG: 0.018, Hair.BUN: 0.014}[hair]
    hat = Hat(rng.choice([h.value for h in Hat][1:])) if rng.random() < wardrobe.hat else Hat.NONE
    carried = (
        Carried(rng.choice([c.value for c in Carried][1:])) if rng.random() < wardrobe.carried else Carried.NOTHING
    )
    return Body(
        stature_m=stature,
        girth=float(np.clip(rng.lognormal(0.0, 0.11), 0.82, 1.4)),
        head_height_m=height,
        head_breadth_m=breadth,
        head_length_m=length,
        hair=hair,
        hair_m=float(thickness * rng.uniform(0.8, 1.2)),
        darkness=float(rng.beta(2.0, 3.0)),
        hat=hat,
        backpack=bool(rng.random() < wardrobe.backpack),
        carried=carried if not child else Carried.NOTHING,
        skirt=bool(rng.random() < wardrobe.skirt),
        clothing_m=float(rng.uniform(0.004, 0.025)),
    )
