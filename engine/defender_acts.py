"""What defenders do: each act of their door, carried out inside the transaction of its turn."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from escalation import watch as watch_machine
from escalation import watch_words
from escalation.lowering import Want
from escalation.people import DefenderId, WatchId
from escalation.watch import Phase, Watch
from store import chat_ticks, codes, journal, people, spoken_checks, watches
from store.database import Tx
from store.records import DefenderRecord

from . import acts, announcing, signs
from .agreements import begin_routine, leave, next_due, reschedule, routine_of, to_routine
from .happenings import Happenings
from .letter import Words
from .lowering import WAITS, Lowerings
from .naming import name_of
from .planning import spoken
from .turn import CALLED


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
                self._called(tx, who, sent, opened_by)
            case acts.GaveSign():
                signs.good_sign(self.happenings, tx, who.id, sent_at)
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
            case acts.Asked() | acts.KeptAsItIs() | acts.EndedPause():
                self._asked(tx, who, act, sent_at)
            case acts.ChoseTimes() | acts.ChoseZone() | acts.ChoseLanguage():
                self._chose(tx, who, act)
            case acts.ChoseTick(on):
                chat_ticks.choose(tx, who.id, on=on)
            case acts.ChoseSafeWord() | acts.ChoseCode():
                self._chose_secret(tx, who, act)
            case acts.Agreed():
                self._defender_agreed(tx, who)
            case acts.Left():
                leave(self.happenings, tx, who)
            case _:
                raise TypeError(f"{type(act).__name__} is not for a defender")

    def _called(self, tx: Tx, who: DefenderRecord, sent: tuple[acts.Sent, ...], opened_by: str) -> None:
        self.happenings.call_for_help(tx, who, sent, opened_by)
        if who.state in ("invited", "enrolling"):
            people.change_defender(tx, who.id, dialogue_data={**who.dialogue_data, CALLED: True})
        announcing.tell_defender(tx, who.id, "defender.noted", {})

    def _chose_secret(self, tx: Tx, who: DefenderRecord, act: acts.ChoseSafeWord | acts.ChoseCode) -> None:
        match act:
            case acts.ChoseSafeWord(hashed):
                codes.save_word(tx, who.id, hashed)
                journal.write(tx, "safe_word_chosen", defender=who.id)
            case acts.ChoseCode(hashed):
                codes.save(tx, who.id, hashed)
                journal.write(tx, "code_chosen", defender=who.id)

    def _asked(
        self, tx: Tx, who: DefenderRecord, act: acts.Asked | acts.KeptAsItIs | acts.EndedPause, sent_at: datetime | None
    ) -> None:
        lowerings = Lowerings(self.happenings)
        match act:
            case acts.Asked(wish, verdict):
                asked = lowerings.ask(tx, who, replace(wish, given_at=sent_at), verdict)
                if wish.want in WAITS:
                    words: dict[str, Words] = {"due_at": asked.begins_at.isoformat()}
                    announcing.tell_defender(tx, who.id, "defender.waits", words)
            case acts.KeptAsItIs():
                lowerings.take_back(tx, who.id)
            case acts.EndedPause():
                lowerings.take_back(tx, who.id, {Want.PAUSE})
                self._end_pause(tx, who)

    def _end_pause(self, tx: Tx, who: DefenderRecord) -> None:
        """Answered alike whether or not there was one."""
        if any(watch.phase is Phase.PAUSED for watch in routine_of(tx, who.id)):
            to_routine(self.happenings, tx, who.id, watch_words.Resumed())
        else:
            words: dict[str, Words] = {"due_at": next_due(routine_of(tx, who.id))}
            announcing.tell_defender(tx, who.id, "defender.pause_ended", words)

    def _chose(self, tx: Tx, who: DefenderRecord, act: acts.ChoseTimes | acts.ChoseZone | acts.ChoseLanguage) -> None:
        match act:
            case acts.ChoseTimes(times):
                Lowerings(self.happenings).take_back(tx, who.id, {Want.TIMES})
                people.change_defender(tx, who.id, times=times)
                self._reschedule(tx, who.id)
            case acts.ChoseZone(zone):
                Lowerings(self.happenings).take_back(tx, who.id, {Want.ZONE})
                people.change_defender(tx, who.id, zone=zone)
                self._reschedule(tx, who.id)
            case acts.ChoseLanguage(language):
                people.change_defender(tx, who.id, language=language)

    def _ask_for_time(self, tx: Tx, who: DefenderRecord, event: watch_words.Extended) -> None:
        watch = watch_machine.moved_by_extension(watches.of_defender(tx, who.id))
        if watch is None:
            announcing.tell_defender(tx, who.id, "defender.later_not_moved", {"due_at": None})
        else:
            self.happenings.to_watch(tx, watch, event)

    def _reschedule(self, tx: Tx, person: DefenderId) -> None:
        if reschedule(self.happenings, tx, person) and (who := people.defender(tx, person)):
            due = next_due(watches.of_defender(tx, person))
            words: dict[str, Words] = {"due_at": due, "times": [f"{wall:%H:%M}" for wall in who.times]}
            announcing.tell_defender(tx, person, "defender.times_set", words)

    def _defender_agreed(self, tx: Tx, who: DefenderRecord) -> None:
        if who.state == "active":
            return
        people.change_defender(tx, who.id, consented_at=tx.now)
        check = spoken_checks.unconfirmed(tx, who.id)
        if check is None:
            self.activate(tx, who)
        else:
            announcing.tell_defender(tx, who.id, "defender.check", {"words": spoken(self.happenings.book, check)})

    def activate(self, tx: Tx, who: DefenderRecord) -> None:
        """From now on silence means something: consent was given, and whoever was invited was recognised."""
        people.change_defender(tx, who.id, state="active", consented_at=who.consented_at or tx.now)
        journal.write(tx, "defender_active", defender=who.id)
        watch = begin_routine(self.happenings, tx, who) if who.times else None
        words: dict[str, Words] = {"due_at": _iso(watch) if watch else None}
        announcing.tell_defender(tx, who.id, "defender.active", words)
        own = people.own_tiers(tx, who.id)
        first = self.happenings.book.tiers(who.chain)[0]
        if first.who == "own" and not own.get(first.name):
            announcing.tell_coordinators(tx, "first_tier_empty", name=name_of(who.id), tier=first.name)


def _iso(watch: Watch) -> str | None:
    return watch.due_at.isoformat() if watch.due_at else None
