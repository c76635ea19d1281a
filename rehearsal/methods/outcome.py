"""What a method gives back: the result for the bot, and which messages of which chat it was about."""

from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.accounts import BotAccount, Chat
from rehearsal.arguments import Arguments
from rehearsal.messages import Post
from rehearsal.messenger import Messenger


@dataclass(frozen=True, slots=True)
class Outcome:
    """`chat` is set for what a person could notice; it is then written down in the chat's transcript."""

    result: object
    chat: Chat | None = None
    posts: tuple[Post, ...] = ()


Method = Callable[[Messenger, BotAccount, Arguments], Outcome]
DONE = Outcome(True)
