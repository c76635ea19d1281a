"""What a message carries for whoever was alarmed: its text, its place, its file."""

from aiogram.types import Message

from engine.acts import Sent, SentKind


def sent_with(message: Message) -> Sent | None:
    """What `message` carries; None when it is nothing that can be passed on."""
    text = message.text or message.caption or ""
    if (place := message.venue.location if message.venue else message.location) is not None:
        live = place.live_period is not None or message.edit_date is not None
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
