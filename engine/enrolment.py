"""From an invitation to somebody who counts: the invitation is followed, the briefing agreed to, and the four words
compared by voice. Consent and the words may come in either order; only with both is a person active.

Whoever was not recognised within 72 hours has to be invited again, unless a call for help of theirs is open.
"""

from datetime import timedelta
from uuid import UUID

from store import addresses, incidents, invitations, journal, people, spoken_checks
from store.database import Tx
from store.records import DefenderRecord, ResponderRecord

from .announcing import tell_coordinators
from .defender_acts import DefenderActs
from .happenings import Happenings
from .naming import name_of
from .queueing import CHAT
from .responder_acts import ResponderActs

WAITS_FOR = timedelta(hours=72)


def begin(tx: Tx, side: str, person: UUID, code: str, chat: str, bot: int | None = None) -> None:
    """The person's invitation was used up by `chat` at `bot`: from here on this is where they are, and the words are
    due.

    Whoever was active or had left is asked everything as somebody new is."""
    _start_over(tx, side, person)
    addresses.add(tx, person, side, CHAT, chat, verified=True, bot=bot)
    kept = invitations.kept_of(tx, side, code)
    spoken_checks.begin(tx, side, person, kept, chat)
    journal.write(tx, "invitation_redeemed", actor=person, side=side)
    tell_coordinators(tx, "check_waits", once=f"check:{kept}", name=name_of(person))


def confirm(tx: Tx, happenings: Happenings, who: DefenderRecord | ResponderRecord) -> bool:
    """The words were the same on both sides; whoever has agreed is active now. False when no check of theirs waits."""
    if not spoken_checks.confirm(tx, who.id):
        return False
    invitations.withdraw(tx, who.id)
    journal.write(tx, "check_confirmed", actor=who.id)
    if who.consented_at is not None and isinstance(who, DefenderRecord):
        DefenderActs(happenings).activate(tx, who)
    elif who.consented_at is not None and isinstance(who, ResponderRecord):
        ResponderActs(happenings).activate(tx, who)
    return True


def call_off(tx: Tx, side: str, person: UUID) -> None:
    """Whoever followed the person's invitation and was not recognised is nobody again."""
    if spoken_checks.unconfirmed(tx, person) is not None:
        spoken_checks.withdraw(tx, person)
        addresses.forget(tx, person, CHAT)
        _start_over(tx, side, person)


def call_off_late(tx: Tx) -> int:
    """Call off every check that has waited too long; gives how many."""
    late = [check for check in spoken_checks.waiting(tx) if check.begun_at + WAITS_FOR <= tx.now]
    late = [check for check in late if not incidents.open_of_defender(tx, check.person)]
    for check in late:
        invitations.withdraw(tx, check.person)
        call_off(tx, check.side, check.person)
        journal.write(tx, "check_ran_out", actor=check.person, side=check.side)
        tell_coordinators(tx, "check_ran_out", name=name_of(check.person))
    return len(late)


def _start_over(tx: Tx, side: str, person: UUID) -> None:
    if side == "defender":
        people.change_defender(tx, person, state="invited", consented_at=None, dialogue_state=None, dialogue_data={})
    else:
        people.change_responder(tx, person, state="invited", consented_at=None, dialogue_state=None, dialogue_data={})
