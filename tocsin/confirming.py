"""The spoken check from the coordinator's side: the same four words on both sides, read to each other by voice.

They are made from the invitation and the chat that followed it. Whoever caught an invitation on its way shows other
words than those that the invited person can read out, or leaves them none at all.
"""

import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from .opening import Instance
from .refusing import Refused

if TYPE_CHECKING:
    from store.database import Tx
    from store.records import DefenderRecord, ResponderRecord
    from store.spoken_checks import SpokenCheck

Find = Callable[["Tx"], "DefenderRecord | ResponderRecord"]


async def confirm(instance: Instance, side: str, find: Find, typed: str | None) -> None:
    """Have the coordinator compare the words of the person that `find` gives, and let them count; `typed` are the words
    as the person said them, None to be asked. Raises Refused."""
    from engine.planning import spoken

    person, check = await instance.store.read(lambda tx: _waiting(tx, find))
    shown = spoken(instance.book, check)
    same = _are_said_so(person.name, shown) if typed is None else _agree(shown, typed)
    if not same:
        raise Refused(
            "Nothing was confirmed. If the words differ, somebody else has followed the invitation:"
            f" `tocsin {side} invite {person.name!r}` shuts them out and makes a new one."
        )
    active = await instance.store.run(lambda tx: _confirmed(tx, instance, find, check))
    rest = "and counts from now on." if active else "and counts as soon as they have agreed in the chat."
    click.echo(f"{person.name} is confirmed {rest}")


def _waiting(tx: "Tx", find: Find) -> "tuple[DefenderRecord | ResponderRecord, SpokenCheck]":
    from store import spoken_checks

    person = find(tx)
    check = spoken_checks.unconfirmed(tx, person.id)
    if check is None:
        passed = spoken_checks.of_person(tx, person.id) is not None or person.state == "active"
        why = "was confirmed already" if passed else "has not followed an invitation yet"
        raise Refused(f"{person.name} {why}: there are no words to compare.")
    return person, check


def _confirmed(tx: "Tx", instance: Instance, find: Find, check: "SpokenCheck") -> bool:
    """Whether the person is active now, for whom these very words were compared."""
    from engine import enrolment

    person, standing = _waiting(tx, find)
    if standing != check:
        raise Refused(f"{person.name} has followed another invitation meanwhile: compare the words anew.")
    enrolment.confirm(tx, instance.happenings, person)
    return person.consented_at is not None


def _are_said_so(name: str, shown: str) -> bool:
    first, last = shown.split()[:2], shown.split()[2:]
    click.echo(f"Speak with {name}, by a voice that you know, or face to face; never in writing.")
    click.echo(f"\n  They read to you    {' '.join(first)}\n  You read to them    {' '.join(last)}\n")
    return click.confirm("Are all four the same on both sides?", default=False)


def _agree(shown: str, typed: str) -> bool:
    said = " ".join(typed.lower().split())
    return hmac.compare_digest(shown.encode(), said.encode())
