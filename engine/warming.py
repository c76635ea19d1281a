"""Warming: before the first call for help that is meant, two are played.

What is done for the first time in a process takes ten times as long, for statements are compiled and types are made; so
a call for help, a missed check-in and a sign of life of somebody who is here are played through to what would be sent,
twice. It is all one transaction, which is undone: nothing of it is ever there for anybody else, nothing is sent, and
nothing is counted.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import time, timedelta
from functools import partial
from uuid import UUID, uuid4

from escalation import watch_words
from escalation.people import DefenderId, WatchId
from escalation.routine import Daily
from escalation.watch import begin
from store import addresses, inbox, people, watches
from store.acquaintance import anybody, know
from store.database import Store, Tx

from .acts import CalledForHelp, GaveSign
from .defender_acts import DefenderActs
from .happenings import Happenings
from .intake import CHANNEL
from .letter import Channel, Receipt
from .log import Log
from .metrics import Metrics
from .planning import Book
from .settling import Ended, Settling
from .taking import Taking
from .urgency import Urgency

log = Log("service")

TIMES = 2  # a statement is compiled at its second use
LONG_AGO = timedelta(days=3)  # later than any grace
A_FEW = 4
NO_UPDATE = -1  # the messenger's are counted up from 1


class Undone(Exception):
    """Whatever was played is undone."""


async def warm(store: Store, book: Book, channels: Mapping[str, Channel]) -> bool:
    """Play it, with the channels by lane; False where it cannot be, because nobody is here, or their keys are not."""
    if store.vault.is_locked:
        return False
    try:
        return await store.run(partial(_play, Happenings(book, Metrics()), channels))
    except Undone:
        return True
    except Exception as fault:  # the edge of the play: the service begins all the same, and its first alarm is slower
        log.warning("not_warmed", fault=fault)
        return False


def _play(happenings: Happenings, channels: Mapping[str, Channel], tx: Tx) -> bool:
    person = anybody(tx)
    if person is None:
        return False
    for _ in range(TIMES):
        with suppress(Undone), tx.savepoint():
            _alarms(happenings, tx, person)
            for lane, channel in channels.items():
                _speak(happenings, tx, lane, channel)
            tx.known.write(tx.connection)
            raise Undone
    raise Undone


def _alarms(happenings: Happenings, tx: Tx, person: UUID) -> None:
    know(tx, [person])
    who = people.defender(tx, person)
    chat = next((way.address for way in addresses.of_person(tx, person) if way.channel == CHANNEL), "")
    inbox.keep(tx, "defenders", NO_UPDATE, addresses.blind(tx, "defender", CHANNEL, chat), b"{}", urgent=True)
    for row in inbox.take_next(tx, A_FEW, urgent=True):
        inbox.done(tx, row.id)
    if who is not None:
        DefenderActs(happenings).carry_out(tx, who, GaveSign(), "warming")
        pace = happenings.book.profile(who.profile).pace
        missed = begin(WatchId(uuid4()), DefenderId(person), Daily((time(12),), "UTC"), pace, tx.now - LONG_AGO)
        watches.save(tx, missed)
        for number in watches.due(tx, tx.now, A_FEW):
            watches.load(tx, number)
        happenings.to_watch(tx, missed, watch_words.TimePassed())
        DefenderActs(happenings).carry_out(tx, who, CalledForHelp(), "warming")


def _speak(happenings: Happenings, tx: Tx, lane: str, channel: Channel) -> None:
    """All that is done for a few letters but sending them."""
    taking, settling = Taking(lane, channel, happenings.book), Settling(happenings, happenings.metrics)
    took = taking.take(tx, 0.0, tx.now + timedelta(minutes=1), A_FEW, Urgency.NOTICE, ())
    settling.settle(tx, [Ended(one, Receipt(str(one.row.id))) for one in took.in_hand], lambda span: span)
