"""What defenders do: each act of their door, carried out inside the transaction of its turn."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from escalation import watch as watch_machine
from escalation import watch_words
from escalation.people import DefenderId, WatchId
from escalation.routine import Daily, Timer
from escalation.watch import Phase, Watch
from store import journal, people, watches
from store.database import Tx
from store.records import DefenderRecord

from . import acts, announcing
from .happenings import Happenings
from .letter import Words
from .naming import name_of


@dataclass(frozen=True, slots=True)
class DefenderActs:
    """Turns a defender's acts into what happens."""

    happenings: Happenings

    def carry_out(
        self, tx: Tx, who: DefenderRecord, act: acts.Act, opened_by: str, sent_at: datetime | None = None
    ) -> None:
        """Do one act; `opened_by` names the update it came from, so that it opens no incident twice. It was sent at
        `sent_at`, None when the messenger did not say."""
        match act:
            case acts.CalledForHelp(sent):
                self.happenings.call_for_help(tx, who, sent, opened_by)
                announcing.tell_defender(tx, who.id, "defender.panic_noted", {})
            case acts.GaveSign():
                self.happenings.good_sign(tx, who.id, sent_at)
            case acts.SentAlong(sent):
                self.happenings.keep_sent(tx, who.id, sent)
            case acts.AskedForTime(by):
                self._ask_for_time(tx, who, watch_words.Extended(by))
            case acts.SetTimer(length):
                pace = self.happenings.book.profile(who.profile).pace
                timer = watch_machine.begin_timer(WatchId(uuid4()), who.id, length, pace, tx.now)
                watches.save(tx, timer)
                journal.write(tx, "timer_set", defender=who.id, due_at=_iso(timer))
                announcing.tell_defender(tx, who.id, "defender.timer_set", {"due_at": _iso(timer)})
            case acts.AskedForPause(length):
                self._to_routine(tx, who, watch_words.Paused(length))
            case acts.EndedPause():
                self._to_routine(tx, who, watch_words.Resumed())
            case acts.ChoseTimes() | acts.ChoseZone() | acts.ChoseLanguage() | acts.ChoseSafeWord():
                self._chose(tx, who, act)
            case acts.Agreed():
                self._defender_agreed(tx, who)
            case acts.Left():
                self._defender_left(tx, who)
            case _:
                raise TypeError(f"{type(act).__name__} is not for a defender")

    def _chose(
        self,
        tx: Tx,
        who: DefenderRecord,
        act: acts.ChoseTimes | acts.ChoseZone | acts.ChoseLanguage | acts.ChoseSafeWord,
    ) -> None:
        match act:
            case acts.ChoseTimes(times):
                people.change_defender(tx, who.id, times=times)
                self._reschedule(tx, who.id)
            case acts.ChoseZone(zone):
                people.change_defender(tx, who.id, zone=zone)
                self._reschedule(tx, who.id)
            case acts.ChoseLanguage(language):
                people.change_defender(tx, who.id, language=language)
            case acts.ChoseSafeWord(hashed):
                people.change_defender(tx, who.id, safe_word=hashed)
                journal.write(tx, "safe_word_chosen", defender=who.id)

    def _ask_for_time(self, tx: Tx, who: DefenderRecord, event: watch_words.Extended) -> None:
        watch = watch_machine.moved_by_extension(watches.of_defender(tx, who.id))
        if watch is None:
            announcing.tell_defender(tx, who.id, "defender.later_not_moved", {"due_at": None})
        else:
            self.happenings.to_watch(tx, watch, event)

    def _to_routine(self, tx: Tx, who: DefenderRecord, event: watch_words.Event) -> None:
        for watch in watches.of_defender(tx, who.id):
            if not isinstance(watch.rule, Timer):
                self.happenings.to_watch(tx, watch, event)

    def _reschedule(self, tx: Tx, person: DefenderId) -> None:
        who = people.defender(tx, person)
        if who is None or who.state != "active" or not who.times:
            return
        routine = [watch for watch in watches.of_defender(tx, person) if not isinstance(watch.rule, Timer)]
        if not routine:
            self._begin_routine(tx, who)
        for watch in routine:
            self.happenings.to_watch(tx, watch, watch_words.Rescheduled(Daily(who.times, who.zone)))
        due = _next_due(watches.of_defender(tx, person))
        words: dict[str, Words] = {"due_at": due, "times": [f"{wall:%H:%M}" for wall in who.times]}
        announcing.tell_defender(tx, person, "defender.times_set", words)

    def _begin_routine(self, tx: Tx, who: DefenderRecord) -> Watch:
        pace = self.happenings.book.profile(who.profile).pace
        watch = watch_machine.begin(WatchId(uuid4()), who.id, Daily(who.times, who.zone), pace, tx.now)
        watches.save(tx, watch)
        return watch

    def _defender_agreed(self, tx: Tx, who: DefenderRecord) -> None:
        if who.state == "active":
            return
        people.change_defender(tx, who.id, state="active", consented_at=tx.now)
        journal.write(tx, "defender_active", defender=who.id)
        watch = self._begin_routine(tx, who) if who.times else None
        words: dict[str, Words] = {"due_at": _iso(watch) if watch else None}
        announcing.tell_defender(tx, who.id, "defender.active", words)
        own = people.own_tiers(tx, who.id)
        first = self.happenings.book.tiers(who.chain)[0]
        if first.who == "own" and not own.get(first.name):
            announcing.tell_coordinators(tx, "first_tier_empty", name=name_of(who.id), tier=first.name)

    def _defender_left(self, tx: Tx, who: DefenderRecord) -> None:
        for watch in watches.of_defender(tx, who.id):
            self.happenings.to_watch(tx, watch, watch_words.Stopped())
        people.change_defender(tx, who.id, state="left")
        journal.write(tx, "defender_left", defender=who.id)
        announcing.tell_coordinators(tx, "defender_left", name=name_of(who.id))


def _next_due(standing: tuple[Watch, ...]) -> str | None:
    due = [watch.due_at for watch in standing if watch.phase is not Phase.RESTING and watch.due_at is not None]
    return min(due).isoformat() if due else None


def _iso(watch: Watch) -> str | None:
    return watch.due_at.isoformat() if watch.due_at else None
