"""A turn is committed: every act that a door noted is done, in order, in the transaction that marks the update done."""

from dataclasses import dataclass
from uuid import UUID

from store import addresses, inbox, people, presses, reach
from store.database import Tx
from store.records import DefenderRecord, InboxRow, ResponderRecord

from . import acts
from .defender_acts import DefenderActs
from .happenings import Happenings
from .intake import CHANNEL, side_of
from .letter import Operation
from .queueing import queue_for_person
from .responder_acts import ResponderActs
from .turn import Turn
from .urgency import Urgency


@dataclass(frozen=True, slots=True)
class Committing:
    """Turns acts into what happens."""

    happenings: Happenings

    def commit(self, tx: Tx, row: InboxRow, turn: Turn) -> None:
        """Do everything that `turn` noted and mark the update done, unless another machine has.

        Whoever had blocked us and now writes is reached again from here on, by the bot that they have written to."""
        if not inbox.done(tx, row.id):
            return
        person = turn.defender or turn.responder
        revived = person is not None and _is_reached_again(tx, person.id, turn, row)
        if revived and turn.responder is not None:
            self.happenings.regained_reach(tx, turn.responder.id)
        if turn.carries_code:
            turn.forget()
        if turn.defender is not None:
            self._of_defender(tx, row, turn)
        elif turn.responder is not None:
            self._of_responder(tx, turn)

    def call(self, tx: Tx, row: InboxRow) -> bool:
        """Make the bare call of an update of which nothing else can be made; False when no defender has sent it."""
        side = side_of(row.source)
        sender = addresses.behind(tx, side, CHANNEL, row.chat)
        who = people.defender(tx, sender[0]) if sender is not None and side == "defender" else None
        if who is None:
            return False
        if inbox.done(tx, row.id):
            DefenderActs(self.happenings).carry_out(tx, who, acts.CalledForHelp(), f"panic:{row.id}")
        return True

    def _of_defender(self, tx: Tx, row: InboxRow, turn: Turn) -> None:
        person = turn.defender.id if turn.defender else None
        if person and turn.new_here:
            people.change_defender(tx, person, state="enrolling")
        doing = DefenderActs(self.happenings)
        for act in turn.acts:
            record = people.defender(tx, person) if person else None
            if record is None:
                return
            if isinstance(act, acts.Say | acts.ForgetMessage):
                _speak(tx, record, "defender", act)
            else:
                doing.carry_out(tx, record, act, f"panic:{row.id}", turn.sent_at)
        if person and turn.dialogue_changed:
            people.change_defender(tx, person, dialogue_state=turn.dialogue.state, dialogue_data=turn.dialogue.data)

    def _of_responder(self, tx: Tx, turn: Turn) -> None:
        person = turn.responder.id if turn.responder else None
        if person and turn.new_here:
            people.change_responder(tx, person, state="enrolling")
        doing = ResponderActs(self.happenings)
        for act in turn.acts:
            record = people.responder(tx, person) if person else None
            if record is None:
                return
            if isinstance(act, acts.UsedButton):
                if not presses.use(tx, act.key):
                    doing.carry_out(tx, record, acts.PressedAgain(act.incident), turn.press)
                    return
            elif isinstance(act, acts.Say | acts.ForgetMessage):
                _speak(tx, record, "responder", act)
            else:
                doing.carry_out(tx, record, act, turn.press)
        if person and turn.dialogue_changed:
            people.change_responder(tx, person, dialogue_state=turn.dialogue.state, dialogue_data=turn.dialogue.data)


def _is_reached_again(tx: Tx, person: UUID, turn: Turn, row: InboxRow) -> bool:
    """Who only opens or blocks another of our bots has not written to it."""
    if turn.message_id is None and turn.query_id is None and not row.urgent:
        return addresses.revive(tx, person, CHANNEL)
    return reach.heard(tx, person, turn.bot)


def _speak(tx: Tx, who: DefenderRecord | ResponderRecord, side: str, act: acts.Say | acts.ForgetMessage) -> None:
    if isinstance(act, acts.ForgetMessage):
        queue_for_person(
            tx, who.id, side, "delete", {}, Urgency.REPLY, operation=Operation.DELETE, message_id=act.message_id
        )
    else:
        queue_for_person(
            tx,
            who.id,
            side,
            act.template,
            dict(act.words),
            Urgency.REPLY,
            operation=act.operation,
            message_id=act.message_id,
        )
