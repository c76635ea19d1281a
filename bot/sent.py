"""What a message carries for whoever was alarmed: its text, its place, its file; all of it, in pieces if need be."""

from collections.abc import Iterator
from dataclasses import replace

from aiogram.types import Message

from engine.acts import Sent, SentKind

LONGEST_PIECE = 1700  # characters, each of two units at most: what fits into one message beside what stands around it
LONGEST_UNDER_A_FILE = 340  # characters; the Bot API takes fewer there (sendPhoto, caption)


def sent_with(message: Message) -> Sent | None:
    """What `message` carries; None when it is nothing that can be passed on."""
    text = message.text or message.caption or ""
    if (place := message.venue.location if message.venue else message.location) is not None:
        live = place.live_period is not None or message.edit_date is not None
        if message.venue is not None:
            text = f"{message.venue.title}\n{message.venue.address}"
        return Sent(SentKind.PLACE, text, place.latitude, place.longitude, live)
    if message.photo:
        return Sent(SentKind.PHOTO, text, file_id=max(message.photo, key=lambda size: size.width * size.height).file_id)
    if message.voice:
        return Sent(SentKind.VOICE, text, file_id=message.voice.file_id)
    file = message.video_note or message.sticker
    if file is not None:
        return Sent(SentKind.DOCUMENT, text, file_id=file.file_id)
    named = message.document or message.video or message.audio or message.animation
    if named is not None:
        return Sent(SentKind.DOCUMENT, text, file_id=named.file_id, file_name=named.file_name)
    if message.contact:
        person = message.contact
        text = " ".join(filter(None, (person.first_name, person.last_name, person.phone_number)))
    return Sent(SentKind.TEXT, text) if text else None


def in_pieces(sent: Sent) -> Iterator[Sent]:
    """`sent` in pieces that can each be passed on whole: a file or a place first, then the words that were too many."""
    text = sent.text
    if sent.kind is not SentKind.TEXT:
        fits = sent.kind is not SentKind.PLACE and len(text) <= LONGEST_UNDER_A_FILE
        yield sent if fits else replace(sent, text="")
        text = "" if fits else text
    for start in range(0, len(text), LONGEST_PIECE):
        yield Sent(SentKind.TEXT, text[start : start + LONGEST_PIECE])
