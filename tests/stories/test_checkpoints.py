"""Others keep checkpoints of the journal: in a folder, in their chat, by mail. And what stands open tells little."""

import re
from pathlib import Path

from config.texts import Texts
from engine.checkpointing import Checkpointing, Holders
from engine.letter import Letter
from escalation.people import Role
from store import checkpoints
from store.database import Tx
from store.notes import Checkpoint, text_of
from store.tables.journal import JOURNAL
from store.verifying import verify
from tests.stories.test_second_way import Mail
from tests.world import World

CODE, FORCED = (0, 1, 2, 3), (7, 7, 7, 7)
NOTE = re.compile(r"tocsin\.journal/.+\n— \S+ \S+$", re.DOTALL)


async def team(world: World, *, watched: bool = True) -> None:
    await world.defender("Ana", code=CODE, watched=watched)
    await world.responder("Bo")
    await world.responder("Harbour", Role.PARTNER, tier=None)
    await world.responder("Dara", Role.COORDINATOR, tier=None)


async def shows(world: World, note: str) -> int:
    """Up to how many entries this note vouches for the journal."""
    verdict = await world.store.read(lambda tx: verify(tx, [note]))
    assert verdict.faults == ()
    return verdict.anchored


async def a_day_passes(world: World) -> None:
    """From the first checkpoint to the first that is handed out."""
    checkpointing = Checkpointing(world.store, Holders(partners=True))
    await checkpointing.look()
    world.silence()
    await world.later(hours=24)
    await checkpointing.look()
    world.engine.changed()
    await world.settle()


async def size(world: World) -> int:
    newest = await world.store.read(checkpoints.newest)
    assert newest is not None
    return newest.size


def read(world: World, name: str) -> list[str]:
    """What somebody has heard since they last looked, and did not expect."""
    return [message.text for message in world.phones[name].read(world.responders_bot)]


def everybody_has_heard(world: World) -> None:
    """What else is said in such a story is told elsewhere."""
    for phone in world.phones.values():
        for at in (world.defenders_bot, world.responders_bot):
            phone.read(at)


async def test_a_partner_organisation_gets_one_to_keep_without_a_sound(world: World) -> None:
    await team(world, watched=False)

    await a_day_passes(world)

    message = await world.phones["Harbour"].expect(world.responders_bot, "checkpoint of our journal")
    assert message.silent
    assert not message.protected
    found = NOTE.search(message.text)
    assert found is not None
    assert await shows(world, f"{found[0]}\n") == await size(world)
    world.phones["Ana"].read(world.defenders_bot)  # her keys were made anew
    world.silence()


async def test_another_one_comes_after_an_incident_has_ended_and_not_before(world: World) -> None:
    await team(world)
    checkpointing = Checkpointing(world.store, Holders(partners=True))
    await checkpointing.look()

    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.settle()
    await world.later(minutes=61)
    await checkpointing.look()
    await world.settle()
    assert [text for text in read(world, "Harbour") if "checkpoint" in text] == []

    for name, label in (("Bo", "Close"), ("Bo", "Safe"), ("Dara", "Yes, close it")):
        world.phones[name].press(world.responders_bot, label)
        await world.settle()
    await checkpointing.look()
    world.engine.changed()
    await world.settle()
    assert len([text for text in read(world, "Harbour") if "checkpoint" in text]) == 1
    everybody_has_heard(world)


async def test_whoever_has_mail_gets_it_by_mail_too(tmp_path: Path) -> None:
    mail = Mail()
    async with World(tmp_path, more_channels={"responder:mail": mail}) as world:
        await team(world, watched=False)
        await world.mailbox("Harbour")

        await a_day_passes(world)

        letter: Letter = await mail.expect("harbour@example.org", within=2.0)
        assert letter.template == "responder.checkpoint"
        assert await shows(world, str(letter.words["note"])) == await size(world)


async def test_a_folder_gets_each_as_a_file_of_its_own(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    checkpointing = Checkpointing(world.store, Holders(folder))
    await checkpointing.look()
    await team(world)
    await checkpointing.look()
    assert len(files(folder)) == 1

    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.settle()
    await checkpointing.look()

    assert len(files(folder)) == 2
    assert await shows(world, files(folder)[-1]) == await size(world)
    everybody_has_heard(world)


def files(folder: Path) -> list[str]:
    """What is in the folder, in the order of the names."""
    return [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())]


async def test_a_folder_that_cannot_be_written_is_told_of_and_stops_nothing(world: World, tmp_path: Path) -> None:
    await team(world)
    checkpointing = Checkpointing(world.store, Holders(tmp_path / "gone"))

    for _ in range(3):
        await checkpointing.look()
    world.engine.changed()
    await world.settle()

    await world.phones["Dara"].expect(world.responders_bot, "could not be put where it is kept")
    world.silence()
    assert await size(world) > 0


async def test_what_is_about_an_incident_is_signed_at_once_and_the_rest_within_the_hour(world: World) -> None:
    await team(world)
    checkpointing = Checkpointing(world.store, Holders())
    await checkpointing.look()
    before = await size(world)

    await world.later(minutes=30)
    await checkpointing.look()
    assert await size(world) == before
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.settle()
    await checkpointing.look()
    at_once = await size(world)
    assert at_once > before
    await world.later(minutes=60)
    await checkpointing.look()

    assert await size(world) > at_once
    assert (await world.store.read(verify)).faults == ()
    kept = await world.store.read(checkpoints.kept)
    key = await world.store.read(checkpoints.key)
    assert [Checkpoint.read(text_of(one.note, [key])).size for one in kept] == [one.size for one in kept]
    everybody_has_heard(world)


async def test_what_stands_open_is_alike_for_every_kind_of_incident(tmp_path: Path) -> None:
    """Whoever has the database and no keys sees a code for each entry, and no more of what it was."""
    seen = []
    for kind in ("panic", "forced", "missed"):
        folder = tmp_path / kind
        folder.mkdir()
        async with World(folder) as world:
            await team(world)
            await world.later(minutes=30)
            await happen(world, kind)
            seen.append(await world.store.read(of_the_incident))

    assert seen[0] == seen[1] == seen[2]
    assert [code for code, *_ in seen[0]] == ["called", "delivered", "opened"]


async def happen(world: World, kind: str) -> None:
    """Ana calls for help, gives a code under force, or nothing."""
    match kind:
        case "panic":
            world.phones["Ana"].type(world.defenders_bot, "sos")
            await world.settle()
        case "forced":
            world.phones["Ana"].type(world.defenders_bot, "/ok")
            await world.settle()
            await world.tap("Ana", FORCED)
            await world.later(seconds=2)
        case _:
            await world.later(hours=1, minutes=1)


def of_the_incident(tx: Tx) -> list[tuple[object, ...]]:
    """What stands open of the entries about the incident: codes, what they name, and how long the rest is."""
    rows = tx.connection.execute(JOURNAL.select().where(JOURNAL.c.incident.is_not(None)))
    shapes = {
        (row.code, row.defender is None, row.actor is None, len(row.commitment), len(row.sealed), row.plain)
        for row in rows
    }
    return sorted(shapes, key=str)


def test_every_language_has_words_for_it() -> None:
    texts = Texts()

    for language in texts.languages:
        assert texts.say(language, "responder.checkpoint")
        assert texts.say(language, "responder.mail.checkpoint")
