"""`tocsin defender ...`: the people at risk."""

from typing import TYPE_CHECKING

import click

from tocsin.finding import find_person, fit_name, same_name
from tocsin.opening import Instance, with_instance
from tocsin.printing import AS_JSON, print_fields, print_json, print_rows
from tocsin.refusing import Refused

if TYPE_CHECKING:
    from store.database import Tx
    from store.records import DefenderRecord
    from tocsin.inviting import Invitation


@click.group()
def defender() -> None:
    """The people at risk."""


@defender.command()
@click.argument("name")
@click.option("--profile", default="standard", show_default=True, help="The level of risk, as the ladders name it.")
@click.option("--chain", default="default", show_default=True, help="The chain of people, as the ladders name it.")
@click.option("--zone", default="UTC", show_default=True, help="Their time zone, such as America/Bogota.")
@click.option("--language", help="The language in which the bot begins; they can choose another.")
@AS_JSON
def add(name: str, profile: str, chain: str, zone: str, language: str | None, as_json: bool) -> None:
    """Add a defender and print a one-time invitation."""
    from store import people
    from tocsin.handing_over import bot_of, known_language, known_zone, one_of, print_invitation
    from tocsin.inviting import invite

    async def work(instance: Instance) -> None:
        kept, where = fit_name(name), known_zone(zone)
        one_of("profile", profile, instance.book.profiles)
        one_of("chain", chain, instance.book.chains)
        speaks = known_language(language, instance.settings.language)
        bot = await bot_of(instance, "defender")

        def written(tx: "Tx") -> "tuple[DefenderRecord, Invitation]":
            if any(same_name(one.name, kept) for one in people.defenders(tx)):
                raise Refused(f"There is a defender named {kept!r} already: add a second name or a letter.")
            person = people.add_defender(tx, kept, language=speaks, zone=where, profile=profile, chain=chain)
            return _known(tx, str(person)), invite(tx, "defender", person, bot)

        person, invitation = await instance.store.run(written)
        print_invitation(person, "defender", invitation, as_json)

    with_instance(work)


@defender.command(name="invite")
@click.argument("name")
@AS_JSON
def invite_again(name: str, as_json: bool) -> None:
    """Print a new invitation, in place of one that was lost or has run out."""
    from tocsin.handing_over import bot_of, print_invitation
    from tocsin.inviting import invite

    async def work(instance: Instance) -> None:
        bot = await bot_of(instance, "defender")

        def written(tx: "Tx") -> "tuple[DefenderRecord, Invitation]":
            person = _known(tx, name)
            if person.state == "active":
                raise Refused(f"{person.name} has a chat with the bot already and needs no invitation.")
            return person, invite(tx, "defender", person.id, bot)

        person, invitation = await instance.store.run(written)
        print_invitation(person, "defender", invitation, as_json)

    with_instance(work)


@defender.command()
@click.argument("name")
@click.option("--words", help="The four words as they were read to you, for scripts; without it you are asked.")
def confirm(name: str, words: str | None) -> None:
    """Confirm, by four words that both sides read aloud, that the right person has followed the invitation."""
    from tocsin.confirming import confirm as compare

    async def work(instance: Instance) -> None:
        await compare(instance, "defender", lambda tx: _known(tx, name), words)

    with_instance(work)


@defender.command(name="list")
@AS_JSON
def list_all(as_json: bool) -> None:
    """Everybody, with what is agreed and what is open."""
    from tocsin.people_shown import all_defenders, state_of
    from tocsin.remaining import say_what_remains

    async def work(instance: Instance) -> None:
        everybody = await instance.store.read(lambda tx: all_defenders(tx, instance.book))
        await say_what_remains(instance, "defender")
        if as_json:
            print_json(everybody)
            return
        rows = (
            (one.name, state_of(one), one.profile, one.chain, one.next_due_at, one.zone, ", ".join(one.open_incidents))
            for one in everybody
        )
        columns = ("Name", "State", "Profile", "Chain", "Next check-in", "Zone", "Open")
        print_rows(columns, rows, empty="There is no defender yet: `tocsin defender add NAME` adds one.")

    with_instance(work)


@defender.command()
@click.argument("name")
@AS_JSON
def show(name: str, as_json: bool) -> None:
    """One defender: times, watches, the people of the chain, where they can be reached."""
    from tocsin.people_shown import one_defender, state_of

    async def work(instance: Instance) -> None:
        found = await instance.store.read(lambda tx: one_defender(tx, instance.book, _known(tx, name)))
        if as_json:
            print_json(found)
            return
        print_fields(
            {
                "Name": found.name,
                "Id": found.id,
                "State": state_of(found),
                "Profile": found.profile,
                "Chain": found.chain,
                "Language": found.language,
                "Zone": found.zone,
                "Check-ins": tuple(f"{when:%H:%M}" for when in found.times),
                "Safe word": "chosen" if found.has_safe_word else "not chosen",
                "Consent": found.consented_at,
                "Reached by": tuple(str(way) for way in found.reached_by),
                **{f"{watch.kind.capitalize()} watch": str(watch) for watch in found.watches},
                **{f"Tier {name}": people or "nobody" for name, people in found.tiers.items()},
                "Open": found.open_incidents,
            }
        )

    with_instance(work)


@defender.command()
@click.argument("name")
@click.option(
    "--for", "length", default="24h", show_default=True, help='For how long, as "90m", "8h" or "2d"; 72h at most.'
)
@click.option("--end", is_flag=True, help="End the pause now instead.")
def pause(name: str, length: str, end: bool) -> None:
    """Leave a defender in peace for a while: no check-ins, no reminders. Panic still works."""
    from tocsin.pausing import end_pause, fit_length, pause_for

    async def work(instance: Instance) -> None:
        if end:
            click.echo(await instance.store.run(lambda tx: end_pause(tx, instance.happenings, _known(tx, name))))
        else:
            lasting = fit_length(length)
            click.echo(
                await instance.store.run(lambda tx: pause_for(tx, instance.happenings, _known(tx, name), lasting))
            )

    with_instance(work)


@defender.command()
@click.argument("name")
@AS_JSON
def wishes(name: str, as_json: bool) -> None:
    """What they asked for with their code and still waits: a pause, other times, to leave, and when it begins."""
    from tocsin.wishes import wishes_of

    async def work(instance: Instance) -> None:
        found = await instance.store.read(lambda tx: wishes_of(tx, _known(tx, name)))
        if as_json:
            print_json(found)
            return
        rows = [(one, one.begins_at) for one in found.waiting]
        print_rows(("Asked for", "Begins"), rows, empty="Nothing waits: everything is as it was.")
        if found.covert:
            click.echo("A covert alarm is open for them: do not ask them about it.", err=True)

    with_instance(work)


@defender.command()
@click.argument("name")
@click.option("--by", "by_whom", required=True, metavar="NAME", help="Which coordinator, lead or director wants it.")
def keep(name: str, by_whom: str) -> None:
    """Take back what waits (see `wishes`): everything stays as it is."""
    from store import people
    from tocsin.wishes import keep_as_it_is

    def kept(tx: "Tx", instance: Instance) -> str:
        by = find_person(people.responders(tx), by_whom, "responder")
        return keep_as_it_is(tx, instance.happenings, _known(tx, name), by)

    async def work(instance: Instance) -> None:
        click.echo(await instance.store.run(lambda tx: kept(tx, instance)))

    with_instance(work)


@defender.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for the name to be typed.")
@click.option("--now", is_flag=True, help="Leave their chat as it is; otherwise it is emptied before, within 20 s.")
@AS_JSON
def erase(name: str, yes: bool, now: bool, as_json: bool) -> None:
    """Erase a defender, by name or id: every word, place and address of theirs. Cannot be undone."""
    from tocsin.erasing import erase as erase_one

    with_instance(lambda instance: erase_one(instance, "defender", name, unasked=yes, leave_chat=now, as_json=as_json))


def _known(tx: "Tx", name: str) -> "DefenderRecord":
    from store import people
    from tocsin.remaining import insist_not_keyless

    insist_not_keyless(tx, "defender", name)
    return find_person(people.defenders(tx), name, "defender")
