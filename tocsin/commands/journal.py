"""`tocsin journal ...`: whether the record is still what it was, and taking parts of it out to show them to others."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.opening import Instance, with_instance
from tocsin.printing import AS_JSON, print_json
from tocsin.refusing import Refused

if TYPE_CHECKING:
    from store.database import Store, Tx
    from store.verifying import Verdict
    from tocsin.evidence.bundle import Bundle

CHECKPOINTS = click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that somebody outside has kept; as often as there are any.",
)


@click.group()
def journal() -> None:
    """The record of what happened: check it, and show it to others."""


@journal.command()
@CHECKPOINTS
@click.option("--key", "keys", multiple=True, help="A key that may have signed; unless given, the one we have.")
@AS_JSON
def verify(files: tuple[Path, ...], keys: tuple[str, ...], as_json: bool) -> None:
    """Look whether the whole journal is still what it was. Exit code 1 when it is not."""
    from store.notes import VerifierKey
    from store.verifying import verify

    given = _notes(files)
    try:
        trusted = [VerifierKey.read(one) for one in keys]
    except ValueError as refusal:
        raise Refused(str(refusal)) from None

    async def work(instance: Instance) -> None:
        verdict = await instance.store.read(lambda tx: verify(tx, given, trusted))
        if as_json:
            print_json({"verified": not verdict.faults, "verdict": verdict, "unanchored_after": verdict.anchored})
        else:
            click.echo("\n".join(_told(verdict)))
        if verdict.faults:
            raise Refused("\n".join(verdict.faults))

    with_instance(work)


@journal.command()
@click.argument("target", nargs=-1, required=True, metavar="[INCIDENT] FILE")
@click.option("--all", "everything", is_flag=True, help="The whole journal, not one incident.")
@click.option("--with-contents", is_flag=True, help="What happened too, as far as our keys open it; not only proofs.")
@CHECKPOINTS
@AS_JSON
def export(
    target: tuple[str, ...], everything: bool, with_contents: bool, files: tuple[Path, ...], as_json: bool
) -> None:
    """Write a bundle that others can check without us: `export INCIDENT FILE`, or `export --all FILE`."""
    if len(target) != (1 if everything else 2):
        raise click.UsageError("Name an incident and a file, or --all and a file.")
    path, held = Path(target[-1]), _notes(files)
    if path.exists():
        raise Refused(f"There is something at {path} already: name another file.")

    async def work(instance: Instance) -> None:
        reference = None if everything else target[0]
        bundle = await _bundle(instance.store, reference, held, with_contents=with_contents)
        try:
            _write(path, bundle.content)
        except OSError as error:
            raise Refused(f"{path} cannot be written ({error.strerror}): name another file.") from None
        await instance.store.run(lambda tx: _noted(tx, bundle, reference))
        if as_json:
            shown = {"entries": bundle.entries, "opened": bundle.opened, "checkpoints": bundle.checkpoints}
            print_json({"file": path, "sha256": bundle.sha256, **shown, "size": bundle.size})
            return
        opened = f", {bundle.opened} with their contents" if with_contents else ", without their contents"
        click.echo(f"{path}: {bundle.entries} of {bundle.size} entries{opened}.")
        click.echo(f"SHA-256, for the custody sheet: {bundle.sha256}")

    with_instance(work)


@journal.command()
def key() -> None:
    """Print the public key of the journal: give it to those who will check bundles, by a way of its own."""
    from store import checkpoints

    async def work(instance: Instance) -> None:
        click.echo(str(await instance.store.read(checkpoints.key)))

    with_instance(work)


async def _bundle(store: "Store", reference: str | None, held: list[str], *, with_contents: bool) -> "Bundle":
    """The bundle, once everything that was written has its place. Raises Refused."""
    from store import checkpoints
    from tocsin.closing import find_incident
    from tocsin.evidence.bundle import make_bundle

    while await store.run(checkpoints.place):
        pass

    def made(tx: "Tx") -> "Bundle | None":
        incident = None if reference is None else find_incident(tx, reference).id
        return make_bundle(tx, incident, held, with_contents=with_contents)

    try:
        bundle = await store.read(made)
    except ValueError as fault:
        raise Refused(str(fault)) from None
    if bundle is None:
        raise Refused("The journal has nothing of it yet.")
    return bundle


def _noted(tx: "Tx", bundle: "Bundle", reference: str | None) -> None:
    """That something was taken out belongs into the journal too."""
    from store.journal import write
    from tocsin.closing import find_incident

    incident = None if reference is None else find_incident(tx, reference).id
    write(tx, "exported", incident=incident, entries=bundle.entries, opened=bundle.opened, sha256=bundle.sha256)


def _told(verdict: "Verdict") -> list[str]:
    """What was found, for people; faults stand on their own."""
    lines = [
        f"{verdict.entries} entries in the tree, {verdict.opened} of them opened; {verdict.waiting} wait for a place.",
        f"Checkpoints that the journal keeps: {verdict.kept}. Checkpoints that were given: {verdict.given}.",
    ]
    if not verdict.faults:
        lines.append("Everything fits together.")
    if verdict.unanchored:
        lines.append(
            f"Unanchored after {verdict.anchored}: for what comes after, there is only our own word. Give a checkpoint"
            " that somebody outside has kept, with --checkpoint."
        )
    return lines


def _notes(files: tuple[Path, ...]) -> list[str]:
    from tocsin.evidence.verify import note_in

    try:
        return [note_in(path.read_bytes().decode()) for path in files]
    except (OSError, ValueError):
        raise Refused("A checkpoint cannot be read: give the file, the mail or the message as it came.") from None


def _write(path: Path, content: bytes) -> None:
    """Write a new file, for its owner alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
