"""Asking which time zone was meant. The person always sees what the clocks show there before anything is set."""

from aiogram.types import Message

from bot.places import Places
from engine.turn import Turn


def offer(text_or_place: str | Message, turn: Turn, places: Places) -> None:
    """Show the zones that a text or a shared place may mean, to choose from."""
    if isinstance(text_or_place, str):
        zones = places.named(text_or_place)
    elif text_or_place.location is not None:
        zones = (places.nearest(text_or_place.location.latitude, text_or_place.location.longitude),)
    else:
        zones = ()
    if zones:
        turn.say("defender.confirm_zone", zones=list(zones), now=turn.now.isoformat())
    else:
        turn.say("defender.place_unknown")
