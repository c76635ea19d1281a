"""What the buttons under messages carry: at most 64 bytes (Bot API, InlineKeyboardButton, 2026-11)."""

from .panic import PRESS

CALL = PRESS
LANGUAGE = "language:"  # and a code
ZONE = "zone:"  # and an IANA name
OTHER_PLACE = "place:other"
AGREE = "agree"
TAP = "."  # and a nonce
