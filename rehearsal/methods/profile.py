"""Methods about the bot itself, its commands, chats and files: nothing here is seen in a chat."""

import json

from rehearsal import wire
from rehearsal.accounts import BotAccount, Profile
from rehearsal.arguments import Arguments
from rehearsal.files import LARGEST_DOWNLOAD
from rehearsal.messenger import Messenger
from rehearsal.refusals import bad_request

from .outcome import DONE, Method, Outcome

LONGEST = {"name": 64, "description": 512, "short_description": 120}  # characters; Bot API, setMyName and the others


def get_me(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, getMe."""
    return Outcome(wire.me(bot))


def log_out(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, logOut and close: nothing to do on one machine."""
    return DONE


def get_chat(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, getChat."""
    return Outcome(wire.full_chat(messenger.reach(bot, args.chat_id())))


def get_file(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, getFile."""
    file = bot.files.by_id(args.text("file_id"))
    if file.size > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return Outcome({**wire.file_head(file), "file_path": file.path})


def set_my_commands(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, setMyCommands."""
    given = args.json("commands")
    if not isinstance(given, list) or len(given) > 100:
        raise bad_request("can't parse BotCommand: expected an Array of at most 100")
    commands = []
    for item in given:
        match item:
            case {"command": str(command), "description": str(description)} if command and description:
                commands.append({"command": command.lstrip("/"), "description": description})
            case _:
                raise bad_request("BOT_COMMAND_INVALID")
    bot.profile.commands[_scope(args)] = commands
    return DONE


def get_my_commands(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, getMyCommands."""
    return Outcome(bot.profile.commands.get(_scope(args), []))


def delete_my_commands(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, deleteMyCommands."""
    bot.profile.commands.pop(_scope(args), None)
    return DONE


def set_chat_menu_button(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, setChatMenuButton."""
    button = args.json("menu_button")
    bot.profile.menu_button = button if isinstance(button, dict) else {"type": "default"}
    return DONE


def get_chat_menu_button(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
    """Bot API, getChatMenuButton."""
    return Outcome(bot.profile.menu_button)


def _texts(profile: Profile, what: str) -> dict[str, str]:
    return {
        "name": profile.names, "description": profile.descriptions, "short_description": profile.short_descriptions
    }[what]  # fmt: skip


def _setter(what: str) -> Method:
    def set_text(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
        text = args.text(what)
        if len(text) > LONGEST[what]:
            raise bad_request(f"bot {what.replace('_', ' ')} is too long")
        _texts(bot.profile, what)[args.text("language_code")] = text
        return DONE

    return set_text


def _getter(what: str) -> Method:
    def get_text(messenger: Messenger, bot: BotAccount, args: Arguments) -> Outcome:
        texts = _texts(bot.profile, what)
        default = texts.get("") or (bot.name if what == "name" else "")
        return Outcome({what: texts.get(args.text("language_code")) or default})

    return get_text


def _scope(args: Arguments) -> tuple[str, str]:
    scope = args.json("scope")
    return json.dumps(scope if isinstance(scope, dict) else {"type": "default"}, sort_keys=True), args.text(
        "language_code"
    )


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "logOut": log_out,
    "close": log_out,
    "getChat": get_chat,
    "getFile": get_file,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "setMyName": _setter("name"),
    "getMyName": _getter("name"),
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
}
