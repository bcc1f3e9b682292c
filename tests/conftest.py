"""In which order the tests are handed out to workers; each file stays in one of them."""

import pytest

LONGEST = ("tests/browser/", "tests/daemon/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no worker is left with one while the other has nothing to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
