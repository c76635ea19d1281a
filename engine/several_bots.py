"""Several bots of one side, where the engine knows of one: what is of another than the first is marked with its number
(see `store.marks`), and goes back to the bot that it is of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from store.marks import apart, of_bot

from .discreet import Discreet
from .door import Door
from .letter import Attachment, Buttoned, Channel, Letter, PermanentFailure, Receipt
from .sweeping import Clears


@dataclass(frozen=True, slots=True, repr=False)
class OfBot(Discreet):
    """The channel of a bot that has a number: its messages are marked with it."""

    channel: Channel
    bot: int

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """See `engine.letter.Channel`."""
        number = None if letter.message_id is None else apart(letter.message_id)[0]
        receipt = await self.channel.deliver(address, replace(letter, message_id=number))
        if receipt.message_id is None:
            return receipt
        return replace(receipt, message_id=of_bot(receipt.message_id, self.bot))

    def buttons(self, letter: Letter) -> tuple[str, ...]:
        """See `engine.letter.Buttoned`."""
        return self.channel.buttons(letter) if isinstance(self.channel, Buttoned) else ()


@dataclass(frozen=True, slots=True, repr=False)
class Chats(Discreet):
    """The chats of all bots of a side, each cleared by the bot that it is with."""

    bots: Mapping[int | None, Clears]

    async def clear(self, address: str, message_ids: Sequence[int]) -> None:
        """See `engine.sweeping.Clears`. Raises PermanentFailure where the bot is gone with its chats."""
        chat, bot = apart(address)
        if bot not in self.bots:
            raise PermanentFailure("channel_not_set_up")
        await self.bots[bot].clear(chat, message_ids)


@dataclass(frozen=True, slots=True, repr=False)
class Files(Discreet):
    """The files that came to any bot of a side, each fetched by the bot that it came to."""

    bots: Mapping[int | None, Attachment]

    async def fetch(self, file_id: str) -> bytes:
        """See `engine.letter.Attachment`."""
        number, bot = apart(file_id)
        if bot not in self.bots:
            raise PermanentFailure("file_is_gone")
        return await self.bots[bot].fetch(number)


class Doors(dict[str, Door]):
    """The doors by source. What came to a bot that is gone is read by another of its side."""

    def __missing__(self, source: str) -> Door:
        """Raises KeyError where the side has no bot at all."""
        side, _ = apart(source)
        for name, door in self.items():
            if apart(name)[0] == side:
                return door
        raise KeyError(source)


def cleared_by(channels: Mapping[str, Channel], lane: str) -> Clears | None:
    """What clears the chats that `lane` leads to, with any of its bots; None where none can delete."""
    bots: dict[int | None, Clears] = {}
    for name, channel in channels.items():
        bare, bot = apart(name)
        inner: object = channel.channel if isinstance(channel, OfBot) else channel
        if bare == lane and isinstance(inner, Clears):
            bots[bot] = inner
    return Chats(bots) if bots else None
