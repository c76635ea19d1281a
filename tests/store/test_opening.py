"""Opening: what is made, what is migrated, and what is refused and left alone."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, make_url, select, text

from store import people, postgres, schema, sqlite
from store.database import SchemaRefused, Store, StoreRefused
from store.tables import METADATA
from store.tables.keys import KEYS
from store.tables.people import DEFENDER
from tests.databases import Hands
from tests.keys import KEYRING
from tests.store.made import ana


def plain(url: str) -> str:
    """The URL as SQLAlchemy takes it."""
    return url.replace("postgresql://", "postgresql+psycopg://")


def in_database(url: str, *statements: str) -> None:
    """Do something that the store would not."""
    engine = create_engine(plain(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def migrate_to(revision: str, url: str) -> None:
    """Make the schema as it once was."""
    engine = create_engine(plain(url))
    with engine.begin() as connection:
        command.upgrade(schema.config_for(connection), revision)
    engine.dispose()


def dump(url: str) -> dict[str, list[str]]:
    """Everything that is in a database."""
    engine = create_engine(plain(url))
    with engine.begin() as connection:
        tables = inspect(connection).get_table_names()
        content = {table: sorted(map(str, connection.execute(text(f"SELECT * FROM {table}")))) for table in tables}
    engine.dispose()
    return content


def bytes_of(url: str) -> bytes | None:
    """The file itself; None where there is a server."""
    return Path(make_url(url).database or "").read_bytes() if url.startswith("sqlite") else None


def files_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a folder, as (who may do what, content)."""
    return {file.name: (file.stat().st_mode & 0o777, file.read_bytes()) for file in folder.iterdir()}


async def test_a_fresh_database_goes_through_every_migration(url: str) -> None:
    await (await Store.open(url, Hands(), KEYRING)).close()

    of_keys = set() if url.startswith("sqlite") else set(KEYS.tables)
    assert set(dump(url)) == {*METADATA.tables, *of_keys, "alembic_version"}
    assert dump(url)["alembic_version"] == [f"('{schema.head()}',)"]


async def test_what_was_written_is_there_after_a_restart(url: str) -> None:
    store = await Store.open(url, Hands(), KEYRING)
    person = await store.run(ana)
    await store.close()

    store = await Store.open(url, Hands(), KEYRING)
    found = await store.read(lambda tx: people.defender(tx, person))
    await store.close()

    assert found is not None
    assert found.name == "Ana"


async def test_an_older_schema_is_brought_up_to_date(url: str) -> None:
    migrate_to("sealed_2", url)
    in_database(url, f"INSERT INTO person VALUES ('{'a' * 32}', 'defender', 1, '2026-01-01 00:00:00.000000')")

    await (await Store.open(url, Hands(), KEYRING)).close()

    content = dump(url)
    assert content["alembic_version"] == [f"('{schema.head()}',)"]
    assert len(content["person"]) == 1
    assert "delivery" in content


async def test_an_unknown_schema_is_refused_and_left_alone(url: str) -> None:
    in_database(url, "CREATE TABLE alembic_version (version_num varchar(32))", "CREATE TABLE person (id integer)")
    in_database(url, "INSERT INTO alembic_version VALUES ('9999')", "INSERT INTO person VALUES (7)")
    before = (dump(url), bytes_of(url))

    with pytest.raises(SchemaRefused, match=r"another version of Tocsin \(schema 9999\)"):
        await Store.open(url, Hands(), KEYRING)

    assert (dump(url), bytes_of(url)) == before


async def test_somebody_elses_tables_are_refused_and_left_alone(url: str) -> None:
    in_database(url, "CREATE TABLE recipe (cake integer)", "INSERT INTO recipe VALUES (1)")

    with pytest.raises(SchemaRefused, match="not Tocsin's"):
        await Store.open(url, Hands(), KEYRING)

    assert dump(url) == {"recipe": ["(1,)"]}


async def test_a_migration_that_fails_leaves_nothing_behind(url: str) -> None:
    migrate_to("sealed_2", url)
    in_database(url, "CREATE TABLE journal (cake integer)")  # sealed_3 can be done, sealed_4 cannot
    before = dump(url)

    with pytest.raises(StoreRefused, match="does not open"):
        await Store.open(url, Hands(), KEYRING)

    assert dump(url) == before


async def test_two_who_open_at_once_both_find_the_schema(url: str) -> None:
    stores = await asyncio.gather(*(Store.open(url, Hands(), KEYRING) for _ in range(3)))
    await asyncio.gather(*(store.close() for store in stores))

    assert dump(url)["alembic_version"] == [f"('{schema.head()}',)"]


def test_many_who_turn_a_new_file_to_its_settings_at_once_all_succeed(tmp_path: Path) -> None:
    def begin(path: Path) -> None:
        engine = sqlite.engine_for(path, read_only=False)
        with engine.begin():
            pass
        engine.dispose()

    with ThreadPoolExecutor(4) as threads:
        for number in range(60):  # without insisting about one in eight fails
            path = tmp_path / f"{number}.sqlite"
            sqlite.prepare_file(path)
            for _ in threads.map(begin, [path] * 4):
                pass


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "cannot be read"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("mysql://ana@example.org/tocsin", "SQLite or PostgreSQL"),
    ],
)
async def test_a_url_that_cannot_be_is_refused_in_one_sentence(url: str, says: str) -> None:
    with pytest.raises(StoreRefused, match=says):
        await Store.open(url, Hands(), KEYRING)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ana, " * 500)
    before = files_in(tmp_path)

    with pytest.raises(StoreRefused, match="cannot be read as a database"):
        await Store.open(f"sqlite:///{tmp_path / 'letter.txt'}", Hands(), KEYRING)

    assert files_in(tmp_path) == before


async def test_a_server_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="does not open"):
        await Store.open(f"postgresql://ana:geheim@/tocsin?host={tmp_path}", Hands(), KEYRING)


@pytest.mark.parametrize("read_only", [False, True])
def test_every_setting_of_sqlite_holds_in_every_connection(tmp_path: Path, read_only: bool) -> None:
    sqlite.prepare_file(tmp_path / "a.sqlite")
    engine = sqlite.engine_for(tmp_path / "a.sqlite", read_only=read_only)

    with engine.connect() as connection:
        held = {pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() for pragma in sqlite.SETTINGS}
        only_reads = connection.exec_driver_sql("PRAGMA query_only").scalar()
    engine.dispose()

    assert held == {
        "busy_timeout": 5000,
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "temp_store": 2,
        "secure_delete": 1,
    }
    assert only_reads == read_only


def test_a_connection_without_its_settings_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite.prepare_file(tmp_path / "a.sqlite")
    monkeypatch.setitem(sqlite.SETTINGS, "synchronous", ("NORMAL", 2))

    with pytest.raises(StoreRefused, match="synchronous"):
        sqlite.engine_for(tmp_path / "a.sqlite", read_only=False).connect()


async def test_the_file_is_for_our_eyes_only(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'new' / 'a.sqlite'}", Hands(), KEYRING)
    await store.run(ana)
    modes = {name: mode for name, (mode, _) in files_in(tmp_path / "new").items()}
    await store.close()

    assert modes == {"a.sqlite": 0o600, "a.sqlite-wal": 0o600, "a.sqlite-shm": 0o600, "a-keys.sqlite": 0o600}


async def test_what_was_deleted_is_in_no_file_any_more(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'a.sqlite'}", Hands(), KEYRING)
    name = "Anastasia Unmistakable"
    person = await store.run(
        lambda tx: people.add_defender(tx, name, language="es", zone="UTC", profile="low", chain="c")
    )
    card: bytes = await store.read(lambda tx: tx.connection.execute(select(DEFENDER.c.card)).scalar_one())
    await store.run(lambda tx: people.erase_defender(tx, person))
    lingering = b"".join(content for _, content in files_in(tmp_path).values())
    await store.forget_deleted()
    kept = b"".join(content for _, content in files_in(tmp_path).values())
    await store.close()

    assert card in lingering
    assert card not in kept
    assert name.encode() not in lingering


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_a_server_session_speaks_utc_and_waits_for_the_disk(url: str) -> None:
    engine = postgres.engine_for(make_url(url))
    with engine.connect() as connection:
        zone = connection.execute(text("SHOW timezone")).scalar()
        commit = connection.execute(text("SHOW synchronous_commit")).scalar()
    engine.dispose()

    assert (zone, commit) == ("UTC", "on")
