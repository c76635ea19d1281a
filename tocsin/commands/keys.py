"""`tocsin keys ...`: the keys of this instance. No secret is ever printed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.printing import AS_JSON, print_fields, print_json, print_rows

if TYPE_CHECKING:
    from store.rotation import Rotated
    from tocsin.opening import Instance

PASSPHRASE = click.option(
    "--passphrase", is_flag=True, help="Keep the key-encryption key under a passphrase, asked for at each start."
)
SHARE_AT = click.option(
    "--share-at", metavar="HOST", help="Keep it in two shares; the other one will be given out by this machine."
)
GIVE = click.option(
    "--give",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where to put what belongs on that other machine.",
)


@click.group()
def keys() -> None:
    """The keys: without them nothing can be read, here or in a backup."""


@keys.command()
@PASSPHRASE
@SHARE_AT
@GIVE
@AS_JSON
def new(passphrase: bool, share_at: str | None, give: Path | None, as_json: bool) -> None:
    """Make the keys of a new instance."""
    from engine.clock import SystemClock
    from tocsin.keeping import manner
    from tocsin.keys import make_keys
    from tocsin.opening import read_settings
    from tocsin.refusing import Refused

    settings, clock = read_settings(), SystemClock()
    keep = manner(settings, clock.now(), passphrase=passphrase, share_at=share_at, give=give)
    if not make_keys(settings, clock, keep):
        raise Refused(
            f"There are keys at {settings.keys} already: `tocsin keys rotate` changes the one that wears out."
        )
    if as_json:
        print_json({"folder": settings.keys, "elsewhere": give})
        return
    click.echo(f"The keys are at {settings.keys}. Copy this folder to a place of its own, and to no backup.")
    if give is not None:
        click.echo(f"Move {give} to {share_at}, delete it here, and start `tocsin unlock serve` there.")


@keys.command()
@PASSPHRASE
@SHARE_AT
@GIVE
@AS_JSON
def rotate(passphrase: bool, share_at: str | None, give: Path | None, as_json: bool) -> None:
    """Change the key-encryption key, while the service runs. It is kept as it was unless told otherwise."""
    from store import journal
    from store import rotation as change
    from tocsin.keeping import same_manner
    from tocsin.opening import with_instance

    async def work(instance: "Instance") -> "Rotated":
        keyring, settings = instance.store.vault.keyring, instance.settings
        keep = same_manner(keyring, settings, instance.clock.now(), passphrase=passphrase, share_at=share_at, give=give)
        rotated = await change.rotate(instance.store, keep)
        await instance.store.run(
            lambda tx: journal.write(
                tx, "keys_rotated", before=_word(rotated.before), now=_word(rotated.now), rewrapped=rotated.rewrapped
            )
        )
        return rotated

    rotated = with_instance(work)
    if as_json:
        print_json(rotated)
        return
    print_fields({"New key": rotated.now, "Old key": rotated.before, "Data keys wrapped anew": rotated.rewrapped})
    if rotated.left:
        click.echo(
            f"{rotated.left} data keys do not open and stay under the old key, which is kept for them: put them back"
            " from a backup, or erase whose they are.",
            err=True,
        )
    click.echo("The old key stays for 7 days, while backups of data keys may need it; then the service destroys it.")
    if give is not None:
        click.echo(f"Move the share in {give} to the other machine before the next start, and delete it here.")


@keys.command()
@AS_JSON
def show(as_json: bool) -> None:
    """Which keys there are, since when, until when, and how each is kept."""
    from tocsin.keeping import shown
    from tocsin.keys import load_keys
    from tocsin.opening import read_settings

    rows = shown(load_keys(read_settings()))
    if as_json:
        print_json(rows)
        return
    columns = ("Use", "Id", "Made", "Change it by", "Kept", "Here")
    cells = ((one.use, one.id, one.created, one.retire_after, one.kept, one.here) for one in rows)
    print_rows(columns, cells, empty="There are no keys: `tocsin keys new` makes them.")


def _word(key_id: str) -> str:
    """The id of a key as the journal takes it: no long number."""
    return f"{key_id[:4]}-{key_id[4:]}"
