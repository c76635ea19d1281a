"""How the key-encryption key is kept: in its file, under a passphrase, or in two shares; and how that is told."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.custody import by_passphrase, by_shares, is_in_shares, is_under_passphrase
from store.key_files import KeyFile, make_key_folder
from store.keyring import Keep, Keyring, plainly
from store.refusals import KeysRefused

from .refusing import Refused

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True, slots=True)
class ShownKey:
    """One key as `tocsin keys show` tells it."""

    use: str
    id: str
    created: datetime
    retire_after: date
    kept: str
    here: bool


def manner(settings: "Settings", now: datetime, *, passphrase: bool, share_at: str | None, give: Path | None) -> Keep:
    """How to keep a new key. Raises Refused when the options do not go together."""
    if passphrase and share_at is not None:
        raise Refused("Keep the key under a passphrase or in two shares: choose one of them.")
    if (share_at is None) != (give is None):
        raise Refused("Two shares need --share-at HOST and --give FOLDER: who gives the other one out, and what to.")
    try:
        if passphrase:
            return by_passphrase(_passphrase(settings))
        if share_at is not None and give is not None:
            return _in_shares(settings.keys, share_at, give, now)
    except KeysRefused as refusal:
        raise Refused(str(refusal)) from None
    return plainly


def same_manner(
    keyring: Keyring,
    settings: "Settings",
    now: datetime,
    *,
    passphrase: bool,
    share_at: str | None,
    give: Path | None,
) -> Keep:
    """How to keep a key that comes after another: as that one, unless the options say how. Raises Refused."""
    before = next(file for file in reversed(keyring.files) if file.use == "kek")
    if passphrase or share_at is not None:
        return manner(settings, now, passphrase=passphrase, share_at=share_at, give=give)
    if is_in_shares(before):
        if give is None:
            raise Refused("This key is in two shares: name a folder for the new one that belongs elsewhere in --give.")
        return _giving(give, now)
    return manner(settings, now, passphrase=is_under_passphrase(before), share_at=None, give=give)


def shown(keyring: Keyring) -> list[ShownKey]:
    """Every key, without what is secret about it."""
    locked = {one.id for one in keyring.locked_files}
    return [
        ShownKey(one.use, one.id, one.created, one.retire_after, _kept(one), one.use != "kek" or one.id not in locked)
        for one in keyring.files
    ]


def _kept(file: KeyFile) -> str:
    if is_under_passphrase(file):
        return "under a passphrase"
    if is_in_shares(file):
        return "in two shares"
    return "wrapped" if "wrapped" in file.fields else "in its file"


def _passphrase(settings: "Settings") -> str:
    if settings.passphrase is not None:
        return settings.passphrase.get_secret_value()
    typed: str = click.prompt("Passphrase for the keys", hide_input=True, confirmation_prompt=True, err=True)
    return typed


def _in_shares(keys: Path, share_at: str, give: Path, now: datetime) -> Keep:
    from .shares import write_certificates

    make_key_folder(keys)
    write_certificates(share_at.partition(":")[0], keys, give, now)
    return _giving(give, now)


def _giving(give: Path, now: datetime) -> Keep:
    def give_away(share: KeyFile) -> None:
        make_key_folder(give)
        share.write(give)

    return by_shares(give_away, now)
