"""A turn: what one update changes, collected while a door reads it and done in one transaction afterwards.

A door never decides and never speaks: it notes acts here. Nothing has happened until the engine commits the turn, and
then all of it has, together with the mark that the update is done.
"""

from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime

from escalation.lowering import Verdict
from store.marks import of_bot
from store.presses import Pressed

from .acts import Act, CalledForHelp, ForgetMessage, Say, Sent, SentAlong
from .discreet import Discreet
from .letter import Operation, Words
from .views import DefenderView, ResponderView

ReadCode = Callable[[Sequence[int]], Awaitable[Verdict]]
HashCode = Callable[[Sequence[int]], Awaitable[str]]
CALLED = "called"  # in a dialogue's data: whoever is being enrolled in it has called for help


async def _says_nothing(_: Sequence[int]) -> Verdict:
    return Verdict.WRONG


async def _is_no_code(_: Sequence[int]) -> str:
    raise ValueError("Nobody here has a code.")


@dataclass(slots=True, repr=False)
class Dialogue(Discreet):
    """Where a conversation stands: the library's own state name and data. Saved with the turn."""

    state: str | None = None
    data: dict[str, Words] = field(default_factory=dict)


@dataclass(slots=True, repr=False)
class Turn(Discreet):
    """One update of one known person, given by the bot `bot` of ours: what is done to its messages is done by that one.

    Exactly one of `defender` and `responder` is set. `message_id` is the message that came, `query_id` the press;
    `pressed` is the button of ours that it was, if it was this person's. A message that `carries_code` is deleted.
    `read_word` and `hash_safe_word` take the folded word, `read_code` and `hash_code` the signs of a code, and
    all work off the event loop."""

    chat: str
    now: datetime
    dialogue: Dialogue
    read_word: Callable[[str], Awaitable[Verdict]]
    hash_safe_word: Callable[[str], Awaitable[str]]
    defender: DefenderView | None = None
    responder: ResponderView | None = None
    message_id: str | None = None
    query_id: str | None = None
    pressed: Pressed | None = None
    carries_code: bool = False
    sent_at: datetime | None = None
    read_code: ReadCode = _says_nothing
    hash_code: HashCode = _is_no_code
    new_here: bool = False
    bot: int | None = None
    acts: list[Act] = field(default_factory=list)
    _dialogue_before: Dialogue = field(init=False)

    def __post_init__(self) -> None:
        """Remember where the conversation stood, so that only a change is saved."""
        self._dialogue_before = Dialogue(self.dialogue.state, deepcopy(self.dialogue.data))

    @property
    def dialogue_changed(self) -> bool:
        """Whether the door moved the conversation on."""
        return self.dialogue != self._dialogue_before

    @property
    def press(self) -> str | None:
        """The press that this update is, as it is answered."""
        return None if self.query_id is None else of_bot(self.query_id, self.bot)

    def act(self, act: Act) -> None:
        """Note something to be done when the turn is committed, in this order. A file is that bot's, too."""
        if isinstance(act, SentAlong):
            act = SentAlong(self._from_here(act.sent))
        elif isinstance(act, CalledForHelp):
            act = CalledForHelp(tuple(map(self._from_here, act.sent)))
        self.acts.append(act)

    def say(self, template: str, *, edit: str | None = None, **words: Words) -> None:
        """Say a text of the catalogue to this person, or change the message `edit` into it."""
        if edit is None:
            self.acts.append(Say(Operation.SEND, template, words))
        else:
            self.acts.append(Say(Operation.EDIT, template, words, of_bot(edit, self.bot)))

    def answer_press(self, template: str, **words: Words) -> None:
        """Answer the press that this update is, in the messenger's own small pop-up."""
        if self.press is not None:
            self.acts.append(Say(Operation.ANSWER, template, words, self.press))

    def forget(self, message_id: str | None = None) -> None:
        """Delete a message of this chat; the one that came, unless another is named."""
        target = message_id or self.message_id
        if target is not None:
            self.acts.append(ForgetMessage(of_bot(target, self.bot)))

    def _from_here(self, sent: Sent) -> Sent:
        return sent if sent.file_id is None else replace(sent, file_id=of_bot(sent.file_id, self.bot))
