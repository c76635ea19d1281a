"""Methods that put a message into a chat: text, place, photo, voice, document, and copies of what is there."""

from rehearsal import wire
from rehearsal.accounts import BotAccount, Chat
from rehearsal.arguments import Arguments
from rehearsal.entities import Entities, parse, units
from rehearsal.files import StoredFile
from rehearsal.keyboards import Markup, read_markup
from rehearsal.messages import Kind, Place, Post
from rehearsal.messenger import Messenger
from rehearsal.refusals import bad_request

from .outcome import Method, Outcome

LONGEST_TEXT = 4096  # UTF-16 units; Bot API, sendMessage
LONGEST_CAPTION = 1024  # UTF-16 units; Bot API, sendPhoto
LONGEST_LIVE = 86_400  # seconds; Bot API, sendLocation
SHORTEST_LIVE = 60
FOREVER = 0x7FFFFFFF  # live until it is stopped


def send_message(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, sendMessage."""
    chat = messenger.reach(bot, args.chat_id())
    text, entities = read_text(args)
    return _send(messenger, chat, args, Kind.TEXT, text=text, entities=entities)


def send_photo(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, sendPhoto."""
    return _send_file(messenger, bot, args, Kind.PHOTO)


def send_voice(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, sendVoice."""
    return _send_file(messenger, bot, args, Kind.VOICE)


def send_document(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, sendDocument."""
    return _send_file(messenger, bot, args, Kind.DOCUMENT)


def send_location(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, sendLocation."""
    chat = messenger.reach(bot, args.chat_id())
    live = args.number("live_period")
    if live and live != FOREVER and not SHORTEST_LIVE <= live <= LONGEST_LIVE:
        raise bad_request("wrong live location period specified")
    place = Place(args.degrees("latitude"), args.degrees("longitude"), live, args.number("heading"))
    if not (-90 <= place.lat <= 90 and -180 <= place.lon <= 180):
        raise bad_request("wrong latitude or longitude specified")
    return _send(messenger, chat, args, Kind.PLACE, place=place)


def forward_message(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, forwardMessage."""
    source, chat, post = _original(messenger, bot, args, "forward")
    if post.protected:
        raise bad_request("message can't be forwarded")
    copy = _again(messenger, chat, post, args)
    copy.origin = wire.forwarded_origin(post, source)
    messenger.told("message", chat, copy)
    return Outcome(wire.message(copy, chat), chat, (copy,))


def copy_message(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, copyMessage."""
    _, chat, post = _original(messenger, bot, args, "copy")
    if post.protected:
        raise bad_request("message can't be copied")
    markup = read_markup(args.json("reply_markup"))
    copy = _again(messenger, chat, post, args)
    if args.text("caption"):
        copy.text, copy.entities = read_caption(args)
    _show_keyboard(chat, copy, markup)
    messenger.told("message", chat, copy)
    return Outcome({"message_id": copy.id}, chat, (copy,))


def read_text(args: Arguments) -> tuple[str, Entities]:
    """The words of a message. Raises Refused when there are none, or too many."""
    text, entities = _words(args, "text", "entities")
    if not text.strip():
        raise bad_request("message text is empty")
    if units(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return text, entities


def read_caption(args: Arguments) -> tuple[str, Entities]:
    """The words under a file, maybe none."""
    text, entities = _words(args, "caption", "caption_entities")
    if units(text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return text, entities


def _words(args: Arguments, name: str, entities_name: str) -> tuple[str, Entities]:
    given = args.json(entities_name)
    if isinstance(given, list) and given and not args.text("parse_mode"):
        return args.text(name), [entity for entity in given if isinstance(entity, dict)]
    return parse(args.text(name), args.text("parse_mode"))


def _send_file(messenger: Messenger, bot: BotAccount, args: Arguments, kind: Kind) -> Outcome:
    chat = messenger.reach(bot, args.chat_id())
    text, entities = read_caption(args)
    return _send(messenger, chat, args, kind, text=text, entities=entities, file=_read_file(bot, args, kind.value))


def _read_file(bot: BotAccount, args: Arguments, kind: str) -> StoredFile:
    upload = args.upload(kind)
    if upload is not None:
        seconds = args.number("duration")
        return bot.files.keep(kind, upload.data, name=upload.name, mime=upload.mime, seconds=seconds)
    if not args.text(kind):
        raise bad_request(f"there is no {kind} in the request")
    return bot.files.by_id(args.text(kind))


def _send(
    messenger: Messenger, chat: Chat, args: Arguments, kind: Kind, *, text: str = "",
    entities: Entities | None = None, file: StoredFile | None = None, place: Place | None = None,
) -> Outcome:  # fmt: skip
    markup = read_markup(args.json("reply_markup"))
    reply_to = _read_reply(chat, args)
    post = messenger.post(chat, from_bot=True, kind=kind, text=text)
    post.entities, post.file, post.place, post.reply_to = entities or [], file, place, reply_to
    post.protected, post.silent = args.flag("protect_content"), args.flag("disable_notification")
    _show_keyboard(chat, post, markup)
    messenger.told("message", chat, post)
    return Outcome(wire.message(post, chat), chat, (post,))


def _show_keyboard(chat: Chat, post: Post, markup: Markup) -> None:
    post.rows = markup.rows
    if markup.keyboard is not None or markup.removes_keyboard:
        chat.keyboard, chat.keyboard_on = markup.keyboard, post.id
    chat.typing_until = 0.0


def _read_reply(chat: Chat, args: Arguments) -> Post | None:
    wanted = args.json("reply_parameters")
    if isinstance(wanted, dict):
        message_id, optional = int(str(wanted.get("message_id", 0))), bool(wanted.get("allow_sending_without_reply"))
    else:
        message_id, optional = args.number("reply_to_message_id"), args.flag("allow_sending_without_reply")
    if not message_id:
        return None
    post = chat.posts.get(message_id)
    if post is not None and post.visible:
        return post
    if optional:
        return None
    raise bad_request("message to be replied not found")


def _original(messenger: Messenger, bot: BotAccount, args: Arguments, verb: str) -> tuple[Chat, Chat, Post]:
    chat = messenger.reach(bot, args.chat_id())
    source = messenger.reach(bot, args.chat_id("from_chat_id"))
    post = source.posts.get(args.number("message_id"))
    if post is None or not post.visible:
        raise bad_request(f"message to {verb} not found")
    return source, chat, post


def _again(messenger: Messenger, chat: Chat, post: Post, args: Arguments) -> Post:
    copy = messenger.post(chat, from_bot=True, kind=post.kind, text=post.text)
    copy.entities, copy.file, copy.place = list(post.entities), post.file, post.place
    copy.protected, copy.silent = args.flag("protect_content"), args.flag("disable_notification")
    chat.typing_until = 0.0
    return copy


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendVoice": send_voice,
    "sendDocument": send_document,
    "sendLocation": send_location,
    "forwardMessage": forward_message,
    "copyMessage": copy_message,
}
