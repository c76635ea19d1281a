"""What a person sees and hears on their phone, and the waiting for it.

Waiting is in real seconds and ends the moment that something happens; nothing is polled. What was expected is ticked
off, so that a test can ask in the end what came that nobody expected. A message edited to say something else counts
as not yet heard.
"""

import asyncio
import time

from .accounts import BotAccount, Person
from .messages import Answer, Call, Kind, Message, Post, seen
from .messenger import Messenger


class Hearing:
    """The seeing half of a phone."""

    def __init__(self, messenger: Messenger, person: Person) -> None:
        self._messenger = messenger
        self.person = person

    @property
    def id(self) -> int:
        """The user id, which is the id of their private chats too."""
        return self.person.id

    @property
    def name(self) -> str:
        """What the messenger calls this person."""
        return self.person.name

    def chat(self, bot: BotAccount) -> list[Message]:
        """Everything both sides said, deleted messages too (`deleted` tells)."""
        return [seen(post) for post in self._posts(bot)]

    def heard(self, bot: BotAccount) -> list[Message]:
        """What the bot said that is still there, as it reads now."""
        return [seen(post) for post in self._posts(bot) if post.from_bot and post.visible]

    def transcript(self, bot: BotAccount) -> list[Call]:
        """Every call made to this chat and done, in order; equal for two people who were told the same."""
        chat = self._messenger.chat_of(bot, self.person)
        return [] if chat is None else list(chat.calls)

    def answers(self, bot: BotAccount) -> list[Answer]:
        """What the presses of this person were answered with."""
        chat = self._messenger.chat_of(bot, self.person)
        return [] if chat is None else list(chat.answers)

    def keyboard(self, bot: BotAccount) -> list[str]:
        """The labels of the reply keyboard."""
        chat = self._messenger.chat_of(bot, self.person)
        return [key.label for row in chat.keyboard.rows for key in row] if chat and chat.keyboard else []

    def unheard(self, bot: BotAccount, *, edits: bool = True) -> list[Message]:
        """What the bot said and nobody expected; with `edits` also what it edited to say something else since."""
        posts = [post for post in self._posts(bot) if post.from_bot and not post.heard]
        return [seen(post) for post in posts if edits or not post.heard_once]

    def read(self, bot: BotAccount) -> list[Message]:
        """Take note of everything so far, and give it."""
        fresh = self.unheard(bot)
        for post in self._posts(bot):
            post.heard = True
        return fresh

    async def expect(self, bot: BotAccount, containing: str, within: float = 2.0) -> Message:
        """The oldest message that was not expected before, is visible and says `containing`; waits for it.

        `within` is in real seconds. Takes note of that one message only. Raises AssertionError with the transcript.
        """
        deadline = time.monotonic() + within
        while True:
            for post in self._posts(bot):
                if post.from_bot and post.visible and not post.heard and containing in post.text:
                    post.heard = True
                    return seen(post)
            await self._wait_for_change(bot, containing, deadline)

    async def expect_answer(self, bot: BotAccount, query_id: str, within: float = 2.0) -> Answer:
        """What the press `query_id` was answered with; waits for it. Raises AssertionError when nothing comes."""
        deadline = time.monotonic() + within
        while True:
            for answer in self.answers(bot):
                if answer.query_id == query_id:
                    return answer
            await self._wait_for_change(bot, f"an answer to press {query_id}", deadline)

    async def _wait_for_change(self, bot: BotAccount, wanted: str, deadline: float) -> None:
        chat = self._messenger.begin(bot, self.person)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        chat.waiters.add(waiter)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await waiter
        except TimeoutError:
            story = self.told(bot)
            raise AssertionError(f"{self.name} did not get “{wanted}” from @{bot.username}.\n{story}") from None
        finally:
            chat.waiters.discard(waiter)

    def told(self, bot: BotAccount) -> str:
        """The chat as lines of text, for people who read a failed test."""
        lines = [f"  {'·' if post.heard else '!'} {line(post, bot, self.person)}" for post in self._posts(bot)]
        return "\n".join(lines) or "  (nothing was said)"

    def _posts(self, bot: BotAccount) -> list[Post]:
        chat = self._messenger.chat_of(bot, self.person)
        return [] if chat is None else list(chat.posts.values())


def line(post: Post, bot: BotAccount, person: Person | None) -> str:
    """One message as one line."""
    who = f"@{bot.username}" if post.from_bot else person.name if person else "someone"
    kind = "" if post.kind is Kind.TEXT else f"[{post.kind}] "
    marks = ("" if post.edited_at is None else " (edited)") + ("" if post.visible else " (deleted)")
    buttons = "".join(f" [{button.label}]" for row in post.rows for button in row)
    return f"{who}: {kind}{post.text}{buttons}{marks}"
