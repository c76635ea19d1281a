"""The second line: whatever looks like a secret or a person is struck out of the words of a log line.

The first line is that no such thing is logged at all (`log_events`). This one is for what nobody thought of.
"""

import re
import unicodedata

STRUCK: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{6,}:[\w-]{30,}"), "(token)"),
    (re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.\w+"), "(address)"),
    (re.compile(r"[-+]?\d{1,3}[.,]\d{3,}"), "(place)"),
    (re.compile(r"\+?\d(?:[\s().-]?\d){6,}"), "(number)"),
)
UNSEEN = ("C", "Zl", "Zp")  # control and format characters (ANSI, writing direction), and the breaks of a line


def scrubbed(text: str) -> str:
    """The text on one line, without what could be a token, an address, a place or a long number."""
    plain = "".join("\N{REPLACEMENT CHARACTER}" if _is_unseen(sign) else sign for sign in text)
    for pattern, instead in STRUCK:
        plain = pattern.sub(instead, plain)
    return plain


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign).startswith(UNSEEN)
