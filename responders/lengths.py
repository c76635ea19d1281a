"""How long somebody will be away, as people write it: "8h", "2 days", "1d 12h", "90"."""

import re
from datetime import timedelta

UNITS = {
    "m": timedelta(minutes=1), "м": timedelta(minutes=1), "د": timedelta(minutes=1),
    "h": timedelta(hours=1), "ч": timedelta(hours=1), "س": timedelta(hours=1),
    "d": timedelta(days=1), "j": timedelta(days=1), "д": timedelta(days=1), "ي": timedelta(days=1),
}  # fmt: skip
PIECE = re.compile(r"(\d{1,5})\s*([^\W\d_]*)[\s,]*")
LONGEST_AWAY = timedelta(days=30)


def read_length(text: str) -> timedelta | None:
    """The length that `text` says, above zero; a bare number is hours. None when it says none."""
    rest, total = text.strip().lower(), timedelta()
    while rest:
        piece = PIECE.match(rest)
        if piece is None:
            return None
        unit = UNITS.get((piece[2] or "h")[0])
        if unit is None:
            return None
        total += unit * int(piece[1])
        rest = rest[piece.end() :]
    return total if total > timedelta() else None
