"""Trying a word: what a person in somebody's hands may have to do before their eyes.

A right and a wrong word take the same path: the same work, the same answer, the same deletion. Only the act differs,
and it cannot be seen from outside. A wrong one is kept for whoever is or will be alarmed, as any text is.
"""

from engine.acts import Sent, SentAlong, SentKind
from engine.turn import Turn
from escalation.secrets import Verdict

from .folding import fold
from .panic import CallsForHelp
from .sent import in_pieces

SHORTEST = 4  # characters, once folded


async def read_word(turn: Turn, word: str) -> Verdict:
    """What `word` says to the person of the turn; its message is deleted either way."""
    verdict = await turn.read_word(fold(word))
    if verdict is Verdict.WRONG:
        for piece in in_pieces(Sent(SentKind.TEXT, word)):
            turn.act(SentAlong(piece))
    turn.forget()
    return verdict


def can_be_chosen(word: str, calls: CallsForHelp) -> bool:
    """Whether `word` can be somebody's safe word: long enough, no command, and nothing that calls for help."""
    return len(fold(word)) >= SHORTEST and not word.lstrip().startswith("/") and not calls.hears(word)
