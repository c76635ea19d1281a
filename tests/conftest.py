"""What every test may ask for.

A browser test needs the system's Chromium: without one it is skipped and says so; where TOCSIN_BROWSER is "required"
(as in CI) it fails instead, so that nobody mistakes a missing browser for a working page."""

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from engine.log import OURS
from tocsin.logs import Pseudonyms, Refusals, allowed

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")  # as the distributions name it

settings.register_profile("unhurried", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("unhurried")  # no deadline for one example: the machine may be busy with something else


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no worker is left with one of them when the others are done."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is not None:
        return Path(found)
    if os.environ.get("TOCSIN_BROWSER") == "required":
        pytest.fail("TOCSIN_BROWSER is required and no Chromium is installed", pytrace=False)
    pytest.skip("no Chromium on this machine")


class Strict(logging.Handler):
    """Fails whoever logs what is not on the list: where the service only drops it, a test must notice."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise AssertionError unless all of it may be said."""
        refused = Refusals()
        allowed(record, Pseudonyms(b"of the tests"), refused)
        assert not refused.count, f"not on the list of what may be logged: {record.msg} {vars(record).get('told')}"


@pytest.fixture(autouse=True, scope="session")
def nothing_is_logged_that_may_not_be() -> Iterator[None]:
    """Every test is held to the list of what may be logged."""
    strict, ours = Strict(), logging.getLogger(OURS)
    ours.addHandler(strict)
    yield
    ours.removeHandler(strict)
