"""A batch knows its people by a few statements, and one row that cannot be read keeps nobody else from being known."""

from uuid import UUID

import pytest
from sqlalchemy import Connection, event, text

from escalation.people import DefenderId, ResponderId, Role
from store import addresses, people
from store.acquaintance import know, know_senders
from store.database import Store, Tx

PEOPLE = 5


def enrol(tx: Tx) -> list[tuple[DefenderId, ResponderId]]:
    """Defenders, each with a contact."""
    pairs = []
    for number in range(PEOPLE):
        ana = people.add_defender(tx, f"Ana {number}", language="en", zone="UTC", profile="standard", chain="default")
        addresses.add(tx, ana, "defender", "telegram", f"7{number}", verified=True)
        bo = people.add_responder(tx, f"Bo {number}", Role.CONTACT, language="en")
        people.change_responder(tx, bo, state="active", consented_at=tx.now)
        addresses.add(tx, bo, "responder", "telegram", f"8{number}", verified=True)
        people.place_in_tier(tx, ana, "contacts", bo)
        pairs.append((ana, bo))
    return pairs


def seen(tx: Tx, ana: UUID, bo: UUID) -> tuple[object, ...]:
    """All that a batch may ask of two of them."""
    return (
        people.defender(tx, ana),
        people.own_tiers(tx, ana),
        people.responder(tx, bo),
        *((way.person, way.address) for person in (ana, bo) for way in addresses.of_person(tx, person)),
    )


async def test_whoever_is_known_is_asked_for_no_more_and_is_the_same(store: Store) -> None:
    pairs = await store.run(enrol)
    asked: list[str] = []

    def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        del connection, cursor, rest
        asked.append(statement)

    def work(tx: Tx) -> list[tuple[object, ...]]:
        know_senders(tx, "defender", "telegram", [addresses.blind(tx, "defender", "telegram", "70"), "nobody"])
        know(tx, [ana for ana, _ in pairs], [pairs[0][1]])
        event.listen(tx.connection, "before_cursor_execute", note)
        blind = addresses.blind(tx, "defender", "telegram", "70")
        assert addresses.behind(tx, "defender", "telegram", blind) == (pairs[0][0], "70")
        return [seen(tx, *pair) for pair in pairs]

    known = await store.run(work)

    assert asked == []
    assert known == [await store.run(lambda tx, pair=pair: seen(tx, *pair)) for pair in pairs]  # type: ignore[misc]


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_row_that_cannot_be_read_keeps_nobody_else_from_being_known(store: Store) -> None:
    pairs = await store.run(enrol)

    def work(tx: Tx) -> list[str]:
        spoilt = text("UPDATE address SET verified_at = 'nonsense' WHERE person = :whose")
        tx.connection.execute(spoilt, {"whose": pairs[0][1].hex})
        know(tx, [ana for ana, _ in pairs])
        with pytest.raises(ValueError, match="nonsense"):
            addresses.of_person(tx, pairs[0][1])
        return [addresses.of_person(tx, bo)[0].address for _, bo in pairs[1:]]

    assert await store.run(work) == ["81", "82", "83", "84"]
