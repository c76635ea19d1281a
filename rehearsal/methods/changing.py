"""Methods that change what is in a chat: edits, deletions, reactions, answers to presses, and "is typing"."""

import time

from rehearsal import wire
from rehearsal.accounts import BotAccount, Chat
from rehearsal.arguments import Arguments
from rehearsal.keyboards import read_markup
from rehearsal.messages import Kind, Place, Post
from rehearsal.messenger import Messenger
from rehearsal.refusals import bad_request

from .outcome import Method, Outcome
from .sending import read_caption, read_text

TYPING_LASTS = 5.0  # seconds; Bot API, sendChatAction
LONGEST_ANSWER = 200  # characters; Bot API, answerCallbackQuery
MOST_DELETED = 100  # messages; Bot API, deleteMessages
ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, editMessageText."""
    chat, post = _own_message(messenger, bot, args)
    text, entities = read_text(args)
    if post.kind is not Kind.TEXT:
        raise bad_request("there is no text in the message to edit")
    rows = read_markup(args.json("reply_markup")).rows
    if (text, entities, rows) == (post.text, post.entities, post.rows):
        raise bad_request(SAME)
    post.heard_once = post.heard_once or post.heard
    post.heard = post.heard and text == post.text
    post.text, post.entities, post.rows = text, entities, rows
    return _edited(messenger, chat, post)


def edit_message_caption(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, editMessageCaption."""
    chat, post = _own_message(messenger, bot, args)
    text, entities = read_caption(args)
    if post.file is None:
        raise bad_request("there is no caption in the message to edit")
    rows = read_markup(args.json("reply_markup")).rows
    if (text, entities, rows) == (post.text, post.entities, post.rows):
        raise bad_request(SAME)
    post.heard_once = post.heard_once or post.heard
    post.heard = post.heard and text == post.text
    post.text, post.entities, post.rows = text, entities, rows
    return _edited(messenger, chat, post)


def edit_message_reply_markup(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, editMessageReplyMarkup."""
    chat, post = _own_message(messenger, bot, args)
    rows = read_markup(args.json("reply_markup")).rows
    if rows == post.rows:
        raise bad_request(SAME)
    post.rows = rows
    return _edited(messenger, chat, post)


def edit_message_live_location(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, editMessageLiveLocation."""
    chat, post = _own_message(messenger, bot, args)
    if post.place is None or not post.place.live_seconds:
        raise bad_request("message can't be edited")
    place = Place(args.degrees("latitude"), args.degrees("longitude"), post.place.live_seconds, args.number("heading"))
    rows = read_markup(args.json("reply_markup")).rows
    if (place, rows) == (post.place, post.rows):
        raise bad_request(SAME)
    post.place, post.rows = place, rows
    return _edited(messenger, chat, post)


def stop_message_live_location(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, stopMessageLiveLocation."""
    chat, post = _own_message(messenger, bot, args)
    if post.place is None or not post.place.live_seconds:
        raise bad_request("message can't be edited")
    post.place, post.rows = Place(post.place.lat, post.place.lon), read_markup(args.json("reply_markup")).rows
    return _edited(messenger, chat, post)


def delete_message(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, deleteMessage."""
    chat = messenger.reach(bot, args.chat_id())
    message_id = args.number("message_id")
    if not messenger.delete(chat, message_id):
        raise bad_request("message to delete not found")
    return Outcome(True, chat, (chat.posts[message_id],))


def delete_messages(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, deleteMessages: what is not there is passed over, and one that is too old spoils the call."""
    chat = messenger.reach(bot, args.chat_id())
    message_ids = args.numbers("message_ids")
    if not message_ids:
        raise bad_request("message identifiers are not specified")
    if len(message_ids) > MOST_DELETED:
        raise bad_request("too many message identifiers specified")
    asked = [post for message_id in message_ids if (post := chat.posts.get(message_id)) and post.visible]
    if any(messenger.is_too_old(post) for post in asked):
        raise bad_request("message can't be deleted for everyone")
    deleted = tuple(chat.posts[message_id] for message_id in message_ids if messenger.delete(chat, message_id))
    return Outcome(True, chat, deleted)


def set_message_reaction(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, setMessageReaction."""
    chat = messenger.reach(bot, args.chat_id())
    post = chat.posts.get(args.number("message_id"))
    if post is None or not post.visible:
        raise bad_request("message to react not found")
    match args.json("reaction"):
        case [{"type": "emoji", "emoji": str(emoji)}, *_]:
            post.reaction = emoji
        case [] | None:
            post.reaction = ""
        case _:
            raise bad_request("REACTION_INVALID")
    messenger.told("message", chat, post)
    return Outcome(True, chat, (post,))


def answer_callback_query(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, answerCallbackQuery."""
    text = args.text("text")
    if len(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    return Outcome(True, messenger.answer(bot, args.text("callback_query_id"), text, args.flag("show_alert")))


def send_chat_action(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, sendChatAction."""
    chat = messenger.reach(bot, args.chat_id())
    if args.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.typing_until = time.monotonic() + TYPING_LASTS
    messenger.told("typing", chat)
    return Outcome(True, chat)


def _own_message(messenger: Messenger, bot: BotAccount, args: Arguments) -> tuple[Chat, Post]:
    chat = messenger.reach(bot, args.chat_id())
    post = chat.posts.get(args.number("message_id"))
    if post is None or not post.visible:
        raise bad_request("message to edit not found")
    if not post.from_bot:
        raise bad_request("message can't be edited")
    return chat, post


def _edited(messenger: Messenger, chat: Chat, post: Post) -> Outcome:
    messenger.edit(chat, post)
    return Outcome(wire.message(post, chat), chat, (post,))


EDITS: dict[str, Method] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageLiveLocation": edit_message_live_location,
    "stopMessageLiveLocation": stop_message_live_location,
}
METHODS: dict[str, Method] = {
    **EDITS,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "setMessageReaction": set_message_reaction,
    "answerCallbackQuery": answer_callback_query,
    "sendChatAction": send_chat_action,
}
