"""`tocsin responder ...`: the people who are called, and those who watch over the calling."""

import re
from typing import TYPE_CHECKING

import click

from tocsin.finding import find_person, fit_name, same_name
from tocsin.opening import Instance, with_instance
from tocsin.printing import AS_JSON, print_fields, print_json, print_rows
from tocsin.refusing import Refused

if TYPE_CHECKING:
    from escalation.people import ResponderId, Role
    from store.database import Tx
    from store.records import ResponderRecord
    from tocsin.inviting import Invitation

ROLES = ("contact", "colleague", "lawyer", "partner", "coordinator", "lead", "director")
MAILBOX = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


@click.group()
def responder() -> None:
    """The people who are called, and those who watch over the calling."""


@responder.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they are asked to be.")
@click.option("--for", "whom", multiple=True, metavar="DEFENDER", help="Whose tier they stand in; may be given again.")
@click.option("--tier", help="Which tier; the one for their role unless given.")
@click.option("--mail", help="An e-mail address, the second way to reach them.")
@click.option("--language", help="The language in which the bot begins; they can choose another.")
@AS_JSON
def add(
    name: str, role: str, whom: tuple[str, ...], tier: str | None, mail: str | None, language: str | None, as_json: bool
) -> None:
    """Add a responder and print a one-time invitation."""
    from escalation.people import Role
    from tocsin.handing_over import bot_of, known_language, print_invitation
    from tocsin.inviting import invite

    async def work(instance: Instance) -> None:
        kept, part, speaks = fit_name(name), Role(role), known_language(language, instance.settings.language)
        if mail is not None and not MAILBOX.fullmatch(mail):
            raise Refused("This is no e-mail address: write it as name@example.org.")
        bot = await bot_of(instance, "responder")

        def written(tx: "Tx") -> "tuple[ResponderRecord, Invitation]":
            person = _add(tx, instance, kept, part, speaks, whom, tier, mail)
            return _known(tx, str(person)), invite(tx, "responder", person, bot)

        person, invitation = await instance.store.run(written)
        print_invitation(person, "responder", invitation, as_json)
        if mail is not None and instance.settings.mail_url is None:
            click.echo("No mail leaves yet: set TOCSIN_MAIL_URL to make e-mail the second way.", err=True)
        if not whom and part.value in ("contact", "colleague"):
            click.echo(f"{kept} stands in nobody's chain yet: `tocsin responder place {kept!r} --for ...`.", err=True)

    with_instance(work)


def _add(
    tx: "Tx", instance: Instance, name: str, role: "Role", language: str, whom: tuple[str, ...], tier: str | None,
    mail: str | None,
) -> "ResponderId":  # fmt: skip
    from store import addresses, people
    from tocsin.placing import place

    if any(same_name(one.name, name) for one in _everybody(tx)):
        raise Refused(f"There is a responder named {name!r} already: add a second name or a letter.")
    person = people.add_responder(tx, name, role, language=language)
    for defender in whom:
        place(tx, instance.book, _known(tx, str(person)), find_person(people.defenders(tx), defender, "defender"), tier)
    if mail is not None:
        try:
            addresses.add(tx, person, "responder", "mail", mail, verified=True)
        except addresses.AddressTaken as taken:
            raise Refused(str(taken)) from None
    return person


@responder.command(name="invite")
@click.argument("name")
@AS_JSON
def invite_again(name: str, as_json: bool) -> None:
    """Print a new invitation, in place of one that was lost or has run out."""
    from tocsin.handing_over import bot_of, print_invitation
    from tocsin.inviting import invite

    async def work(instance: Instance) -> None:
        bot = await bot_of(instance, "responder")

        def written(tx: "Tx") -> "tuple[ResponderRecord, Invitation]":
            person = _known(tx, name)
            return person, invite(tx, "responder", person.id, bot)

        person, invitation = await instance.store.run(written)
        print_invitation(person, "responder", invitation, as_json)

    with_instance(work)


@responder.command()
@click.argument("name")
@click.option("--words", help="The four words as they were read to you, for scripts; without it you are asked.")
def confirm(name: str, words: str | None) -> None:
    """Confirm, by four words that both sides read aloud, that the right person has followed the invitation."""
    from tocsin.confirming import confirm as compare

    async def work(instance: Instance) -> None:
        await compare(instance, "responder", lambda tx: _known(tx, name), words)

    with_instance(work)


@responder.command(name="list")
@AS_JSON
def list_all(as_json: bool) -> None:
    """Everybody who can be called, and for whom."""
    from tocsin.people_shown import all_responders, state_of
    from tocsin.remaining import say_what_remains

    async def work(instance: Instance) -> None:
        everybody = [one for one in await instance.store.read(all_responders) if one.state != "removed"]
        await say_what_remains(instance, "responder")
        if as_json:
            print_json(everybody)
            return
        rows = (
            (
                one.name,
                one.role,
                "away" if one.away_until else state_of(one),
                tuple(way.channel for way in one.reached_by),
                tuple(f"{defender} ({tier})" for defender, tier in one.stands_for),
                one.open_incidents,
            )
            for one in everybody
        )
        columns = ("Name", "Role", "State", "Reached by", "Stands for", "Open")
        print_rows(columns, rows, empty="There is no responder yet: `tocsin responder add NAME --role ...` adds one.")

    with_instance(work)


@responder.command()
@click.argument("name")
@AS_JSON
def show(name: str, as_json: bool) -> None:
    """One responder: role, where they can be reached, whose chains they stand in."""
    from tocsin.people_shown import one_responder, state_of

    async def work(instance: Instance) -> None:
        found = await instance.store.read(lambda tx: one_responder(tx, _known(tx, name)))
        if as_json:
            print_json(found)
            return
        print_fields(
            {
                "Name": found.name,
                "Id": found.id,
                "Role": found.role,
                "State": state_of(found),
                "Away until": found.away_until,
                "Language": found.language,
                "Zone": found.zone,
                "Consent": found.consented_at,
                "Reached by": tuple(str(way) for way in found.reached_by) or "nothing yet",
                "Stands for": tuple(f"{defender} ({tier})" for defender, tier in found.stands_for),
                "Open": found.open_incidents,
            }
        )

    with_instance(work)


@responder.command(name="place")
@click.argument("name")
@click.option("--for", "whom", required=True, metavar="DEFENDER", help="Whose tier they stand in.")
@click.option("--tier", help="Which tier; the one for their role unless given.")
@click.option("--out", is_flag=True, help="Take them out instead.")
def place_one(name: str, whom: str, tier: str | None, out: bool) -> None:
    """Have a responder stand in a tier of a defender, or take them out. Open incidents keep their plan."""
    from store import people
    from tocsin.chain_faults import faults_of
    from tocsin.placing import place, take_out

    def placed(tx: "Tx", instance: Instance) -> tuple[str, list[str]]:
        defender = find_person(people.defenders(tx), whom, "defender")
        who = _known(tx, name)
        if out:
            tiers = ", ".join(take_out(tx, who, defender, tier))
            said = f"{who.name} stands no more in {tiers} of {defender.name}."
        else:
            said = f"{who.name} stands in {place(tx, instance.book, who, defender, tier)} of {defender.name}."
        return said, faults_of(tx, instance.book, defender)

    async def work(instance: Instance) -> None:
        said, faults = await instance.store.run(lambda tx: placed(tx, instance))
        click.echo(said)
        click.echo("\n".join(faults), err=True, nl=bool(faults))

    with_instance(work)


@responder.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove a responder: called no more, out of every chain, passed over in what is open."""
    from engine.responder_acts import remove_responder
    from store import people
    from tocsin.chain_faults import faults_of

    def removed(tx: "Tx", instance: Instance) -> tuple[str, list[str]]:
        who = _known(tx, name)
        remove_responder(tx, instance.happenings, who.id)
        return who.name, [fault for one in people.defenders(tx) for fault in faults_of(tx, instance.book, one)]

    async def work(instance: Instance) -> None:
        who, faults = await instance.store.run(lambda tx: removed(tx, instance))
        click.echo(f"{who} is removed and will not be called any more.")
        click.echo("\n".join(faults), err=True, nl=bool(faults))

    with_instance(work)


@responder.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for the name to be typed.")
@AS_JSON
def erase(name: str, yes: bool, as_json: bool) -> None:
    """Erase a responder who was removed, by name or id: also the name that stays with what they did."""
    from tocsin.erasing import erase as erase_one

    with_instance(
        lambda instance: erase_one(instance, "responder", name, unasked=yes, leave_chat=True, as_json=as_json)
    )


def _everybody(tx: "Tx") -> "list[ResponderRecord]":
    from store import people

    return [one for one in people.responders(tx) if one.state != "removed"]


def _known(tx: "Tx", name: str) -> "ResponderRecord":
    from tocsin.remaining import insist_not_keyless

    insist_not_keyless(tx, "responder", name)
    return find_person(_everybody(tx), name, "responder")
