"""What `doctor` says of the keys and of backups."""

from datetime import datetime

from config.settings import Settings
from store.custody import is_in_shares, is_under_passphrase
from store.keyring import Keyring
from store.made_keys import wrapped_by

from .backups import known_recipients
from .checks import Finding
from .keys import load_keys
from .refusing import Refused

BESIDE = (
    "They lie open beside the data, so whoever takes the disk can read it: put the folder elsewhere (TOCSIN_KEYS), or"
    " `tocsin keys rotate --passphrase` or `--share-at`."
)
IN_THE_OPEN = (
    "The root key is kept as it once was: whoever takes the folder of keys can try codes, though the key-encryption key"
    " be elsewhere. The next `tocsin keys rotate` wraps it; nobody has to choose a code anew."
)
NO_BACKUPS = "Nobody is named for whom `tocsin backup` seals: set TOCSIN_BACKUP_RECIPIENTS to two people or more."


def look_at_keys(settings: Settings, now: datetime) -> list[Finding]:
    """Whether the keys can be used, are kept well, and are young enough."""
    try:
        keyring = load_keys(settings)
    except Refused as refusal:
        return [Finding("keys", False, refusal.format_message())]
    newest = next(file for file in reversed(keyring.files) if file.use == "kek")
    guarded = is_under_passphrase(newest) or is_in_shares(newest)
    found = [Finding("keys", True, f"They can be used; {_kept(keyring, guarded=guarded)}")]
    if not guarded and settings.keys.is_relative_to(settings.data):
        found.append(Finding("keys", True, BESIDE, doubt=True))
    if any(file.use == "root" and wrapped_by(file) is None for file in keyring.files):
        found.append(Finding("keys", True, IN_THE_OPEN, doubt=True))
    if newest.retire_after < now.date():
        old = f"The key-encryption key was to be changed by {newest.retire_after}: run `tocsin keys rotate`."
        found.append(Finding("keys", True, old, doubt=True))
    return found


def look_at_backups(settings: Settings) -> list[Finding]:
    """Whether backups would be sealed for anybody."""
    if not settings.backup_recipients:
        return [Finding("backups", True, NO_BACKUPS, doubt=True)]
    try:
        return [Finding("backups", True, f"They are sealed for {len(known_recipients(settings.backup_recipients))}.")]
    except Refused as refusal:
        return [Finding("backups", False, refusal.format_message())]


def _kept(keyring: Keyring, *, guarded: bool) -> str:
    if not guarded:
        return "the key-encryption key is in its file."
    return "the service starts locked until it is unlocked." if keyring.is_locked else "it is unlocked by the settings."
