"""What every test may ask for.

A browser test needs the system's Chromium: without one it is skipped and says so; where TOCSIN_BROWSER is "required"
(as in CI) it fails instead, so that nobody mistakes a missing browser for a working page."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")  # as the distributions name it

settings.register_profile("unhurried", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("unhurried")  # no deadline for one example: the machine may be busy with something else


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is not None:
        return Path(found)
    if os.environ.get("TOCSIN_BROWSER") == "required":
        pytest.fail("TOCSIN_BROWSER is required and no Chromium is installed", pytrace=False)
    pytest.skip("no Chromium on this machine")
