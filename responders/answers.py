"""What is now true, said to the person who pressed: one or two short sentences, as plain characters."""

from engine.letter import Letter
from escalation.incident_words import Truth

from .wording import Reader, word

LONGEST_ANSWER = 200  # characters; Bot API, answerCallbackQuery
ABOUT_A_HOLD = frozenset({Truth.YOU_HAVE_IT, Truth.OTHER_HAS_IT})
HELD_BY_NOBODY = frozenset({Truth.NOTED_SEEN, Truth.NOTED_CANNOT, Truth.PRESSED_BEFORE})  # where that should be said


def answer_text(letter: Letter, reader: Reader) -> str:
    """The sentence for the truth in `letter`, and who has it where that is not said by it already."""
    words = letter.words
    truth = Truth(word(words.get("truth")))
    holder = reader.name(words.get("holder_name")) if words.get("holder_name") else ""
    since, until = (reader.time(word(words.get(key))) if words.get(key) else "" for key in ("since", "until"))
    sentences = [reader.text(f"answer.{truth.value}", holder=holder, since=since, until=until)]
    if truth not in ABOUT_A_HOLD and holder and until:
        mine = letter.incident is not None and letter.incident.holder == letter.person
        sentences.append(reader.text("you_have_it_until" if mine else "other_has_it", holder=holder, until=until))
    elif truth in HELD_BY_NOBODY:
        sentences.append(reader.text("nobody_has_it"))
    return " ".join(sentences)[:LONGEST_ANSWER]
