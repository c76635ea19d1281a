"""Bar E7: whoever is removed hears nothing more, whatever it is and whichever way, and no button of theirs counts."""

from dataclasses import dataclass, field
from pathlib import Path

from engine.letter import Letter, Receipt, TemporaryFailure
from engine.responder_acts import remove_responder
from escalation.incident_state import call_of
from escalation.people import ResponderId
from responders.presses import read
from store import incidents, presses
from store.database import Store
from tests.bars.conftest import Bar
from tests.keys import KEYRING
from tests.world import World


@dataclass
class Mail:
    """A channel that keeps to whom it wrote, and takes nothing while it `fails`."""

    fails: bool = False
    tried: list[str] = field(default_factory=list)
    to: list[str] = field(default_factory=list)

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        self.tried.append(address)
        if self.fails:
            raise TemporaryFailure("no_connection")
        self.to.append(address)
        return Receipt(f"<{letter.key}@mail>")


async def test_e7_who_was_removed_hears_nothing_more_and_has_no_button_left(tmp_path: Path, bar: Bar) -> None:
    mail = Mail(fails=True)
    async with World(tmp_path, more_channels={"responder:mail": mail}) as world:
        us, them = world.defenders_bot, world.responders_bot
        await world.defender("Ana", watched=False)
        bo, cleo = await world.responder("Bo"), await world.responder("Cleo")
        for name in ("Bo", "Cleo"):
            await world.mailbox(name)
        world.phones["Ana"].type(us, "sos")
        await world.settle()
        alarm = bo.heard(them)[-1]
        tokens = [data for row in alarm.buttons for _, data in row if read(data) is None]
        assert len(tokens) == 3
        busy = [world.stage.faults.fail(them, 502, chat=phone) for phone in (bo, cleo)]
        world.phones["Ana"].type(us, "sos")  # and what it makes waits to be tried again, both ways
        for _ in range(4):
            await world.later(minutes=1)
        assert {"bo@example.org", "cleo@example.org"} <= set(mail.tried)
        heard = len(bo.transcript(them))

        removed = ResponderId(world.ids["Bo"])
        await as_another_process(world, lambda tx: remove_responder(tx, world.engine.happenings, removed))
        left = await world.store.read(lambda tx: [token for token in tokens if presses.look(tx, token) is not None])
        busy[0].end()
        mail.fails = False
        world.phones["Ana"].type(us, "sos")
        for _ in range(3):
            await world.later(minutes=2)
        busy[1].end()
        for _ in range(3):
            await world.later(minutes=2)
        more = bo.transcript(them)[heard:]
        for token in tokens:
            bo.press_data(them, alarm.id, token)
        await world.settle()
        [one] = await world.store.read(lambda tx: incidents.recent(tx, 9))
        incident = await world.store.read(lambda tx: incidents.load(tx, one.id))

        assert (more, left) == ([], [])
        assert set(mail.to) == {"cleo@example.org"}
        assert any("repeat" in message.text for message in cleo.heard(them)), "others hear of it, in both ways"
        assert incident is not None
        assert incident.holder is None
        call = call_of(incident, removed)
        assert call is not None
        assert call.out_of_reach
    bar.holds(
        "Who was removed hears nothing more, by chat or by mail, and no button of theirs counts",
        "0 of anything in 12 min, by either; 0 of 3 buttons",
    )


async def test_e7_who_was_removed_and_writes_is_answered_as_a_stranger_is(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        them = world.responders_bot
        await world.defender("Ana", watched=False)
        bo, max_ = await world.responder("Bo"), world.stage.add_phone("Max")
        removed = ResponderId(world.ids["Bo"])
        await as_another_process(world, lambda tx: remove_responder(tx, world.engine.happenings, removed))
        heard = len(bo.transcript(them))

        max_.start(them)
        for text in ("/open", "hello", "/zone Lima"):
            bo.type(them, text)
        await world.later(minutes=2)

        assert [call.said for call in bo.transcript(them)[heard:]] == [call.said for call in max_.transcript(them)]
        assert len(max_.transcript(them)) == 1


async def as_another_process(world: World, work: object) -> None:
    """Do `work` in the database of a running service, as the command line does."""
    store = await Store.open(f"sqlite:///{world.folder / 'tocsin.db'}", world.clock.now, KEYRING)
    try:
        await store.run(work)  # type: ignore[arg-type]
    finally:
        await store.close()
