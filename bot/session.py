"""The defenders' bot speaks over a session that looks once more before a letter leaves; see `engine/leaving.py`."""

from aiogram.client.session.aiohttp import AiohttpSession
from aiohttp import ClientSession

from engine.leaving import guard_the_door


class GuardedSession(AiohttpSession):
    """aiogram's own, with a guard at the door."""

    async def create_session(self) -> ClientSession:
        """See aiogram."""
        session = await super().create_session()
        guard_the_door(session)
        return session
