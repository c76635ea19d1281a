"""The defenders' door, opened: the bot library without its polling, its storage and its own conversations.

The engine hands it one raw update and one turn at a time. Nothing is sent from here but by the channel.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, Message
from aiogram.types import Update as Decoded
from aiogram.types.update import UpdateTypeLookupError
from aiogram.utils.token import TokenValidationError
from pydantic import ValidationError

from engine.discreet import Discreet
from engine.door import Glance, Unreadable, Update
from engine.turn import Turn

from .attachments import DefenderAttachments
from .channel import DELIVERY_TIMEOUT, DefenderChannel
from .dialogue import InTurn
from .glance import glance
from .handlers import calling, changes, commands, enrolment, words
from .keys import Keys, Say
from .panic import CallsForHelp
from .places import City, Places
from .profile import dress
from .session import GuardedSession


class ReadingDoor:
    """Reads what defenders write; see `engine.door.Door`."""

    def __init__(
        self, bot: Bot, dispatcher: Dispatcher, calls: CallsForHelp, channel: DefenderChannel, cover: str, source: str
    ):
        self.source = source
        self._bot = bot
        self._dispatcher = dispatcher
        self._calls = calls
        self._channel = channel
        self._cover = cover

    def glance(self, update: Update) -> Glance:
        """Whose update this is, and whether it calls for help; never raises."""
        return glance(update, self._calls)

    async def read(self, update: Update, turn: Turn) -> None:
        """Translate `update` into acts of `turn`. Raises Unreadable when the library cannot decode it."""
        decoded = self._decode(update)
        event = decoded.event
        if isinstance(event, Message):
            turn.message_id = turn.message_id or str(event.message_id)
            turn.sent_at = turn.sent_at or _written_at(event)
        elif isinstance(event, CallbackQuery):
            turn.query_id = turn.query_id or event.id
        await self._dispatcher.feed_update(self._bot, decoded, turn=turn)

    async def greet_stranger(self, chat: str) -> None:
        """Send the one reply that everybody gets whom we do not know."""
        await self._channel.greet(chat, self._cover)

    def _decode(self, update: Update) -> Decoded:
        try:
            decoded = Decoded.model_validate(update, context={"bot": self._bot})
            decoded.event_type  # noqa: B018  # raises for a kind of update that the library does not know
        except (ValidationError, UpdateTypeLookupError, RecursionError, OverflowError):
            raise Unreadable("the update could not be decoded") from None  # the cause repeats what was written
        return decoded


@dataclass(frozen=True, slots=True, repr=False)
class DefendersDoor(Discreet):
    """What the service needs of this room."""

    door: ReadingDoor
    channel: DefenderChannel
    attachments: DefenderAttachments
    bot: Bot
    say: Say
    languages: tuple[str, ...]

    async def dress(self) -> bool:
        """Set the bot's commands and description; False when the messenger did not take them."""
        return await dress(self.bot, self.say, self.languages)

    async def close(self) -> None:
        """Let go of the connections."""
        await self.bot.session.close()


def open_door(
    *,
    token: str,
    api: str,
    say: Say,
    panic_words: Mapping[str, Sequence[str]],
    languages: Sequence[str] = (),
    cities: Iterable[City] = (),
    cover: str = "",
    source: str = "defenders",
) -> DefendersDoor:
    """Open the room; nothing is sent or fetched by that.

    `api` is the base URL of the Bot API, without "/bot". `languages` are those that `say` speaks and that people may
    choose; without any, those of `panic_words`. `cities` are beside those that zones are named for. `cover` is the one
    reply to strangers; the catalogue has one, in the first language. `source` names this bot's updates. Raises
    ValueError when `token` is none."""
    languages = tuple(languages) or tuple(panic_words)
    session = GuardedSession(api=TelegramAPIServer.from_base(api), timeout=DELIVERY_TIMEOUT)
    try:
        bot = Bot(token, session, DefaultBotProperties(protect_content=True, link_preview_is_disabled=True))
    except TokenValidationError:
        raise ValueError("The defenders' bot token is not one: copy it whole, as 123456:ABC...") from None
    keys = Keys(say, languages)
    cover = cover or say(languages[0], "defender.cover")
    calls = CallsForHelp(panic_words, keys.call)
    channel = DefenderChannel(bot, say, languages)
    dispatcher = _dispatcher(calls, keys, Places(cities, languages), languages)
    return DefendersDoor(
        door=ReadingDoor(bot, dispatcher, calls, channel, cover, source),
        channel=channel,
        attachments=DefenderAttachments(bot),
        bot=bot,
        say=say,
        languages=languages,
    )


def _dispatcher(calls: CallsForHelp, keys: Keys, places: Places, languages: Sequence[str]) -> Dispatcher:
    dispatcher = Dispatcher(disable_fsm=True, calls=calls, places=places, languages=tuple(languages))
    dispatcher.update.outer_middleware(InTurn())
    dispatcher.include_routers(
        calling.router(calls),
        words.gone(),
        enrolment.router(),
        commands.router(keys),
        changes.router(),
        words.router(),
    )
    return dispatcher


def _written_at(message: Message) -> datetime:
    return datetime.fromtimestamp(message.edit_date, UTC) if message.edit_date else message.date
