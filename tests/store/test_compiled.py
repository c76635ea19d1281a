"""A statement that goes straight to the driver is what SQLAlchemy would have sent, and reads and fails alike."""

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Connection,
    CursorResult,
    Executable,
    Float,
    Integer,
    LargeBinary,
    Uuid,
    bindparam,
    event,
    select,
    text,
    update,
)  # fmt: skip
from sqlalchemy.exc import DBAPIError, IntegrityError, MultipleResultsFound, NoResultFound, StatementError
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

import store
from store import deliveries, inbox, journal
from store.columns import UtcTime
from store.compiled import KEPT, MOST, Forms
from store.database import Store, Tx
from store.rows import Rows
from store.tables.people import ADDRESS, RESPONDER
from tests.store.made import ana, call, call_for_help, responder

SOMEBODY = UUID(int=7)
ONE_VALUE: dict[type, object] = {
    UtcTime: datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=2))), Uuid: SOMEBODY, Boolean: True,
    Integer: 5, LargeBinary: b"sealed", JSON: {"a": 1}, Float: 0.5, TypeEngine: "a word",
}  # fmt: skip
NAMED = select(RESPONDER.c.id, RESPONDER.c.role, RESPONDER.c.consented_at).order_by(RESPONDER.c.id)
BY_ID = NAMED.where(RESPONDER.c.id == bindparam("who"))
BY_IDS = NAMED.where(RESPONDER.c.id.in_(bindparam("who", expanding=True)))
FORGET = update(RESPONDER).where(RESPONDER.c.id == bindparam("who")).values(away_until=bindparam("at"))
STATE = update(RESPONDER).where(RESPONDER.c.id == bindparam("who")).values(state=bindparam("into"))
TAKEN = update(ADDRESS).where(ADDRESS.c.person == bindparam("who")).values(blind=bindparam("mark"))


class Undone(Exception):
    """Whatever was done for a look is undone."""


def constants() -> Iterator[tuple[str, Executable]]:
    """Every statement that a module of the store keeps, by where it is."""
    for module in pkgutil.iter_modules(store.__path__, "store."):
        for name, value in vars(import_module(module.name)).items():
            for which, one in value.items() if isinstance(value, dict) else [("", value)]:
                if isinstance(one, KEPT) and module.name not in ("store.audits", "store.audit_looks"):
                    yield f"{module.name}.{name} {which if isinstance(which, str) else hash(which)}", one


def words_for(statement: Any, connection: Connection) -> dict[str, object]:
    """Something for each value that a statement asks for."""
    columns = [(column.name, column.type) for column in statement.table.c] if statement.is_insert else []
    keys = [name for name, kind in columns if name != "id" or not isinstance(kind, BigInteger)] or None
    compiled = statement.compile(dialect=connection.dialect, column_keys=keys)
    words: dict[str, object] = {}
    for bind in compiled.binds.values():
        if bind.required:
            value = next(value for kind, value in ONE_VALUE.items() if isinstance(bind.type, kind))
            words[bind.key] = [value, value] if bind.expanding else value
    return words


def plain(filled: Any) -> object:
    """Parameters as they can be compared: PostgreSQL's driver wraps some of them."""
    values = filled.items() if isinstance(filled, dict) else enumerate(filled)
    return {key: (type(value), getattr(value, "obj", value)) for key, value in values}


def listened(tx: Tx, work: Callable[[], object]) -> tuple[str, object]:
    """What SQLAlchemy sends to the driver for a piece of work, which is undone."""
    sent: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        del connection, cursor, rest
        sent.append((statement, parameters))

    event.listen(tx.connection, "before_cursor_execute", note)
    with suppress(DBAPIError, Undone), tx.savepoint():
        work()
        raise Undone
    event.remove(tx.connection, "before_cursor_execute", note)
    [found] = sent
    return found[0], plain(found[1])


def met(statement: Executable, words: dict[str, Any], connection: Connection, *, many: bool = False) -> Any:
    """The form of a statement at its second use."""
    forms = Forms()
    assert forms.of(statement, words, connection.dialect, many=many) is None
    return forms.of(statement, words, connection.dialect, many=many)


def slowly(tx: Tx, statement: Executable, words: dict[str, Any] | None = None) -> Any:
    """A statement run by SQLAlchemy."""
    return Connection.execute(tx.connection, statement, words)


def run(tx: Tx, statement: Executable, words: Any = None) -> Any:
    """A statement run by our connection."""
    return tx.connection.execute(statement, words)


def twice(tx: Tx, statement: Executable, words: Any = None) -> Rows:
    """A statement at its second use."""
    run(tx, statement, words).all()
    found = run(tx, statement, words)
    assert isinstance(found, Rows)
    return found


def people_of(tx: Tx) -> tuple[UUID, UUID]:
    """Bo and Cleo."""
    return responder(tx, "Bo"), responder(tx, "Cleo")


async def test_each_statement_of_the_store_is_sent_as_sqlalchemy_sends_it(store: Store) -> None:
    def look(tx: Tx, statement: Executable) -> tuple[tuple[str, object], tuple[str, object]]:
        words = words_for(statement, tx.connection)
        form = met(statement, words, tx.connection)
        filled = form.fill(words)
        return (form.text, plain(filled)), listened(tx, lambda: slowly(tx, statement, words))

    statements = dict(constants())
    found = await store.run(lambda tx: {where: look(tx, statement) for where, statement in statements.items()})

    assert len(statements) > 100
    assert {where for where, (sent, expected) in found.items() if sent != expected} == set()


async def test_each_table_is_read_as_sqlalchemy_reads_it(store: Store) -> None:
    def live(tx: Tx) -> None:
        defender, bo = ana(tx), responder(tx)
        incident = call_for_help(tx, defender, bo)
        deliveries.put(tx, call(tx, bo, incident.id))
        inbox.keep(tx, "defenders", 1, "a mark", b"raw", urgent=True)
        journal.write(tx, "service_returned", overdue=1)

    def look(tx: Tx) -> int:
        rows = 0
        for table in SQLModel.metadata.sorted_tables:
            chosen = select(table)
            fast, slow = twice(tx, chosen).all(), slowly(tx, chosen).all()
            assert fast == slow
            assert [row._asdict() for row in fast] == [row._asdict() for row in slow]
            assert [[type(value) for value in row] for row in fast] == [[type(value) for value in row] for row in slow]
            rows += len(fast)
        return rows

    await store.run(live)

    assert await store.run(look) > 8


async def test_rows_are_given_in_every_way_as_sqlalchemy_gives_them(store: Store) -> None:
    def look(tx: Tx) -> None:
        bo, cleo = people_of(tx)
        run(tx, BY_IDS, {"who": [bo]})
        for who in ([bo, cleo], [cleo], [], [SOMEBODY] * (MOST + 1)):
            words = {"who": who}
            assert list(run(tx, BY_IDS, words)) == list(slowly(tx, BY_IDS, words))
            for way in ("all", "first", "scalar"):
                assert getattr(run(tx, BY_IDS, words), way)() == getattr(slowly(tx, BY_IDS, words), way)()
            assert run(tx, BY_IDS, words).scalars().all() == slowly(tx, BY_IDS, words).scalars().all()
            assert run(tx, BY_IDS, words).mappings().all() == slowly(tx, BY_IDS, words).mappings().all()
        for those in ((bo,), (bo, cleo)):  # which is no list
            assert run(tx, BY_IDS, {"who": those}).all() == slowly(tx, BY_IDS, {"who": those}).all()
        assert twice(tx, BY_ID, {"who": bo}).one() == slowly(tx, BY_ID, {"who": bo}).one()
        assert twice(tx, BY_ID, {"who": bo}).scalar_one() == bo

    await store.run(look)


async def test_one_row_is_insisted_on(store: Store) -> None:
    def look(tx: Tx) -> None:
        people_of(tx)
        with pytest.raises(NoResultFound):
            twice(tx, BY_ID, {"who": SOMEBODY}).one()
        with pytest.raises(MultipleResultsFound):
            twice(tx, NAMED).scalar_one()

    await store.run(look)


async def test_what_was_changed_is_counted_for_one_and_for_many(store: Store) -> None:
    def change(tx: Tx) -> list[int]:
        bo, cleo = people_of(tx)
        both = [{"who": bo, "at": tx.now}, {"who": cleo, "at": None}]
        counts = [run(tx, FORGET, words).rowcount for words in (both, both, both[:1], both[0])]
        nobody = run(tx, FORGET, {"who": SOMEBODY, "at": None})
        assert isinstance(nobody, Rows)
        return [*counts, nobody.rowcount]

    assert await store.run(change) == [2, 2, 1, 1, 0]


async def test_an_instant_without_a_time_zone_is_refused_alike(store: Store) -> None:
    def refused(tx: Tx) -> list[str]:
        words = {"who": SOMEBODY, "at": datetime(2026, 3, 2)}  # noqa: DTZ001 - as it must not be
        told = []
        tx.connection.execute(FORGET, {**words, "at": tx.now})
        for way in (run, slowly):
            with pytest.raises(StatementError, match="without a time zone") as fault:
                way(tx, FORGET, words)
            told.append(str(fault.value))
        return told

    fast, slow = await store.run(refused)

    assert fast == slow


async def test_a_word_that_is_not_given_is_refused_alike(store: Store) -> None:
    def refused(tx: Tx) -> None:
        for _ in range(3):
            with pytest.raises(StatementError, match="A value is required for bind parameter"):
                tx.connection.execute(FORGET, {"who": SOMEBODY})

    await store.run(refused)


async def test_a_refused_row_is_told_of_alike_and_nothing_of_it_is_shown(store: Store) -> None:
    def refused(tx: Tx, statement: Executable, words: dict[str, object]) -> list[DBAPIError]:
        told: list[DBAPIError] = []
        for way in (run, slowly):
            with pytest.raises(IntegrityError) as fault, tx.savepoint():
                way(tx, statement, words)
            told.append(fault.value)
        return told

    def look(tx: Tx) -> None:
        bo, cleo = people_of(tx)
        tx.connection.execute(STATE, {"who": bo, "into": "active"})
        tx.connection.execute(TAKEN, {"who": bo, "mark": "+57 300 000 0001"})
        cases: list[tuple[Executable, dict[str, object]]] = [
            (STATE, {"who": bo, "into": "royal 0001"}),
            (TAKEN, {"who": cleo, "mark": "+57 300 000 0001"}),
        ]
        for statement, words in cases:
            fast, slow = refused(tx, statement, words)
            assert (type(fast), str(fast), str(fast.orig)) == (type(slow), str(slow), str(slow.orig))
            assert "0001" not in f"{fast} {fast!r} {fast.orig!r} {fast.__cause__!r}".replace(str(words), "")

    await store.run(look)


async def test_a_part_that_fails_is_undone_alone_however_deep(store: Store) -> None:
    def work(tx: Tx) -> list[str]:
        def add(name: str) -> None:
            responder(tx, name)

        with tx.savepoint():
            add("Bo")
            for name in ("Cleo", "Dara"):
                with suppress(Undone), tx.savepoint():
                    with tx.savepoint():
                        add(name)
                    raise Undone
            with suppress(DBAPIError), tx.savepoint():
                tx.connection.execute(text("SELECT nothing FROM nowhere"))
            add("Max")
        return [str(row.role) for row in tx.connection.execute(NAMED)]

    assert len(await store.run(work)) == 2


async def test_what_comes_bit_by_bit_and_what_is_listened_to_goes_the_long_way(store: Store) -> None:
    def look(tx: Tx) -> None:
        assert isinstance(twice(tx, NAMED), Rows)
        assert listened(tx, lambda: tx.connection.execute(NAMED))[0].startswith("SELECT")
        assert type(tx.connection.execute(NAMED, execution_options={"a": 1})) is CursorResult
        assert isinstance(twice(tx, NAMED), Rows)
        with tx.connection.execution_options(yield_per=5).execute(NAMED) as bit_by_bit:
            assert type(bit_by_bit) is CursorResult

    await store.run(look)


async def test_a_statement_made_for_one_use_is_forgotten_with_it(store: Store) -> None:
    def look(tx: Tx) -> int:
        forms = Forms()
        for number in range(50):
            forms.of(NAMED.limit(number), {}, tx.connection.dialect, many=False)
        return len(forms)

    assert await store.run(look) <= 1
