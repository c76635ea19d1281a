"""The keys of this instance: where they are, and how they come to be."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .refusing import Refused

if TYPE_CHECKING:
    from config.settings import Settings
    from engine.clock import Clock
    from store.keyring import Keep, Keyring

CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd puts what a unit may read (systemd.exec, "Credentials")


def load_keys(settings: "Settings") -> "Keyring":
    """The keyring, locked where its key is under another passphrase than TOCSIN_PASSPHRASE, or in two shares.

    Raises Refused with one sentence that says what to do."""
    from store.keyring import Keyring
    from store.refusals import KeysRefused

    from .unlocking import try_passphrase

    handed_over = os.environ.get(CREDENTIALS)
    try:
        keyring = Keyring.load(settings.keys, Path(handed_over) if handed_over else None)
    except KeysRefused as refusal:
        raise Refused(str(refusal)) from None
    if settings.passphrase is not None and keyring.is_locked:
        try_passphrase(keyring, settings.passphrase.get_secret_value())
    return keyring


def make_keys(settings: "Settings", clock: "Clock", keep: "Keep | None" = None) -> bool:
    """Make keys where there are none, kept in their files unless told otherwise; True when they were made.

    Raises Refused when they cannot be."""
    from store.keyring import Keyring, plainly
    from store.refusals import KeysRefused

    if settings.keys.is_dir() and any(settings.keys.glob("*.key")):
        return False
    try:
        Keyring.fresh(clock.now(), keep or plainly).save(settings.keys)
    except KeysRefused as refusal:
        raise Refused(str(refusal)) from None
    return True


def ask_passphrase() -> str | None:
    """The passphrase, from whoever types; None where nobody does."""
    if not sys.stdin.isatty():
        return None
    typed: str = click.prompt("Passphrase of the keys", hide_input=True, err=True)
    return typed
