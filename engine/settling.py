"""What became of a send, written down: taken, to be tried again, or never to be taken and what follows from that.

An alarm with unknown outcome is sent again and says so; a notice is not, but a change or a deletion is made again: that
may be done twice. An alarm that shows what was no longer true when it arrived is changed. A permanent failure turns to
the person's next channel at once, and when there is none the heart passes them over. Every settle is fenced by the
number of its attempt.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from escalation.people import ResponderId
from store import addresses, deliveries, journal
from store.database import Tx
from store.dossiers import Dossier, dossiers
from store.records import Address, DeliveryRow, NewDelivery
from store.states import StateUnreadable

from .announcing import refresh, tell_coordinators, tidy
from .buttons import outdate
from .discreet import Discreet
from .happenings import Happenings
from .letter import DeliveryFailure, Operation, OutcomeUnknown, PermanentFailure, Receipt, TemporaryFailure
from .metrics import Metrics
from .other_bots import BOT_REFUSED, goes_by_another_bot
from .showing import face, incident_view
from .sweeping import note_sent, note_unknown
from .taking import InHand

BACKOFF = (2.0, 5.0, 15.0, 30.0, 60.0)  # seconds before the next try, with jitter; the last one repeats
ON_ITS_WAY = ("pending", "sending", "accepted")
MAY_BE_DONE_TWICE = (Operation.EDIT, Operation.DELETE)
NOTICE_TRIES = 8
ANOTHER_WAY_AFTER = timedelta(seconds=30)  # of real time; then an alarm that nobody takes goes another way as well


@dataclass(frozen=True, slots=True, repr=False)
class Ended(Discreet):
    """One try that is over: taken, not taken, or not begun and to be left for so much of real time."""

    tried: InHand
    became: Receipt | DeliveryFailure | timedelta


@dataclass(frozen=True, slots=True)
class Settling:
    """The transactions that end a try."""

    happenings: Happenings
    metrics: Metrics

    def settle(self, tx: Tx, ended: Sequence[Ended], in_service_time: Callable[[timedelta], timedelta]) -> bool:
        """Write down what became of these; gives whether more followed from it than that.

        `in_service_time` turns a real span into the clock's. The incidents of all of them are held before any row is,
        as whoever decides about one does."""
        held = dossiers(tx, {one.tried.row.incident for one in ended if one.tried.row.incident is not None})
        taken, more = [], False
        for one in ended:
            row = one.tried.row
            match one.became:
                case Receipt() as receipt:
                    taken.append((one.tried, receipt))
                case DeliveryFailure() as failure:
                    more |= self.fail(tx, row, failure, in_service_time)
                case timedelta() as wait:
                    deliveries.defer(tx, row.id, row.attempt, tx.now + in_service_time(wait))
        return self._accept(tx, taken, held) or more

    def _accept(self, tx: Tx, taken: Sequence[tuple[InHand, Receipt]], held: Mapping[UUID, Dossier]) -> bool:
        """The messenger has taken these; gives whether something is to be said because of it."""
        for tried, receipt in taken:
            note_sent(tx, tried.row, receipt)
        ours = deliveries.all_accepted(tx, [(one.row.id, one.row.attempt, to.message_id) for one, to in taken])
        kept = [tried for tried, _ in taken if tried.row.id in ours]
        addresses.worked(tx, *(tried.row.address_id for tried in kept))
        more = False
        for tried in kept:
            row = tried.row
            outdate(tx, row)
            dossier = held.get(row.incident) if row.incident is not None else None
            if dossier is not None and row.tier is not None:
                more |= self._bring_up_to_date(tx, tried, dossier)
            if row.incident is not None and row.alarm:
                self._note_alarm(tx, row)
        return more

    def _note_alarm(self, tx: Tx, row: DeliveryRow) -> None:
        if row.template == "responder.alarm" and row.round == 1:
            waited = (tx.now - row.created_at).total_seconds()
            self.metrics.first_alarm.observe(max(0.0, waited))
        journal.write(
            tx,
            "accepted",
            incident=row.incident,
            actor=row.person,
            delivery=row.id,
            template=row.template,
            number=row.round,
            attempt=row.attempt,
            channel=row.channel,
        )

    def _bring_up_to_date(self, tx: Tx, tried: InHand, dossier: Dossier) -> bool:
        """A call has arrived: older ones of that chat have done their work, and if it shows what is no longer so, it is
        changed. Gives whether either was needed."""
        row, told = tried.row, tried.letter.incident
        if row.round <= 1 and dossier == tried.told:
            return False
        try:
            incident = dossier.state(tx)
        except StateUnreadable:
            return False
        older = deliveries.earlier_calls(tx, row) if row.round > 1 else []
        way = addresses.address(tx, row.address_id) if older else None
        if way is not None:
            tidy(tx, incident, way, older)
        is_old = told is not None and dossier != tried.told and face(told) != face(incident_view(tx, incident, dossier))
        if is_old:
            refresh(tx, incident, only=row.person)
        return is_old or way is not None

    def fail(
        self, tx: Tx, row: DeliveryRow, failure: DeliveryFailure, in_service_time: Callable[[timedelta], timedelta]
    ) -> bool:
        """The messenger has not taken it, or nobody knows. Gives whether something else is to be said, or decided,
        because of it."""
        again = row.operation in MAY_BE_DONE_TWICE
        unknown = isinstance(failure, OutcomeUnknown) and not again
        outcome: Literal["temp", "unknown"] = "unknown" if unknown else "temp"
        if isinstance(failure, PermanentFailure):
            self._settle_permanent(tx, row, failure)
            return True
        if not row.alarm and not again and (unknown or row.attempt >= NOTICE_TRIES):
            if deliveries.failed(tx, row.id, row.attempt, "unknown", failure.reason) and unknown:
                note_unknown(tx, row)
            return False
        if failure.reason in BOT_REFUSED and goes_by_another_bot(tx, row, failure):
            return True
        asked = failure.retry_in if isinstance(failure, TemporaryFailure) else None
        again_at = tx.now + in_service_time(timedelta(seconds=_backoff(row.attempt, asked)))
        tried = deliveries.retry(tx, row.id, row.attempt, again_at, outcome, failure.reason)
        if tried and again_at >= row.created_at + in_service_time(ANOTHER_WAY_AFTER):
            self._send_another_way_too(tx, row)
            return True
        return False

    def _settle_permanent(self, tx: Tx, row: DeliveryRow, failure: PermanentFailure) -> None:
        if failure.moved_to is not None and _is_theirs(tx, row, failure.moved_to):
            addresses.moved(tx, row.address_id, failure.moved_to)
            deliveries.retry(tx, row.id, row.attempt, tx.now, "temp", failure.reason)
            return
        if failure.moved_to is not None:
            failure = PermanentFailure(failure.reason, address_is_dead=True)
        if failure.address_is_dead and goes_by_another_bot(tx, row, failure):
            return
        if not deliveries.failed(tx, row.id, row.attempt, "perm", failure.reason):
            return
        if failure.address_is_dead:
            addresses.disable(tx, row.address_id, failure.reason)
            journal.write(tx, "address_disabled", actor=row.person, channel=row.channel, why=failure.reason)
        if row.side == "responder" and row.operation == Operation.SEND and (row.alarm or failure.address_is_dead):
            self._fail_over(tx, row, failure)

    def _fail_over(self, tx: Tx, row: DeliveryRow, failure: PermanentFailure) -> None:
        """The same letter by the person's next channel; when there is none, the heart passes them over.

        One thing that is refused, such as a file, is no reason to think that its reader cannot be called."""
        others = _other_ways(tx, row)
        if row.alarm:
            untried = [way for way, state in others if state is None]
            if untried:
                deliveries.put(tx, _by(row, untried[0], tx))
                return
            others = [(way, state) for way, state in others if state in ON_ITS_WAY]
        is_a_call = row.tier is not None
        if others or not (is_a_call or failure.address_is_dead):
            return
        self.metrics.skipped.inc()
        if failure.address_is_dead:
            self.happenings.lost_reach(tx, ResponderId(row.person))
        elif row.incident is not None:
            self.happenings.lost_reach_about(tx, row.incident, ResponderId(row.person))
        once = f"unreachable:{row.person}:{tx.now:%Y%m%d}"
        tell_coordinators(tx, "unreachable", once=once, person=str(row.person))

    def _send_another_way_too(self, tx: Tx, row: DeliveryRow) -> None:
        """Nobody has taken it for a while: whichever channel works first is the right one, and both say so."""
        if not (row.alarm and row.side == "responder" and row.operation == Operation.SEND):
            return
        untried = [way for way, state in _other_ways(tx, row) if state is None]
        number = deliveries.put(tx, _by(row, untried[0], tx)) if untried else None
        if number is not None:
            deliveries.may_be_repeat(tx, number)
            deliveries.may_be_repeat(tx, row.id)

    def release(self, tx: Tx, lane: str, *, everything: bool) -> int:
        """Settle as unknown what nobody in this lane is sending any more (with `everything` as at a start, when we are
        not either); gives how many."""
        lost = [row for row in deliveries.expired_leases(tx, tx.now, at_start=everything) if row.lane == lane]
        for row in lost:
            if row.operation in MAY_BE_DONE_TWICE:
                deliveries.retry(tx, row.id, row.attempt, tx.now, "temp", "lease_ran_out")
            elif row.alarm:
                deliveries.retry(tx, row.id, row.attempt, tx.now, "unknown", "lease_ran_out")
            elif deliveries.failed(tx, row.id, row.attempt, "unknown", "lease_ran_out"):
                note_unknown(tx, row)
        return len(lost)


def _backoff(attempt: int, asked: float | None) -> float:
    """Seconds before the next try; never less than the messenger asked for."""
    step = BACKOFF[min(attempt, len(BACKOFF)) - 1]
    return max(step * random.uniform(0.8, 1.2), asked or 0.0)  # nosec B311 # noqa: S311 - jitter, not a secret


def _is_theirs(tx: Tx, row: DeliveryRow, address: str) -> bool:
    """Whether an address may become this person's: it is nobody else's."""
    return addresses.person_at(tx, row.side, row.channel, address) in (None, row.person)


def _other_ways(tx: Tx, row: DeliveryRow) -> list[tuple[Address, str | None]]:
    """The person's other channels that work, each with what became of the same letter there."""
    others = [way for way in addresses.of_person(tx, row.person) if way.channel != row.channel]
    return [(way, deliveries.state_by(tx, row, way.channel)) for way in others]


def _by(row: DeliveryRow, way: Address, tx: Tx) -> NewDelivery:
    return NewDelivery(
        person=row.person,
        side=way.side,
        channel=way.channel,
        address_id=way.id,
        operation=row.operation,
        template=row.template,
        words=row.words,
        urgency=row.urgency,
        alarm=row.alarm,
        incident=row.incident,
        tier=row.tier,
        round=row.round,
        message_id=None,
        not_before=tx.now,
        expires_at=None,
        dedupe=None,
    )
