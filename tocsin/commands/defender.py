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

    async def work(instance: Instance) -> None:
        everybody = await instance.store.read(lambda tx: all_defenders(tx, instance.book))
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
@click.option("--yes", is_flag=True, help="Do not ask for the name to be typed.")
@AS_JSON
def erase(name: str, yes: bool, as_json: bool) -> None:
    """Erase a defender: every word, place and address of theirs. Cannot be undone."""
    from store import incidents
    from tocsin.erasing import Certificate, erase_for_good

    def gone(tx: "Tx", person: "DefenderRecord") -> Certificate:
        if incidents.open_of_defender(tx, person.id):
            raise Refused(
                f"An incident of {person.name} is open: close it first, for it needs to know whom it is about."
            )
        return erase_for_good(tx, person.id)

    async def work(instance: Instance) -> None:
        person = await instance.store.read(lambda tx: _known(tx, name))
        if not yes:
            typed = click.prompt(
                f"This erases {person.name} for good. Type the name to go on", default="", show_default=False
            )
            if not same_name(typed, person.name):
                raise Refused("Nothing was erased: type the name as it is written, or give --yes.")
        certificate = await instance.store.run(lambda tx: gone(tx, person))
        await instance.store.forget_deleted()
        if as_json:
            print_json(certificate)
            return
        click.echo(f"{person.name} is erased. The journal keeps what happened, under an id that names nobody.")
        print_fields({"Was": certificate.subject, "Key (SHA-256)": certificate.key, "Erased": certificate.erased_at})
        click.echo(
            f"Backups of the data keys may hold this key until {certificate.complete_on:%Y-%m-%d}: tell them that date."
        )
        if certificate.in_chat:
            click.echo(f"Messages that stand in their chat: {certificate.in_chat}. Ask them to delete it on the phone.")

    with_instance(work)


def _known(tx: "Tx", name: str) -> "DefenderRecord":
    from store import people

    return find_person(people.defenders(tx), name, "defender")
