"""The keys of this instance: where they are, and how they come to be."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .refusing import Refused

if TYPE_CHECKING:
    from config.settings import Settings
    from engine.clock import Clock
    from store.keyring import Keyring

CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd puts what a unit may read (systemd.exec, "Credentials")


def load_keys(settings: "Settings") -> "Keyring":
    """The keyring, perhaps locked. Raises Refused with one sentence that says what to do."""
    from store.keyring import Keyring
    from store.refusals import KeysRefused

    handed_over = os.environ.get(CREDENTIALS)
    try:
        return Keyring.load(settings.keys, Path(handed_over) if handed_over else None)
    except KeysRefused as refusal:
        raise Refused(str(refusal)) from None


def make_keys(settings: "Settings", clock: "Clock") -> bool:
    """Make plain keys where there are none; True when they were made. Raises Refused when they cannot be."""
    from store.keyring import Keyring
    from store.refusals import KeysRefused

    if settings.keys.is_dir() and any(settings.keys.glob("*.key")):
        return False
    try:
        Keyring.fresh(clock.now()).save(settings.keys)
    except KeysRefused as refusal:
        raise Refused(str(refusal)) from None
    return True
