"""`tocsin incident ...`: calls for help, open and past. `tocsin drill`: one that is none."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from tocsin.finding import find_person
from tocsin.opening import Instance, with_instance
from tocsin.printing import AS_JSON, instant, print_fields, print_json, print_rows
from tocsin.refusing import Refused

if TYPE_CHECKING:
    from engine.views import IncidentView
    from store.database import Tx

OUTCOMES = ("safe", "false_alarm", "confirmed", "handed_over")
MOST = 100  # incidents in a list, newest first


@click.group()
def incident() -> None:
    """Calls for help, open and past."""


@incident.command(name="list")
@click.option("--open", "only_open", is_flag=True, help="Only those that nobody has closed.")
@AS_JSON
def list_recent(only_open: bool, as_json: bool) -> None:
    """The newest incidents."""
    from engine.showing import incident_view
    from store import incidents

    def read(tx: "Tx") -> "list[IncidentView]":
        return [incident_view(tx, one) for one in incidents.recent(tx, MOST, only_open=only_open)]

    async def work(instance: Instance) -> None:
        found = await instance.store.read(read)
        if as_json:
            print_json(found)
            return
        rows = (
            (
                one.reference,
                one.kind,
                one.defender_name,
                one.opened_at,
                one.phase if one.outcome is None else f"closed: {one.outcome.value}",
                one.holder_name,
                one.next and f"{one.next.what}, {instant(one.next.at)}",
            )
            for one in found
        )
        columns = ("Ref", "Kind", "Defender", "Opened", "State", "Held by", "Next")
        print_rows(columns, rows, empty="No incident is open." if only_open else "There was no incident yet.")

    with_instance(work)


@incident.command()
@click.argument("reference")
@AS_JSON
def show(reference: str, as_json: bool) -> None:
    """One incident: who was called, who has it, and everything that happened."""
    from engine.showing import incident_view
    from tocsin.closing import find_incident
    from tocsin.story import story_of

    def read(tx: "Tx") -> "tuple[IncidentView, list[tuple[datetime, str]]]":
        found = find_incident(tx, reference)
        return incident_view(tx, found), [(entry.at, text) for entry, text in story_of(tx, found.id)]

    async def work(instance: Instance) -> None:
        view, story = await instance.store.read(read)
        if as_json:
            print_json({"incident": view, "story": [{"at": at, "text": text} for at, text in story]})
            return
        print_fields(
            {
                "Incident": f"{view.reference}, {view.kind.value}, {view.phase.value}",
                "Defender": view.defender_name,
                "Opened": view.opened_at,
                "Was due": view.due_at,
                "Held by": view.holder_name and f"{view.holder_name} until {instant(view.held_until)}",
                "Proposed": view.proposal and f"{view.proposal.outcome.value}, by {view.proposal.by_name}",
                "Outcome": view.outcome,
                "Closed": view.closed_at,
                "Called": tuple(f"{call.name} ({call.tier}, {call.times}×)" for call in view.calls),
                "Next": view.next and f"{view.next.what}, {instant(view.next.at)}",
            }
        )
        click.echo()
        for at, text in story:
            click.echo(f"{at:%Y-%m-%d %H:%M:%S}  {text}")

    with_instance(work)


@incident.command()
@click.argument("reference")
@click.option("--outcome", type=click.Choice(OUTCOMES), required=True, help="How it ended.")
@click.option("--as", "names", multiple=True, required=True, metavar="NAME", help="In whose name; twice for two.")
def close(reference: str, outcome: str, names: tuple[str, ...]) -> None:
    """Close an incident, in the name of people who were called or are its coordinators."""
    from escalation.incident_words import Outcome
    from store import people
    from tocsin.closing import close, find_incident

    def closed(tx: "Tx", instance: Instance) -> bool:
        by = [find_person(people.responders(tx), name, "responder") for name in names]
        return close(tx, instance.happenings, find_incident(tx, reference), Outcome(outcome), by)

    async def work(instance: Instance) -> None:
        if not await instance.store.run(lambda tx: closed(tx, instance)):
            raise Refused(
                f"{reference.upper()} is not closed yet: a second person has to agree. The others have been asked;"
                " if one of them told you so, add --as with their name."
            )
        click.echo(f"{reference.upper()} is closed; everybody who was called is told.")

    with_instance(work)


@click.command()
@click.argument("name", metavar="DEFENDER")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drill(name: str, yes: bool) -> None:
    """Call the chain of a defender as a drill, to see whether it answers. Everybody is told that it is one."""
    from escalation.incident_words import Kind
    from store import incidents, people
    from tocsin.chain_faults import faults_of

    def begun(tx: "Tx", instance: Instance) -> str:
        defender = find_person(people.defenders(tx), name, "defender")
        if any(one.kind is Kind.DRILL for one in incidents.open_of_defender(tx, defender.id)):
            raise Refused(f"A drill for {defender.name} is under way: close it first.")
        if faults := faults_of(tx, instance.happenings.book, defender):
            raise Refused(" ".join(faults))
        opened = instance.happenings.open(tx, defender.id, Kind.DRILL, f"drill:{uuid4()}")
        if opened is None:
            raise Refused("The drill did not begin: try again.")
        return incidents.reference(tx, opened.id)

    async def work(instance: Instance) -> None:
        if not yes:
            click.confirm(f"This calls real people about {name}, as a drill. Go on?", abort=True)
        click.echo(f"Drill {await instance.store.run(lambda tx: begun(tx, instance))} has begun.")

    with_instance(work)
