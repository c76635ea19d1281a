"""Marks: what is of a bot that is not the first of its side bears its number.

The first bot's lane is "responder:telegram", its source "responders", a message of it is "17"; another's are
"responder:telegram@1002", "responders@1002" and "17@1002".
"""

MARK = "@"  # stands in no name, no number of a chat or a message, and no id of a press or a file


def of_bot(name: str, bot: int | None) -> str:
    """A name, as it is marked where it is of this bot; None is the first of its side."""
    return name if bot is None else f"{name}{MARK}{bot}"


def apart(name: str) -> tuple[str, int | None]:
    """A name without its mark, and the bot that it is of."""
    bare, marked, number = name.rpartition(MARK)
    return (bare, int(number)) if marked and number.isdecimal() else (name, None)
