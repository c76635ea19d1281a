"""What is now true, said to the person who pressed: one or two short sentences, as plain characters."""

from engine.letter import Letter
from escalation.incident_words import Truth

from .wording import Reader, word

LONGEST_ANSWER = 200  # characters; Bot API, answerCallbackQuery
ABOUT_A_HOLD = frozenset({Truth.YOU_HAVE_IT, Truth.OTHER_HAS_IT})


def answer_text(letter: Letter, reader: Reader) -> str:
    """The sentence for the truth in `letter`."""
    truth = Truth(word(letter.words.get("truth")))
    holder, since, until = (word(letter.words.get(key)) for key in ("holder_name", "since", "until"))
    name = reader.name(holder or "?")
    since, until = (reader.time(instant) if instant else "" for instant in (since, until))
    sentence = reader.text(f"answer.{truth.value}", holder=name, since=since, until=until)
    if truth not in ABOUT_A_HOLD and holder and until:
        mine = letter.incident is not None and letter.incident.holder == letter.person
        more = reader.text("you_have_it_until" if mine else "other_has_it", holder=name, until=until)
        sentence = f"{sentence} {more}"
    return sentence[:LONGEST_ANSWER]
