import pytest

from edge.clock import utc_ns
from edge.delivery.notices import Notice, Spot
from edge.delivery.phrases import Phrases
from edge.messages import Level


@pytest.fixture
def phrases():
    return Phrases("en", "Corner shop", {"hall": "aisle", "till": "checkout"})


@pytest.fixture
def red():
    return Notice("alert-1", 7, utc_ns(), Level.RED, "open", "intrusion", Spot("hall", "A", 1, None), 2)
