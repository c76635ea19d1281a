"""The responders' door, put together: one bot, one dispatcher, one channel, one stack of HTTP."""

from collections.abc import Callable, Sequence
from typing import Any

from telegram import BotCommand, BotCommandScopeAllPrivateChats, LinkPreviewOptions
from telegram import Update as Decoded
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import CallbackQueryHandler, Defaults, MessageHandler, PrefixHandler, TypeHandler, filters

from engine.acts import UsedButton
from engine.door import Glance, Update
from engine.letter import Attachment
from engine.turn import Turn
from store.presses import State

from . import commanding, enrolling, glancing, pressing, writing
from .aiohttp_request import AiohttpRequest
from .channels.telegram import TelegramChannel
from .presses import Action, Press, pressed
from .reading import Machine, QuietBot, Reading, machine, read_through
from .wording import Say

LANGUAGES = ("en", "es", "fr", "pt", "ar", "ru")
ADMITTING, ACTING = 0, 1  # groups of handlers, in this order

Pressing = Callable[[Turn, Press, str | None], None]


class ResponderDoor:
    """Reads updates into turns; see `engine.door.Door`."""

    def __init__(self, bot: QuietBot, say: Say, languages: Sequence[str], language: str, source: str) -> None:
        self.source = source
        self._bot = bot
        self._say = say
        self._language = language
        self._machine = machine(bot)
        _add_handlers(self._machine, _Buttons(frozenset(languages)))

    def glance(self, update: Update) -> Glance:
        """See `glancing.glance`."""
        return glancing.glance(update)

    async def read(self, update: Update, turn: Turn) -> None:
        """See `reading.read_through`."""
        await read_through(self._machine, update, turn)

    async def greet_stranger(self, chat: str) -> None:
        """The one constant reply; whether it arrives is not important."""
        try:
            await self._bot.send_message(chat, self._say(self._language, "responder.stranger"))
        except TelegramError:
            return


class RespondersDoor:
    """Everything that the responders' side gives to the service."""

    def __init__(
        self,
        token: str,
        api: str,
        say: Say,
        attachments: Attachment,
        languages: Sequence[str],
        language: str,
        source: str,
    ) -> None:
        self._request = AiohttpRequest()
        self._bot = QuietBot(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=self._request,
            get_updates_request=self._request,
            defaults=Defaults(
                parse_mode=ParseMode.HTML,
                protect_content=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
        )
        self._say, self._languages = say, tuple(languages)
        self.door = ResponderDoor(self._bot, say, languages, language, source)
        self.channel = TelegramChannel(self._bot, say, attachments, languages)

    async def dress(self) -> None:
        """Tell the messenger the commands in each language; what it does not take is left as it is."""
        for code in (None, *self._languages):
            commands = [
                BotCommand(name, self._say(code or self._languages[0], f"responder.command.{name}"))
                for name in commanding.COMMANDS
            ]
            try:
                await self._bot.set_my_commands(commands, BotCommandScopeAllPrivateChats(), language_code=code)
            except TelegramError:
                continue

    async def close(self) -> None:
        """Close all connections."""
        await self._request.shutdown()


def open_door(
    *,
    token: str,
    api: str,
    say: Say,
    attachments: Attachment,
    languages: Sequence[str] = LANGUAGES,
    language: str = "en",
    source: str = "responders",
) -> RespondersDoor:
    """The responders' side of the messenger at `api` (base URL without "/bot"). Asks nobody anything yet.

    `languages` are offered to responders; `language` is that of the one reply to strangers; `source` names
    this bot's updates."""
    return RespondersDoor(token, api, say, attachments, languages, language, source)


class _Buttons:
    """Which function does what a button says."""

    def __init__(self, languages: frozenset[str]) -> None:
        self._languages = languages
        self._alone: dict[Action, Pressing] = {
            Action.LANGUAGE: self._language,
            Action.AGREE: enrolling.agree,
            Action.ZONE: commanding.press_zone,
            Action.AWAY: commanding.press_away,
            Action.LEAVE: commanding.press_leave,
            Action.STAY: commanding.press_stay,
        }

    async def on_press(self, update: Decoded, context: Reading) -> None:
        """Any button."""
        query = update.callback_query
        turn = context.turn
        press = pressed(turn, query.data) if query is not None else None
        if query is None or press is None:
            pressing.out_of_date(turn)
            return
        message_id = None if query.message is None else str(query.message.message_id)
        state = State.FRESH if turn.pressed is None else turn.pressed.state
        if state is State.USED:
            pressing.pressed_again(turn, press, message_id)
        elif state is State.OLD:
            pressing.too_old(turn, press, message_id)
        else:
            if turn.pressed is not None:
                turn.act(UsedButton(turn.pressed.key, press.incident))
            self._alone.get(press.action, pressing.press_alarm)(turn, press, message_id)

    def _language(self, turn: Turn, press: Press, message_id: str | None) -> None:
        enrolling.choose_language(turn, press, message_id, self._languages)


def _add_handlers(built: Machine, buttons: _Buttons) -> None:
    """The order matters: who may, presses, commands, changed messages, and everything else."""
    built.add_handler(TypeHandler(Decoded, enrolling.admit), ADMITTING)
    built.add_handler(CallbackQueryHandler(buttons.on_press), ACTING)
    commands: dict[str, Any] = {
        "start": commanding.on_start,
        "open": commanding.on_open,
        "away": commanding.on_away,
        "back": commanding.on_back,
        "language": commanding.on_language,
        "zone": commanding.on_zone,
        "help": commanding.on_help,
        "leave": commanding.on_leave,
        "cancel": commanding.on_cancel,
    }
    for name, callback in commands.items():
        built.add_handler(PrefixHandler("/", name, callback, filters.UpdateType.MESSAGE), ACTING)
    built.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, writing.on_edit), ACTING)
    built.add_handler(MessageHandler(filters.UpdateType.MESSAGE & filters.Regex(r"^/\w"), commanding.on_help), ACTING)
    built.add_handler(MessageHandler(filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL, writing.on_words), ACTING)
