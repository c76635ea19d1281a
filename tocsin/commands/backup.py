"""`tocsin backup` and `tocsin restore`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.printing import AS_JSON, print_fields, print_json

if TYPE_CHECKING:
    from tocsin.restoring import Restored


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--to", "recipients", multiple=True, metavar="AGE1…", help="For whom; twice at least, or as the settings say."
)
@AS_JSON
def backup(folder: Path, recipients: tuple[str, ...], as_json: bool) -> None:
    """Write a backup into FOLDER while everything runs, sealed for two people at least."""
    from engine.clock import SystemClock
    from tocsin.backups import known_recipients, scratch, seal_copies
    from tocsin.folder import need_folder
    from tocsin.opening import read_settings
    from tocsin.refusing import Refused

    settings = read_settings()
    need_folder(settings.data)
    people = known_recipients(recipients or settings.backup_recipients)

    from store.copies import take
    from store.refusals import StoreRefused

    with scratch(settings.data) as plain:
        try:
            copies = asyncio.run(take(settings.database.get_secret_value(), plain))
        except StoreRefused as refusal:
            raise Refused(str(refusal)) from None
        written = seal_copies(copies, folder, people, SystemClock().now())
    if as_json:
        print_json(written)
        return
    print_fields({"Data": written.main, "Data keys": written.keys, "Sealed for": written.recipients})
    click.echo("Both are needed to restore, and a copy of the folder with the keys, which is in neither.")
    if written.deleted:
        click.echo(f"Old files with data keys that went after a week: {len(written.deleted)}.")


@click.command()
@click.argument("main", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("data_keys", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--identity", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file of `age-keygen`."
)
@click.option("--rehearse", is_flag=True, help="Only look whether it can be restored: nothing of it stays.")
@AS_JSON
def restore(main: Path, data_keys: Path, identity: Path, rehearse: bool, as_json: bool) -> None:
    """Restore the backup in MAIN and DATA_KEYS where there is no database yet, or rehearse that."""
    from tocsin.opening import read_settings
    from tocsin.restoring import restored

    found: Restored = asyncio.run(restored(read_settings(), main, data_keys, identity, rehearse=rehearse))
    if as_json:
        print_json(found)
        return
    print_fields(
        {
            "Defenders": found.defenders,
            "Responders": found.responders,
            "Open incidents": found.open_incidents,
            "Next deadline": found.next_deadline,
        }
    )
    click.echo("It can be restored; nothing was changed." if rehearse else "Restored: start the service again.")
