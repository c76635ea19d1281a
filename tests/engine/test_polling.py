"""Our own poller: raw, durable first, and not to be stopped."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from engine.polling import Poller, PollingRefused
from engine.splitting import RawUpdate
from rehearsal import RehearsalClock, Stage
from rehearsal.accounts import BotAccount
from rehearsal.phone import Phone

TOKEN = "100001:" + "d" * 35


class Inbox:
    """Keeps what comes, and may be told to fail."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.fails = False
        self.came = asyncio.Event()

    async def keep(self, updates: list[RawUpdate]) -> None:
        self.came.set()
        if self.fails:
            raise OSError("the disk is full")
        self.kept += [update.update_id for update in updates]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage(RehearsalClock(), limits=False) as opened:
        yield opened


@pytest.fixture
def daybook(stage: Stage) -> BotAccount:
    return stage.add_bot(TOKEN, "daybook_bot", "Daybook")


@pytest.fixture
def ana(stage: Stage, daybook: BotAccount) -> Phone:
    phone = stage.add_phone("Ana")
    phone.start(daybook)
    return phone


def poller(stage: Stage, inbox: Inbox) -> Poller:
    return Poller("defenders", TOKEN, stage.url, inbox.keep, lambda more: None, long_poll=1)


async def until_confirmed(stage: Stage, daybook: BotAccount) -> None:
    async with asyncio.timeout(5):
        while stage.waiting(daybook):  # noqa: ASYNC110 - the stage does not tell when an offset moves
            await asyncio.sleep(0.01)


async def test_the_offset_moves_only_after_the_batch_is_kept(stage: Stage, daybook: BotAccount, ana: Phone) -> None:
    inbox = Inbox()
    inbox.fails = True
    polling = asyncio.create_task(poller(stage, inbox).run())

    await asyncio.wait_for(asyncio.wait([polling]), 5)

    assert isinstance(polling.exception(), OSError)
    assert stage.waiting(daybook) == 1
    inbox.fails = False
    polling = asyncio.create_task(poller(stage, inbox).run())
    await until_confirmed(stage, daybook)
    polling.cancel()
    assert len(inbox.kept) == 1


async def test_errors_of_the_messenger_are_waited_out(stage: Stage, daybook: BotAccount, ana: Phone) -> None:
    stage.faults.fail(daybook, 502, method="getUpdates", times=1)
    stage.faults.cut_before(daybook, method="getUpdates", times=1)
    inbox = Inbox()

    polling = asyncio.create_task(poller(stage, inbox).run())
    await until_confirmed(stage, daybook)
    polling.cancel()

    assert len(inbox.kept) == 1


async def test_a_token_that_was_never_good_is_tried_on_where_others_of_its_side_are_at_work(stage: Stage) -> None:
    one_of_several = replace(poller(stage, Inbox()), token="1:wrong", goes_on=True)
    polling = asyncio.create_task(one_of_several.run())

    done, _ = await asyncio.wait({polling}, timeout=1.0)

    assert not done
    polling.cancel()


async def test_a_token_that_was_never_good_is_refused_in_a_sentence(stage: Stage) -> None:
    stranger = replace(poller(stage, Inbox()), token="1:wrong")

    with pytest.raises(PollingRefused, match="set a new one"):
        await asyncio.wait_for(stranger.run(), 5)


async def test_a_token_that_was_good_once_is_tried_for_ever(stage: Stage, daybook: BotAccount, ana: Phone) -> None:
    inbox = Inbox()
    polling = asyncio.create_task(poller(stage, inbox).run())
    await until_confirmed(stage, daybook)

    refusal = stage.faults.fail(daybook, 401, method="getUpdates", times=2)
    ana.type(daybook, "sos")
    await until_confirmed(stage, daybook)

    assert refusal.hits == 2
    assert not polling.done()
    polling.cancel()
    assert len(inbox.kept) == 2


async def test_who_may_be_replaced_gives_up_a_messenger_that_does_not_answer_and_no_sooner(
    stage: Stage, daybook: BotAccount
) -> None:
    asking = replace(poller(stage, Inbox()), long_poll=0, patience=0.1, gives_up_after=0.5)
    stage.stand_still()
    began = time.monotonic()

    await asyncio.wait_for(asking.run(), 10)

    assert time.monotonic() - began > 0.5


async def test_where_others_may_poll_silence_is_noticed_before_they_would_be_late(stage: Stage) -> None:
    asking = replace(poller(stage, Inbox()), long_poll=25)

    asking.be_among(bots=False, machines=True)

    assert asking.gives_up_after is not None
    assert asking.gives_up_after < asking.long_poll + asking.patience < 10.0


async def test_who_polls_alone_never_gives_up(stage: Stage) -> None:
    asking = replace(poller(stage, Inbox()), long_poll=25)

    asking.be_among(bots=False, machines=False)

    assert (asking.long_poll, asking.gives_up_after) == (25, None)


async def test_it_ends_when_told_to_though_its_patience_ends_at_the_same_moment(
    stage: Stage, daybook: BotAccount
) -> None:
    stage.stand_still()
    asking = asyncio.create_task(replace(poller(stage, Inbox()), long_poll=0, patience=0.3).run())
    await asyncio.sleep(0.2)
    asyncio.get_running_loop().call_later(0.2, asking.cancel)
    began = time.monotonic()
    while time.monotonic() < began + 0.3:
        """The loop is busy until both are due."""

    await asyncio.wait([asking], timeout=2)
    assert asking.cancelled()


@pytest.mark.parametrize("number", [1, 9_211])
async def test_a_torn_update_whose_number_is_torn_too_holds_up_nothing_and_loses_nothing(
    number: int, stage: Stage, daybook: BotAccount, ana: Phone
) -> None:
    inbox = Inbox()
    ana.type(daybook, "first")
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        polling = tasks.create_task(poller(stage, inbox).run())
        await until_confirmed(stage, daybook)
        stage.raw_bytes(daybook, f'{{"update_id": {number}, "message": {{"text": "'.encode() + b"\xff")
        await until_confirmed(stage, daybook)
        for text in ("next", "last"):
            ana.type(daybook, text)
            await until_confirmed(stage, daybook)
        polling.cancel()

    assert inbox.kept == [1001, 1002, 1003, 1004, 1005]


async def test_what_is_torn_and_further_on_than_it_can_say_is_kept_once_and_passed(
    stage: Stage, daybook: BotAccount, ana: Phone
) -> None:
    inbox = Inbox()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        polling = tasks.create_task(poller(stage, inbox).run())
        await until_confirmed(stage, daybook)
        for _ in range(2):
            ana.type(daybook, "never told")
        daybook.updates.drop_all()
        stage.raw_bytes(daybook, b'{"update_id": 1, "message": {"text": "\xff')
        await until_confirmed(stage, daybook)
        ana.type(daybook, "last")
        await until_confirmed(stage, daybook)
        polling.cancel()

    assert inbox.kept == [1001, 1002, 1005]
