"""A channel that an address names and that this service does not run, such as mail while no mail server is set.

What is put there is refused for good, so that it goes another way at once and nobody is waited for in vain."""

from .letter import Letter, PermanentFailure, Receipt

EVERY_LANE = ("defender:telegram", "responder:telegram", "responder:mail")  # whatever an address may name


class Unserved:
    """Takes nothing."""

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """See `engine.letter.Channel`."""
        raise PermanentFailure("channel_not_set_up")
