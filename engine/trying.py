"""Trying safe words and codes: off the event loop, on few threads, with the pepper of the person they belong to.

A word takes some 40 ms of a processor, and a code six times that, in six parts that need not wait for each other. No
more than THREADS are tried at a time, however many are sent, and a call for help never waits for one: it is read by
another reader.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from escalation.secrets import Code, Verdict, Word, word_says
from store.vault import Vault
from store.words import hash_code, hash_word, parts_of_reading, verdict, word_matches

from .discreet import Discreet

THREADS = 2

Result = TypeVar("Result")


class Trying:
    """The threads on which words and codes are tried."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="words")

    def of(self, person: UUID, safe_word: Word | None = None, code: Code | None = None) -> "Tries":
        """What is tried for one person, whose safe word and code are kept as these; None where there is none."""
        return Tries(partial(self._vault.peppered, person), safe_word, code, self._threads)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True, repr=False)
class Tries(Discreet):
    """One person's word and code, to be compared with what was given."""

    pepper: Callable[[str], bytes]
    safe_word: Word | None
    code: Code | None
    threads: ThreadPoolExecutor

    async def read_word(self, word: str) -> Verdict:
        """What a word says; wrong while they have none."""
        hashed = self.safe_word.shown if self.safe_word else None
        is_shown = await self._off_the_loop(partial(word_matches, word, hashed, self.pepper))
        return word_says(self.safe_word, is_shown=is_shown)

    async def hash_word(self, word: str) -> str:
        """What a new safe word is kept as."""
        return await self._off_the_loop(partial(hash_word, word, self.pepper))

    async def read_code(self, signs: Sequence[int]) -> Verdict:
        """What four signs say; wrong while they have no code. Every row takes the same six parts of work."""
        parts = parts_of_reading(tuple(signs), self.code, self.pepper)
        return verdict(await asyncio.gather(*(self._off_the_loop(part) for part in parts)), self.code)

    async def hash_code(self, signs: Sequence[int]) -> str:
        """What a new code is kept as. Raises ValueError for a row that is no code."""
        return await self._off_the_loop(partial(hash_code, tuple(signs), self.pepper))

    async def _off_the_loop(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)
