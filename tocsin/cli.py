"""The command `tocsin`. Exit codes: 0 done, 1 refused or failed (a plain sentence on standard error), 2 wrong usage."""

import os
from pathlib import Path
from typing import Any

import click

from .commands import (
    backup,
    chain,
    check_up,
    defender,
    incident,
    journal,
    keys,
    rehearse,
    responder,
    running,
    starting,
    unlock,
)
from .refusing import Refused, unexpected

GUIDE = "Tocsin calls people until one of them takes charge. To see it work without any set-up: tocsin demo"


class Front(click.Group):
    """The group of all commands; a fault of ours becomes a sentence here, and nowhere below."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        os.umask(0o077)  # whatever we write is for its owner alone
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            raise Refused("Stopped.") from None
        except Exception as fault:  # the edge of a command: the person gets a sentence, and no data
            raise unexpected(fault, _data_folder()) from None


@click.group(cls=Front, help=GUIDE, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tocsin", message="%(package)s %(version)s")
def tocsin() -> None:
    """Everything is a command of this group."""


for command in (
    running.run, rehearse.demo, starting.init, defender.defender, responder.responder, chain.chain, incident.incident,
    incident.drill, check_up.doctor, keys.keys, unlock.unlock, backup.backup, backup.restore, journal.journal,
):  # fmt: skip
    tocsin.add_command(command)


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    tocsin.main(prog_name="tocsin")


def _data_folder() -> Path | None:
    """Where the details of a fault may be kept, as far as that can be told without reading any settings."""
    folder = Path(os.environ.get("TOCSIN_DATA") or ".tocsin")
    return folder if folder.is_dir() else None
