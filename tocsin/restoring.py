"""Restoring a backup, or rehearsing it: what was copied is opened, and looked at with the keys of this instance."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .backups import open_copies, scratch
from .folder import need_folder
from .keys import ask_passphrase, load_keys
from .refusing import Refused
from .unlocking import unlock_for_command

if TYPE_CHECKING:
    from config.settings import Settings
    from store.database import Tx


@dataclass(frozen=True, slots=True)
class Restored:
    """What was found in a backup once it was open."""

    defenders: int
    responders: int
    open_incidents: int
    next_deadline: datetime | None


async def restored(settings: "Settings", main: Path, keys: Path, identity: Path, *, rehearse: bool) -> Restored:
    """Put a backup in place of no database, or of one in a folder that goes again. Raises Refused."""
    from engine.clock import SystemClock
    from store.copies import put_back
    from store.refusals import Erased, Locked, SealBroken, StoreRefused

    need_folder(settings.data)
    keyring = load_keys(settings)
    await unlock_for_command(keyring, settings, ask_passphrase)
    with scratch(settings.data) as folder:
        copies = open_copies(main, keys, identity, folder)
        url = f"sqlite:///{folder / 'rehearsal.sqlite'}" if rehearse else settings.database.get_secret_value()
        try:
            store = await put_back(copies, url, SystemClock().now, keyring)
        except StoreRefused as refusal:
            raise Refused(str(refusal)) from None
        try:
            return await store.run(_look)
        except (Erased, Locked, SealBroken):
            raise Refused(
                "The keys of this instance do not open what is in this backup: put the right ones back."
            ) from None
        finally:
            await store.close()


def _look(tx: "Tx") -> Restored:
    from store import incidents, people, watches

    wakes = [at for at in (watches.next_wake(tx), incidents.next_wake(tx)) if at is not None]
    return Restored(
        defenders=len(people.defenders(tx)),
        responders=len(people.responders(tx)),
        open_incidents=len(incidents.recent(tx, 1_000_000, only_open=True)),
        next_deadline=min(wakes, default=None),
    )
