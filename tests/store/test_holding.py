"""What only one worker may do at a time: taken, given up, and lost by who is not heard from."""

import asyncio

import psycopg
from sqlalchemy import make_url

from store import news, postgres, workers
from store.database import Store, Tx
from store.holding import Holding
from store.news import Word
from tests.databases import Hands
from tests.keys import KEYRING


def sessions(url: str, ending: str = "") -> list[object]:
    """The sessions that keep something on the server; ended with "pg_terminate_backend"."""
    what = f"{ending}(pid)" if ending else "pid"
    locks = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            f"SELECT {what} FROM pg_stat_activity WHERE datname = current_database() AND pid IN ({locks})".encode()
        )
        return [one for (one,) in found]


async def test_what_one_holds_no_other_does(url: str, kind: str) -> None:
    one, other = (Holding(make_url(url) if kind == "postgresql" else None) for _ in range(2))

    assert await one.take("house")
    assert one.holds("house")
    assert await other.take("house") is (kind == "sqlite")
    assert other.holds("house") is (kind == "sqlite")
    assert await other.take("garden")

    await one.let_go("house")

    assert await other.take("house")
    await one.close()
    await other.close()


async def test_who_is_gone_holds_nothing(url: str, kind: str) -> None:
    one, other = (Holding(make_url(url) if kind == "postgresql" else None) for _ in range(2))
    await one.take("house")

    await one.close()

    assert await other.take("house")
    await other.close()


async def test_who_was_cut_off_knows_it_at_the_next_word_and_begins_anew(url: str, kind: str) -> None:
    one = Holding(make_url(url) if kind == "postgresql" else None)
    await one.take("house")
    guard = one.guard
    if kind == "postgresql":
        sessions(url, "pg_terminate_backend")

    await one.keep()
    await one.keep()

    assert one.holds("house") is (kind == "sqlite")
    assert (one.guard != guard) is (kind == "postgresql")
    assert await one.take("house")
    await one.close()


async def test_the_server_takes_back_what_a_silent_session_holds(url: str, kind: str) -> None:
    if kind == "sqlite":
        assert Holding(None).is_alone
        return
    one = Holding(make_url(url))
    await one.take("house")

    with psycopg.connect(url) as connection:
        said = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s) AND state = 'idle'", [sessions(url)]
        ).fetchone()

    assert said == (1,)  # outside of a transaction, where the time-out of a silent session counts
    assert await one._ask("SHOW idle_session_timeout", ()) == "8s"
    await one.close()


async def test_a_server_that_cannot_be_reached_gives_nobody_anything() -> None:
    nowhere = Holding(make_url("postgresql://postgres@/nothing?host=/nonexistent"))

    assert not await nowhere.take("house")
    await nowhere.keep()
    assert not nowhere.holds("house")
    assert nowhere.guard is None
    await nowhere.close()


async def test_who_was_killed_is_lost_at_once(url: str, kind: str) -> None:
    if kind == "sqlite":
        return
    one, other = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
    for store in (one, other):
        await store.holding.keep()
        await store.run(lambda tx, store=store: workers.begin(tx, store.holding.guard))  # type: ignore[misc]
    assert await other.run(workers.lost) == []

    await one.holding.close()  # as the server does when the process is gone
    async with asyncio.timeout(2):
        while len(sessions(url)) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # in a moment of its own

    assert await other.run(workers.lost) == [one.worker]
    await one.close()
    await other.close()


async def test_a_word_goes_round_to_everybody_else(url: str, kind: str) -> None:
    if kind == "sqlite":
        return
    one, other = [await Store.open(url, Hands(), KEYRING) for _ in range(2)]
    heard: asyncio.Queue[frozenset[Word]] = asyncio.Queue()
    hearing = asyncio.create_task(news.hear(make_url(url), str(other.worker), heard.put_nowait))
    assert await asyncio.wait_for(heard.get(), 10) == frozenset(Word)

    await other.run(lambda tx: news.tell(tx, frozenset({Word.ARRIVED})))
    await one.run(lambda tx: news.tell(tx, frozenset({Word.CALLED, Word.MOVED})))

    assert await asyncio.wait_for(heard.get(), 10) == {Word.CALLED, Word.MOVED}
    hearing.cancel()
    await asyncio.wait([hearing])
    await one.close()
    await other.close()


async def test_where_there_is_one_worker_no_word_is_said(store: Store) -> None:
    await store.run(lambda tx: news.tell(tx, frozenset(Word)))

    assert (store.shared_at is None) is store.holding.is_alone


async def test_a_transaction_whose_connection_breaks_before_its_commit_is_begun_again(url: str, kind: str) -> None:
    store = await Store.open(url, Hands(), KEYRING)
    tries = []

    def work(tx: Tx) -> int:
        tries.append(tx)
        if kind == "postgresql" and len(tries) == 1:
            pid = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(%s)", [pid])
        return int(tx.connection.exec_driver_sql("SELECT 7").scalar_one())

    assert await store.run(work) == 7
    assert len(tries) == (2 if kind == "postgresql" else 1)
    await store.close()


async def test_whose_transaction_stands_still_loses_it_and_nobody_else_does(url: str, kind: str) -> None:
    if kind == "sqlite":
        return
    began: dict[str, psycopg.Connection[tuple[object, ...]]] = {}

    def begin(name: str, *, writes: bool = True, ours: bool = True) -> None:
        if ours:
            began[name] = psycopg.connect(url, **postgres.LINE, options=postgres.SESSION)
            began[name].execute(postgres.TOGETHER.text.encode())
        else:  # whom the server, too, gives all the time there is
            began[name] = psycopg.connect(url, application_name="psql")
        if writes:
            began[name].cursor().executemany("INSERT INTO waits VALUES (%s)", [(1,), (2,)])
        else:
            began[name].execute("SELECT FROM waits")

    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE waits (a int)")
    begin("stood still")
    begin("somebody's own", ours=False)
    await asyncio.sleep(postgres.STOOD_STILL_AFTER / 1000 + 0.5)
    begin("goes on")
    begin("reads", writes=False)
    one = Holding(make_url(url))

    await one.keep()

    with psycopg.connect(url, autocommit=True) as connection:
        there = {pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity")}
        for _ in range(100):
            if began["stood still"].info.backend_pid not in there:
                break
            await asyncio.sleep(0.02)
            there = {pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity")}
    left = {name for name, session in began.items() if session.info.backend_pid in there}
    for session in began.values():
        session.close()
    await one.close()
    assert left == {"somebody's own", "goes on", "reads"}
