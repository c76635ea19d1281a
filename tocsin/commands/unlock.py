"""`tocsin unlock`: giving a locked service its passphrase; `tocsin unlock serve`: giving out the second share."""

import asyncio
from pathlib import Path

import click

from tocsin.refusing import Refused


@click.group(invoke_without_command=True)
@click.pass_context
def unlock(context: click.Context) -> None:
    """Give a service that started locked its passphrase."""
    if context.invoked_subcommand is not None:
        return
    from tocsin.opening import read_settings
    from tocsin.unlocking import hand_over

    settings = read_settings()
    typed = click.prompt("Passphrase of the keys", hide_input=True, err=True)
    if not asyncio.run(hand_over(typed, settings.data)):
        raise Refused("This is not the passphrase of these keys: try it once more.")
    click.echo("The service is unlocked. What came meanwhile is handled now, calls for help first.")


@unlock.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--listen", default="0.0.0.0:8443", show_default=True, help="Address and port.")
def serve(folder: Path, listen: str) -> None:
    """Give out the shares in FOLDER to the instance they belong to. Stop this, and its next start stays locked."""
    from store.refusals import KeysRefused

    host, _, port = listen.rpartition(":")
    if not port.isdecimal():
        raise Refused("Write an address and a port, such as 0.0.0.0:8443.")
    try:
        asyncio.run(_serve(folder, host.strip("[]") or "0.0.0.0", int(port)))  # nosec B104 # noqa: S104 - ":8443" means every address
    except KeysRefused as refusal:
        raise Refused(str(refusal)) from None
    except OSError:
        raise Refused(f"{listen} is taken or not ours: name another address in --listen.") from None


async def _serve(folder: Path, host: str, port: int) -> None:
    from engine.clock import SystemClock
    from tocsin.shares import endpoint
    from tocsin.stopping import stopped_by_signal

    async with stopped_by_signal() as stop, endpoint(folder, host, port, SystemClock().now, click.echo) as url:
        click.echo(f"Shares are given out at {url}. Each one is told here and in {folder / 'unlocks.log'}.")
        await stop.wait()
