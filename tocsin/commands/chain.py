"""`tocsin chain ...`: who would be called, when, and whether that protects anybody."""

from typing import TYPE_CHECKING

import click

from tocsin.finding import find_person
from tocsin.opening import Instance, with_instance
from tocsin.printing import AS_JSON, print_json, print_rows, span
from tocsin.refusing import Refused

if TYPE_CHECKING:
    from store.database import Tx
    from tocsin.chain_faults import ShownTier


@click.group()
def chain() -> None:
    """Who would be called, and when."""


@chain.command()
@click.argument("name")
@AS_JSON
def show(name: str, as_json: bool) -> None:
    """The chain of a defender, tier after tier, with the people who are in it now."""
    from store import people
    from tocsin.chain_faults import tiers_of

    def read(tx: "Tx", instance: Instance) -> "list[ShownTier]":
        return tiers_of(tx, instance.book, find_person(people.defenders(tx), name, "defender"))

    async def work(instance: Instance) -> None:
        tiers = await instance.store.read(lambda tx: read(tx, instance))
        if as_json:
            print_json(tiers)
            return
        rows = (
            (
                tier.name,
                tier.role,
                tier.people + tuple(f"{one} (not yet)" for one in tier.not_yet) or "nobody",
                span(tier.after) + (", if approved" if tier.approval else ""),
                span(tier.panic_after),
            )
            for tier in tiers
        )
        print_rows(("Tier", "Role", "People", "After a missed check-in", "After a panic"), rows, empty="No tiers.")

    with_instance(work)


@chain.command()
@AS_JSON
def check(as_json: bool) -> None:
    """Whether every defender's chain would reach somebody. Exit code 1 when one would not."""
    from tocsin.chain_faults import check_all

    async def work(instance: Instance) -> None:
        checked = await instance.store.read(lambda tx: check_all(tx, instance.book))
        faults = [fault for one in checked for fault in one.faults]
        if as_json:
            print_json(checked)
        else:
            for doubt in (doubt for one in checked for doubt in one.doubts):
                click.echo(f"{click.style('!', fg='yellow')} {doubt}")
            sound = sum(not one.faults for one in checked)
            click.echo(
                f"{sound} of {len(checked)} chains would reach somebody." if checked else "There is no defender yet."
            )
        if faults:
            raise Refused("\n".join(faults))

    with_instance(work)
