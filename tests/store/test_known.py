"""What a transaction knows and owes: nothing is older than what it has done itself, and nothing undone is written."""

from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import Connection, event

from escalation.people import DefenderId, ResponderId, Role
from store import addresses, journal, people
from store.database import Store, Tx
from store.tables.journal import JOURNAL


class Undone(Exception):
    """Of the test: a part fails."""


async def ana(store: Store) -> DefenderId:
    """Ana, who can be reached."""

    def work(tx: Tx) -> DefenderId:
        person = people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="standard")
        addresses.add(tx, person, "defender", "telegram", "1", verified=True)
        return person

    return await store.run(work)


async def bo(store: Store) -> ResponderId:
    """Bo, a lawyer who can be called."""

    def work(tx: Tx) -> ResponderId:
        person = people.add_responder(tx, "Bo", Role.LAWYER, language="en")
        people.change_responder(tx, person, state="active", consented_at=tx.now)
        addresses.add(tx, person, "responder", "telegram", "2", verified=True)
        return person

    return await store.run(work)


async def test_whatever_is_changed_is_so_at_once(store: Store) -> None:
    person, lawyer = await ana(store), await bo(store)

    def seen(tx: Tx) -> list[object]:
        who = people.defender(tx, person)
        return [
            who and who.language,
            [way.address for way in addresses.of_person(tx, lawyer)],
            people.active_of_role(tx, Role.LAWYER),
            people.own_tiers(tx, person),
        ]

    def work(tx: Tx) -> list[list[object]]:
        stages = [seen(tx)]
        people.change_defender(tx, person, language="es")
        people.place_in_tier(tx, person, "contacts", lawyer)
        addresses.disable(tx, addresses.of_person(tx, lawyer)[0].id, "gone")
        stages.append(seen(tx))
        assert addresses.revive(tx, lawyer, "telegram")
        people.take_from_tier(tx, person, "contacts", lawyer)
        stages.append(seen(tx))
        people.remove_responder(tx, lawyer)
        stages.append(seen(tx))
        people.erase_defender(tx, person)
        return [*stages, seen(tx)]

    assert await store.run(work) == [
        ["en", ["2"], (lawyer,), {}],
        ["es", [], (lawyer,), {"contacts": (lawyer,)}],
        ["es", ["2"], (lawyer,), {}],
        ["es", [], (), {}],
        [None, [], (), {}],
    ]


async def test_what_a_part_that_fails_has_done_is_known_to_nobody(store: Store) -> None:
    person = await ana(store)

    def work(tx: Tx) -> list[str | None]:
        names = [people.name(tx, person)]
        with suppress(Undone), tx.savepoint():
            people.change_defender(tx, person, name="Max")
            names.append(people.name(tx, person))
            raise Undone
        return [*names, people.name(tx, person)]

    assert await store.run(work) == ["Ana", "Max", "Ana"]


async def test_somebody_is_asked_for_once(store: Store) -> None:
    person = await ana(store)
    asked: list[str] = []

    def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        del connection, cursor, rest
        asked.append(statement)

    def work(tx: Tx) -> None:
        people.defender(tx, person)
        addresses.of_person(tx, person)
        event.listen(tx.connection, "before_cursor_execute", note)
        for _ in range(3):
            assert people.name(tx, person) == "Ana"
            assert addresses.of_person(tx, person)
            assert not addresses.revive(tx, person, "telegram")

    await store.run(work)

    assert sum("FROM defender" in statement or "FROM address" in statement for statement in asked) == 0


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_entries_of_a_part_that_fails_are_not_written_and_the_others_stand_in_order(store: Store) -> None:
    def work(tx: Tx) -> None:
        journal.write(tx, "one")
        with tx.savepoint():
            journal.write(tx, "two")
            with suppress(Undone), tx.savepoint():
                journal.write(tx, "undone")
                raise Undone
            journal.write(tx, "three")
        with suppress(Undone), tx.savepoint():
            journal.write(tx, "undone")
            assert [entry.event for entry in journal.newest(tx, 1)] == ["undone"]
            raise Undone
        journal.write(tx, "four")

    await store.run(work)

    newest = await store.read(lambda tx: journal.newest(tx, 4))
    assert [entry.event for entry in reversed(newest)] == ["one", "two", "three", "four"]
    assert await store.read(lambda tx: [row.id for row in tx.connection.execute(JOURNAL.select())]) == [1, 2, 3, 4]


async def test_a_transaction_that_fails_owes_nothing(store: Store) -> None:
    def work(tx: Tx) -> None:
        journal.write(tx, "undone", defender=UUID(int=7))
        raise Undone

    with suppress(Undone):
        await store.run(work)

    assert await store.read(lambda tx: journal.newest(tx, 1)) == []
