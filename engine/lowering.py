"""What was asked with a code, carried through: asked in one transaction, looked at in the next, done when its wait is
over.

The transaction in which something is asked writes one sealed row, whatever the code said: the answer leaves before
anything is made of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid4

from escalation import incident_words as said
from escalation import lowering as machine
from escalation import watch_words
from escalation.incident_state import speaks_for
from escalation.incident_words import Kind
from escalation.lowering import Lowering, Verdict, Want, Wish
from escalation.people import DefenderId, LoweringId, Role
from escalation.watch import Phase
from store import codes, incidents, journal, lowerings, people, watches
from store.database import Tx
from store.records import DefenderRecord

from . import announcing, signs
from .agreements import leave, reschedule, to_routine
from .happenings import Happenings
from .letter import Words
from .naming import name_of
from .planning import chain_of, overseers, plan_for

WAITS = frozenset(Want) - machine.AT_ONCE


@dataclass(frozen=True, slots=True)
class Lowerings:
    """The transactions' work on what was asked with a code."""

    happenings: Happenings

    def ask(self, tx: Tx, who: DefenderRecord, wish: Wish, verdict: Verdict) -> Lowering:
        """Keep a wish with what its code said, in place of an older one of the same kind. A check-in moves what its
        watch shows now, and what was owed once its code is looked at; a text moves nothing before that."""
        if wish.want in WAITS:
            self.take_back(tx, who.id, {wish.want})
        wait = self.happenings.book.profile(who.profile).lowering_waits
        asked = machine.begin(LoweringId(uuid4()), who.id, wish, verdict, wait, tx.now)
        lowerings.save(tx, asked)
        if wish.want is Want.SIGN:
            signs.tapped(self.happenings, tx, who.id, wish.given_at)
        return asked

    def time_passed(self, tx: Tx, lowering_id: UUID) -> None:
        """One of them is due."""
        lowering = lowerings.load(tx, lowering_id)
        if lowering is not None:
            self._decide(tx, lowering, machine.TimePassed())

    def hear_signs(self, tx: Tx, defender: DefenderId) -> None:
        """Look at every check-in of this defender now: one that was given counts before its absence does."""
        for lowering in lowerings.of_defender(tx, defender):
            if lowering.wish.want in machine.AT_ONCE:
                self._decide(tx, lowering, machine.TimePassed(), early=True)

    def take_back(self, tx: Tx, defender: DefenderId, wants: Collection[Want] = WAITS) -> None:
        """Things stay as they are."""
        for lowering in lowerings.of_defender(tx, defender):
            if lowering.wish.want in wants:
                self._decide(tx, lowering, machine.TakenBack())

    def _decide(self, tx: Tx, lowering: Lowering, event: machine.Event, *, early: bool = False) -> None:
        now = max(tx.now, lowering.looked_at) if early else tx.now
        decided, effects = machine.decide(lowering, event, now)
        if decided == lowering:
            return
        lowerings.save(tx, decided)
        for effect in effects:
            match effect:
                case machine.RaiseCovert():
                    self._raise_covert(tx, decided)
                case machine.TellFirst(begins_at):
                    self._tell_first(tx, decided, begins_at.isoformat())
                case machine.TakeEffect(forced):
                    self._take_effect(tx, decided, forced)
        if lowering.wish.want is Want.TEXT and lowering.verdict is Verdict.WRONG:
            return  # somebody wrote something
        what = {"want": lowering.wish.want.value, "code": lowering.verdict.value, "phase": decided.phase.value}
        journal.write(tx, "asked_with_code", defender=lowering.defender, what=dict(what))

    def _raise_covert(self, tx: Tx, lowering: Lowering) -> None:
        """Everybody who is alarmed already is told; who would be called for this is called, unless they have been."""
        who = people.defender(tx, lowering.defender)
        if who is None:
            return
        plan = plan_for(tx, self.happenings.book, who, Kind.DURESS)
        standing = incidents.open_of_defender(tx, who.id)
        for incident in standing:
            self.happenings.to_incident(tx, incident, said.DefenderCheckedIn(forced=True))
        if not any(one.kind is Kind.DURESS and speaks_for(one, plan) for one in standing):
            self.happenings.open(tx, who.id, Kind.DURESS, f"forced:{lowering.id}")

    def _is_silent(self, tx: Tx, lowering: Lowering) -> bool:
        """Whether a sign of life is being waited for that a pause or a leave would have nobody wait for any more: what
        was asked a day before says nothing about today, and begins no more. What is owed beneath what shows does not
        count, for nothing puts it off."""
        if lowering.wish.want not in (Want.PAUSE, Want.LEAVE):
            return False
        standing = watches.of_defender(tx, lowering.defender)
        return any(watch.phase is Phase.OVERDUE or watch.missed > 0 for watch in standing)

    def _tell_first(self, tx: Tx, lowering: Lowering, begins_at: str) -> None:
        who = people.defender(tx, lowering.defender)
        if who is None:
            return
        covert = any(one.kind is Kind.DURESS for one in incidents.open_of_defender(tx, who.id))
        words: dict[str, Words] = {
            "name": name_of(who.id),
            "want": lowering.wish.want.value,
            "begins_at": begins_at,
            "covert": covert,
        }
        first = chain_of(tx, self.happenings.book, who).tiers[0].people
        on_duty = (person for role, person in overseers(tx) if role is Role.COORDINATOR)
        for person in dict.fromkeys((*first, *on_duty)):
            announcing.tell_responder(tx, person, "responder.lowering", words)

    def _take_effect(self, tx: Tx, lowering: Lowering, forced: bool) -> None:
        who = people.defender(tx, lowering.defender)
        if who is None or who.state != "active" or self._is_silent(tx, lowering):
            return
        match lowering.wish:
            case Wish(Want.SIGN | Want.TEXT as want, given_at=given_at):
                asked_at = lowering.looked_at - machine.ANSWER_LEAVES_WITHIN
                given_at = min(given_at or asked_at, asked_at)
                if want is Want.TEXT:
                    signs.tapped(self.happenings, tx, who.id, given_at)
                signs.proved(self.happenings, tx, who.id, given_at, forced=forced)
            case Wish(Want.PAUSE, length=length) if length is not None:
                to_routine(self.happenings, tx, who.id, watch_words.Paused(length))
            case Wish(Want.TIMES, times=times):
                people.change_defender(tx, who.id, times=times)
                reschedule(self.happenings, tx, who.id)
            case Wish(Want.ZONE, zone=zone) if zone is not None:
                people.change_defender(tx, who.id, zone=zone)
                reschedule(self.happenings, tx, who.id)
            case Wish(Want.LEAVE):
                leave(self.happenings, tx, who)
            case Wish(Want.CODE, hashed=hashed) if hashed is not None:
                codes.save(tx, who.id, hashed, forced=forced)
            case Wish(Want.WORD, hashed=hashed) if hashed is not None:
                codes.save_word(tx, who.id, hashed, forced=forced)
