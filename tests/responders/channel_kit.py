"""What every way to reach a responder must do, run against a small real server.

A channel's test file makes a `ground` fixture and takes the tests over with `from .channel_kit import *`. Everything
that may not be found in an error (address, token, texts) is in `Ground.secrets`."""

import asyncio
import traceback
from abc import ABC, abstractmethod
from dataclasses import replace

import pytest

from engine.letter import (
    Channel,
    DeliveryFailure,
    Letter,
    Operation,
    OutcomeUnknown,
    PermanentFailure,
    TemporaryFailure,
)

from .made import CALLING, letter

__all__ = [
    "test_a_call_that_broke_before_it_was_taken_may_be_made_again",
    "test_a_letter_arrives_once",
    "test_a_letter_that_makes_no_sense_is_refused_for_good",
    "test_a_server_that_hangs_is_not_waited_for_for_ever",
    "test_a_server_that_is_busy_is_tried_later",
    "test_an_address_that_is_none_is_dead",
    "test_an_address_that_is_refused_for_good_is_dead",
    "test_many_letters_at_once_all_arrive",
    "test_no_failure_tells_a_secret",
    "test_what_was_taken_without_an_answer_is_unknown",
    "test_where_nobody_listens_nothing_was_taken",
]

NAME = "Anastasia-the-defender"
ALARM = letter("responder.alarm", replace(CALLING, defender_name=NAME), words={"times": 1, "held": False})


class Ground(ABC):
    """A channel, a server that it speaks to, and what can go wrong between them."""

    channel: Channel
    nowhere: Channel  # speaks to a port on which nobody listens
    address: str
    no_address: str
    secrets: tuple[str, ...]

    @abstractmethod
    def arrived(self) -> int:
        """How many messages the server has taken for `address`."""

    @abstractmethod
    def refuse_for_good(self) -> None:
        """From now on the server takes nothing for `address`, ever."""

    @abstractmethod
    def be_busy(self) -> None:
        """From now on the server takes nothing for a while."""

    @abstractmethod
    def hang(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on the server answers nothing, and patience is short."""

    @abstractmethod
    def cut_before(self) -> None:
        """From now on the connection breaks before anything is taken."""

    @abstractmethod
    def cut_after(self) -> None:
        """From now on the connection breaks after the message was taken and before the answer."""


async def failed(channel: Channel, address: str, written: Letter = ALARM) -> DeliveryFailure:
    """The failure of a delivery that must fail."""
    with pytest.raises(DeliveryFailure) as caught:
        await channel.deliver(address, written)
    return caught.value


async def test_a_letter_arrives_once(ground: Ground) -> None:
    receipt = await ground.channel.deliver(ground.address, ALARM)

    assert receipt.message_id
    assert ground.arrived() == 1


async def test_many_letters_at_once_all_arrive(ground: Ground) -> None:
    await asyncio.gather(*(ground.channel.deliver(ground.address, replace(ALARM, key=key)) for key in range(8)))

    assert ground.arrived() == 8


async def test_an_address_that_is_refused_for_good_is_dead(ground: Ground) -> None:
    ground.refuse_for_good()

    failure = await failed(ground.channel, ground.address)

    assert isinstance(failure, PermanentFailure)
    assert failure.address_is_dead
    assert ground.arrived() == 0


async def test_an_address_that_is_none_is_dead(ground: Ground) -> None:
    failure = await failed(ground.channel, ground.no_address)

    assert isinstance(failure, PermanentFailure)
    assert failure.address_is_dead


async def test_a_server_that_is_busy_is_tried_later(ground: Ground) -> None:
    ground.be_busy()

    assert isinstance(await failed(ground.channel, ground.address), TemporaryFailure)
    assert ground.arrived() == 0


async def test_a_server_that_hangs_is_not_waited_for_for_ever(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.hang(monkeypatch)

    assert isinstance(await failed(ground.channel, ground.address), OutcomeUnknown)


async def test_where_nobody_listens_nothing_was_taken(ground: Ground) -> None:
    assert isinstance(await failed(ground.nowhere, ground.address), TemporaryFailure)


async def test_a_call_that_broke_before_it_was_taken_may_be_made_again(ground: Ground) -> None:
    ground.cut_before()

    assert isinstance(await failed(ground.channel, ground.address), TemporaryFailure | OutcomeUnknown)
    assert ground.arrived() == 0


async def test_what_was_taken_without_an_answer_is_unknown(ground: Ground) -> None:
    ground.cut_after()

    assert isinstance(await failed(ground.channel, ground.address), OutcomeUnknown)
    assert ground.arrived() == 1


async def test_a_letter_that_makes_no_sense_is_refused_for_good(ground: Ground) -> None:
    unanswerable = replace(ALARM, operation=Operation.ANSWER, template="responder.no_such_thing", message_id="1")

    failure = await failed(ground.channel, ground.address, unanswerable)

    assert isinstance(failure, PermanentFailure)
    assert not failure.address_is_dead
    assert ground.arrived() == 0


@pytest.mark.parametrize("trouble", ["refuse_for_good", "be_busy", "cut_before", "cut_after", "nowhere", "no_address"])
async def test_no_failure_tells_a_secret(ground: Ground, trouble: str) -> None:
    channel, address = ground.channel, ground.address
    if trouble == "nowhere":
        channel = ground.nowhere
    elif trouble == "no_address":
        address = ground.no_address
    else:
        getattr(ground, trouble)()

    failure = await failed(channel, address)

    told = "".join([repr(failure), str(failure), repr(vars(failure)), *traceback.format_exception(failure)])
    cause = failure.__cause__ or failure.__context__
    told += repr(cause) + str(cause)
    assert [secret for secret in (*ground.secrets, ground.no_address, NAME, "CALL FOR HELP") if secret in told] == []
