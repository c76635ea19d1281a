"""A turn is committed: every act that a door noted is done, in order, in the transaction that marks the update done."""

from dataclasses import dataclass

from store import addresses, inbox, people, presses
from store.database import Tx
from store.records import DefenderRecord, InboxRow, ResponderRecord

from . import acts
from .defender_acts import DefenderActs
from .happenings import Happenings
from .intake import CHANNEL, SIDES
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

        Whoever had blocked us and now writes is reached again from here on."""
        if not inbox.done(tx, row.id):
            return
        person = turn.defender or turn.responder
        revived = person is not None and addresses.revive(tx, person.id, CHANNEL)
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
        sender = addresses.behind(tx, SIDES[row.source], CHANNEL, row.chat)
        who = people.defender(tx, sender[0]) if sender is not None and SIDES[row.source] == "defender" else None
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
                    doing.carry_out(tx, record, acts.PressedAgain(act.incident), turn.query_id)
                    return
            elif isinstance(act, acts.Say | acts.ForgetMessage):
                _speak(tx, record, "responder", act)
            else:
                doing.carry_out(tx, record, act, turn.query_id)
        if person and turn.dialogue_changed:
            people.change_responder(tx, person, dialogue_state=turn.dialogue.state, dialogue_data=turn.dialogue.data)


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
