"""`tocsin defender erase` and `tocsin responder erase`: asked for, carried out, and said.

It may be begun again wherever it was cut short: by the name as long as there is one, and by the id.
"""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from .emptying import empty_chat
from .finding import find_person, same_name
from .opening import Instance
from .printing import print_fields, print_json
from .refusing import Refused
from .remaining import as_id, keyless

if TYPE_CHECKING:
    from store.database import Tx
    from store.erasing import Certificate
    from store.records import DefenderRecord, ResponderRecord

NOBODY_KNOWN = "whoever this was"


async def erase(instance: Instance, side: str, wanted: str, *, unasked: bool, leave_chat: bool, as_json: bool) -> None:
    """Erase whom `wanted` names, and print the certificate. Raises Refused."""
    from store import erasing

    store = instance.store
    person, name = await store.read(lambda tx: _whom(tx, side, wanted))
    if not unasked and name is not None:
        typed = click.prompt(f"This erases {name} for good. Type the name to go on", default="", show_default=False)
        if not same_name(typed, name):
            raise Refused("Nothing was erased: type the name as it is written, or give --yes.")
    if side == "defender" and not leave_chat:
        await empty_chat(instance, person)

    def begin(tx: "Tx") -> None:
        _insist_nothing_is_open(tx, side, person)
        erasing.begin(tx, side, person)

    def carry_out(tx: "Tx") -> "Certificate | None":
        _insist_nothing_is_open(tx, side, person)
        return erasing.carry_out(tx, side, person) or erasing.certificate_of(tx, person)

    await store.run(begin)
    certificate = await store.run(carry_out)
    await store.forget_deleted()
    if certificate is None:
        raise Refused(f"There is no {side} of this id: `tocsin {side} list --json` shows everybody.")
    _print(certificate, name or NOBODY_KNOWN, side, as_json=as_json)


def _whom(tx: "Tx", side: str, wanted: str) -> tuple[UUID, str | None]:
    """Who is meant, and what they are called, as far as anybody can still tell. Raises Refused."""
    from store import erasing, people

    person = as_id(wanted)
    if person is not None and (keyless(tx, side, wanted) or erasing.certificate_of(tx, person)):
        return person, None
    found: DefenderRecord | ResponderRecord
    if side == "defender":
        found = find_person(people.defenders(tx), wanted, side)
    else:
        found = find_person(people.responders(tx), wanted, side)
    _insist_nothing_is_open(tx, side, found.id)
    return found.id, found.name


def _insist_nothing_is_open(tx: "Tx", side: str, person: UUID) -> None:
    """Raises Refused while they are needed: a defender by an open incident, a responder until they are removed."""
    from escalation.incident_state import call_of
    from store import incidents, people

    if side == "defender":
        if incidents.open_of_defender(tx, person):
            name = people.name(tx, person) or "theirs"
            raise Refused(f"An incident of {name} is open: close it first, for it needs to know whom it is about.")
        return
    known = people.responder(tx, person)
    if known is not None and known.state != "removed":
        raise Refused(f"{known.name} can still be called: `tocsin responder remove` them first.")
    if known is not None and any(call_of(one, known.id) for one in incidents.open_about(tx, known.id)):
        raise Refused(f"{known.name} was called about an incident that is open: close it first.")


def _print(certificate: "Certificate", name: str, side: str, *, as_json: bool) -> None:
    if as_json:
        print_json(certificate)
        return
    who = name[:1].upper() + name[1:]
    click.echo(f"{who} is erased. The journal keeps what happened, under an id that names nobody.")
    print_fields({"Was": certificate.subject, "Key (SHA-256)": certificate.key, "Erased": certificate.erased_at})
    if certificate.key is None:
        click.echo("The data key was gone already, nobody knows since when; a backup of the data keys may hold it.")
    else:
        click.echo(
            f"Backups of the data keys may hold this key until {certificate.complete_on:%Y-%m-%d}: tell them that date."
        )
    if side == "defender":
        if certificate.in_chat:
            click.echo(f"Messages that stand in their chat: {certificate.in_chat}. Ask them to delete it on the phone.")
        click.echo("Not reached: what the messenger or a phone keeps of the chat, and what responders were sent.")
    else:
        click.echo("Not reached: what stands in their chat with us and in their mailbox.")
