"""The scenarios by name: each samples a stage from one generator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edge.simulator import hall, shelf_visits, shelf_work, visits
from edge.simulator.stage import Stage


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of scene.

    Attributes
    ----------
    description
        What happens, in one sentence.
    duration_s
        How long it takes, when nothing else is asked for.
    build
        Samples a stage that lasts a given number of seconds.
    size, noise
        Picture and sensor, when nothing else is asked for.
    """

    description: str
    duration_s: float
    build: Callable[[np.random.Generator, float], Stage]
    size: tuple[int, int] = (320, 240)
    noise: str = "stereo"


SHELF_SIZE = (640, 480)
"""A can on a shelf needs the pixels."""

SCENARIOS: dict[str, Scenario] = {
    "walk": Scenario("One adult walks about an empty hall.", 15.0, hall.walk),
    "crossing": Scenario("Two to four people cross each other's paths closely, over a line.", 20.0, hall.crossing),
    "dense": Scenario("Eight people in 4 x 4 m.", 20.0, hall.dense),
    "family_cart": Scenario("Families with children, a cart, hats and backpacks.", 30.0, hall.family_cart),
    "start_occupied": Scenario("People are there from the first frame on.", 15.0, hall.start_occupied),
    "doorway": Scenario("A low time-of-flight camera over a door.", 30.0, hall.doorway, (80, 60), "tof"),
    "browse": Scenario("Shoppers stand at shelves, reach, crouch, raise a hand.", 30.0, visits.browse),
    "queue": Scenario("A queue moves up at the till.", 40.0, visits.queue),
    "crowd": Scenario("Too many people gather at the till.", 35.0, visits.crowd),
    "night": Scenario("Somebody is in the shop while it is closed.", 24.0, visits.night),
    "empty_shop": Scenario("Nobody; a sign swings, and a cart was left behind.", 15.0, visits.empty_shop),
    "shelf_single": Scenario(
        "One shopper takes goods of four sizes from a shelf, and puts some back.",
        40.0,
        shelf_visits.shelf_single,
        SHELF_SIZE,
    ),
    "shelf_three": Scenario(
        "Three stand shoulder to shoulder at a shelf and touch things; one takes something, sometimes two do.",
        45.0,
        shelf_visits.shelf_three,
        SHELF_SIZE,
    ),
    "shelf_browse": Scenario(
        "Shoppers touch, point, reach in, lean and look, a trolley is parked: nothing is taken.",
        60.0,
        shelf_visits.shelf_browse,
        SHELF_SIZE,
    ),
    "shelf_lean": Scenario("Somebody leans on a shelf, again and again.", 45.0, shelf_visits.shelf_lean, SHELF_SIZE),
    "shelf_undecided": Scenario(
        "One shopper takes things, holds them, returns them and takes them again.",
        60.0,
        shelf_visits.shelf_undecided,
        SHELF_SIZE,
    ),
    "shelf_restock": Scenario(
        "A clerk fills a half-empty shelf, up to two items every few seconds.",
        70.0,
        shelf_work.shelf_restock,
        SHELF_SIZE,
    ),
    "shelf_sweep": Scenario(
        "Somebody sweeps many items into a bag and leaves past the till.", 35.0, shelf_work.shelf_sweep, SHELF_SIZE
    ),
    "shelf_pay": Scenario(
        "One shopper takes up to three items, pays and leaves.", 40.0, shelf_work.shelf_pay, SHELF_SIZE
    ),
    "table_objects": Scenario(
        "A bag or box is left on the floor; another box is taken away from a table.",
        45.0,
        shelf_work.table_objects,
        SHELF_SIZE,
    ),
    "shop_day": Scenario("Shoppers and a family with a cart come, browse, pay and go.", 42.0, visits.shop_day),
}
"""Every scenario by its name."""
