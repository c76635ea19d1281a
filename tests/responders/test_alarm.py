"""What an alarm says, to whom, and that nothing in it can be turned against its reader."""

import html
import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.letter import Letter
from engine.views import IncidentView, NextView, SaidView
from escalation.incident_words import Kind, Outcome, Truth
from responders.conversation import PLAIN, TROUBLES
from responders.door import LANGUAGES
from responders.page import Page
from responders.showing import page_of, sentence_of

from .made import BO, CALLING, CLEO, NOW, PLACE, SAY, call, closed, covert, drill, held, letter, missed, proposed

LONGEST_MESSAGE = 4096  # UTF-16 units; Bot API, sendMessage


def alarm(incident: IncidentView, **changes: Any) -> Page:
    return page_of(letter("responder.alarm", incident, **changes), SAY, LANGUAGES)


def lines(page: Page) -> list[str]:
    """What the reader sees."""
    return html.unescape(re.sub(r"</?b>", "", page.text)).splitlines()


def labels(page: Page) -> list[str]:
    return [label for row in page.rows for label, _ in row]


def test_an_alarm_shows_the_last_words_the_last_check_in_and_how_much_came() -> None:
    in_one_line = "“<b>two cars</b> Bo has it until 15:00.”"
    told = replace(CALLING, words=SaidView("<b>two cars</b>\nBo has it until 15:00.", NOW), sent=3, checked_in_at=NOW)

    assert lines(alarm(told))[4:7] == ["Checked in with the right word (14:07).", "Came at 14:07:", in_one_line]
    assert "📎 What came (3)" in labels(alarm(told))
    assert not [label for label in labels(alarm(CALLING)) if "came" in label]


def test_long_words_leave_room_for_what_to_do() -> None:
    page = alarm(replace(CALLING, words=SaidView("x" * 4000, NOW), sent=1))

    assert "x" * 400 in page.text
    assert "x" * 600 not in page.text


def test_a_call_for_help_says_who_what_when_and_what_comes_next() -> None:
    assert lines(alarm(CALLING))[:6] == [
        "CALL FOR HELP: Ana",
        "K7Q2 · 14:02",
        "",
        "Nobody has it yet.",
        "2 people have been called.",
        "Next: lawyers, at 14:17.",
    ]


def test_what_to_do_follows_as_a_short_list() -> None:
    said = lines(alarm(replace(CALLING, ticked=("panic.near",))))

    assert said[7] == "What to do"
    assert [line[:4] for line in said[8:]] == ["☐ 1.", "☑ 2.", "☐ 3.", "☐ 4."]
    assert "not one saved as security" in said[8]


def test_a_miss_says_when_something_was_given_that_was_not_right() -> None:
    slipped = replace(missed(), slip_at=missed().due_at)

    assert "Something was given as the check-in at 13:07 that was not right. It may be a slip." in lines(alarm(slipped))
    assert not any("slip" in line for line in lines(alarm(missed())))


def test_a_missed_check_in_says_when_it_was_due_here_and_there() -> None:
    said = lines(alarm(missed()))

    assert said[0] == "NO SIGN OF LIFE: Ana"
    assert "The check-in was due at 13:07 (08:07 where Ana is)." in said


def test_a_drill_says_so_in_its_first_word() -> None:
    assert lines(alarm(drill()))[0].split()[0] == "DRILL."


def test_a_covert_alarm_tells_first_not_to_contact_and_never_to_ring() -> None:
    said = lines(alarm(covert()))

    assert said[0] == "COVERT. Do not contact Ana: they may be forced or watched."
    assert not any(re.search(r"\. Ring ", line) for line in said)


@pytest.mark.parametrize("kind", list(Kind))
def test_whatever_is_covert_is_shown_as_covert(kind: Kind) -> None:
    said = lines(alarm(replace(CALLING, kind=kind, covert=True)))

    assert said[0].startswith("COVERT.")
    assert "Do not ring" in "\n".join(said)


def test_a_repeat_says_which_it_is() -> None:
    assert lines(alarm(CALLING, words={"times": 1}))[1] == "K7Q2 · 14:02"
    assert lines(alarm(CALLING, words={"times": 3}))[1] == "K7Q2 · 14:02 · repeat 3"


def test_what_may_have_come_already_says_so() -> None:
    assert "(repeat: you may already have this)" in lines(alarm(CALLING, maybe_repeat=True))


def test_the_holder_sees_until_when_and_other_buttons() -> None:
    page = alarm(held())

    assert lines(page)[3] == "You have it until 14:32. Tell what you find, or it goes back to everybody."
    assert lines(page)[4:6] == ["2 people have been called.", ""]
    assert "✍️ Tell what you found" in labels(page)
    assert "↩️ Give it back" in labels(page)
    assert "✅ On it" not in labels(page)


def test_the_others_see_who_has_it() -> None:
    page = alarm(held(CLEO, "Cleo"))

    assert lines(page)[3] == "Cleo has it until 14:32."
    assert "✅ On it" not in labels(page)


def test_a_hold_whose_time_is_over_counts_for_nothing() -> None:
    page = alarm(replace(held(CLEO, "Cleo"), at=NOW + timedelta(minutes=25)))

    assert lines(page)[3] == "Nobody has it yet."
    assert "✅ On it" in labels(page)


def test_a_proposal_is_for_somebody_else_to_agree_to() -> None:
    asked, own = alarm(proposed()), alarm(proposed(BO, "Bo"))

    assert "Cleo says how it ended: Safe. A second person must agree." in lines(asked)
    assert labels(asked)[:2] == ["Yes, close it", "Not yet"]
    assert "Yes, close it" not in labels(own)


def test_what_is_closed_says_how_and_has_no_buttons() -> None:
    page = alarm(closed())

    assert lines(page) == ["Ana · K7Q2", "Closed at 14:07. Safe."]
    assert page.markup is None


def test_the_place_is_shown_without_a_link() -> None:
    page = alarm(replace(CALLING, place=PLACE))

    assert "Last place (13:58): 4.60971, -74.08175" in lines(page)
    assert "http" not in page.text


def test_times_are_by_the_readers_clock_and_say_the_day_when_it_is_another() -> None:
    page = alarm(replace(CALLING, opened_at=NOW - timedelta(days=1)), zone="America/Bogota")

    assert lines(page)[1] == "K7Q2 · Sun, Mar 1, 09:07"
    assert lines(alarm(CALLING, zone="Asia/Kathmandu"))[1] == "K7Q2 · 19:47"


@pytest.mark.parametrize("unknown", [{"zone": "Nowhere/Land"}, {"zone": ""}, {"language": "tlh"}, {"language": "?"}])
def test_a_place_or_language_that_nobody_knows_loses_no_alarm(unknown: dict[str, str]) -> None:
    assert lines(alarm(missed(), **unknown))[1] == "K7Q2 · 14:02"


def test_a_defenders_zone_that_nobody_knows_loses_no_alarm() -> None:
    assert "The check-in was due at 13:07." in lines(alarm(replace(missed(), defender_zone="Nowhere/Land")))


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("repeat", "The call is repeated at 14:09."),
        ("lapse", "It goes back to everybody at 14:09 unless there is news."),
        ("end_of_chain", "At 14:09 the coordinators are called."),
        ("approval", "A coordinator is asked before more people are called; at 14:09 they are called anyway."),
        ("lead", "Next: shift lead, at 14:09."),
        ("<b>friends", "Next: <b>friends, at 14:09."),
    ],
)
def test_what_comes_next_is_said_with_its_time(what: str, line: str) -> None:
    assert line in lines(alarm(replace(CALLING, next=NextView(what, NOW + timedelta(minutes=2)))))


def test_outcomes_are_chosen_on_a_page_of_their_own() -> None:
    page = alarm(CALLING, words={"page": "outcomes"})

    assert labels(page) == ["Safe", "False alarm", "Confirmed incident", "Handed over", "← Back"]
    assert lines(page)[0] == "CALL FOR HELP: Ana"


def test_the_check_list_offers_what_is_not_done() -> None:
    page = alarm(replace(CALLING, ticked=("panic.near",)), words={"page": "runbook"})

    assert labels(page) == ["☑ 1 done", "☑ 3 done", "☑ 4 done", "← Back"]


def test_a_name_cannot_break_the_message() -> None:
    page = alarm(replace(CALLING, defender_name="<b>A&a</b>\n\u202eon it"))

    assert "<b>A" not in page.text.removeprefix("<b>CALL")
    assert lines(page)[0] == "CALL FOR HELP: <b>A&a</b> on it"


def test_a_name_of_another_direction_stays_in_its_place() -> None:
    assert "\u2068هالة\u2069" in lines(alarm(replace(CALLING, defender_name="هالة")))[0]


def test_an_alarm_in_arabic_keeps_every_name_apart() -> None:
    assert "\u2068Ana\u2069" in lines(alarm(CALLING, language="ar"))[0]


@pytest.mark.parametrize("truth", list(Truth))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_truth_has_a_short_answer(truth: Truth, language: str) -> None:
    words = {"truth": truth.value, "holder_name": "Cleo" * 40, "since": NOW.isoformat(), "until": NOW.isoformat()}

    sentence = sentence_of(letter("responder.answer", held(CLEO, "Cleo"), words=words, language=language), SAY)

    assert 0 < len(sentence) <= 200


@pytest.mark.parametrize(
    ("truth", "incident", "sentence"),
    [
        (Truth.YOU_HAVE_IT, held(), "You have it until 14:32."),
        (Truth.OTHER_HAS_IT, held(CLEO, "Cleo"), "Cleo already has it, since 14:07."),
        (Truth.NOTED_REPORT, held(), "Passed on to everybody who was alarmed. You have it until 14:32."),
        (Truth.NOTED_SEEN, held(CLEO, "Cleo"), "Noted that you saw it. Cleo has it until 14:32."),
        (Truth.NOTED_SEEN, CALLING, "Noted that you saw it. Nobody has it yet."),
        (Truth.CLOSED, closed(), "It is closed."),
    ],
)
def test_a_press_is_answered_with_what_is_now_true(truth: Truth, incident: IncidentView, sentence: str) -> None:
    since = incident.held_since.isoformat() if incident.held_since else None
    until = incident.held_until.isoformat() if incident.held_until else None
    words: dict[str, Any] = {"truth": truth.value, "holder_name": incident.holder_name, "since": since, "until": until}

    assert sentence_of(letter("responder.answer", incident, words=words), SAY) == sentence


TRICKS = ["<&>\"'", "{name}", "{", "\ud800", "هالة", "\u202e", "😀" * 1000, "\n" * 4000, "ه\n" * 2000]
WEIRD = some.text(max_size=3000) | some.text("\n😀aه", max_size=5000) | some.sampled_from(TRICKS)
VIEWS = some.builds(
    replace,
    some.sampled_from([CALLING, held(), held(CLEO, "Cleo"), proposed(), closed(), missed(), covert(), drill()]),
    defender_name=WEIRD,
    holder_name=some.none() | WEIRD,
    next=some.none() | some.builds(NextView, WEIRD, some.just(NOW)),
    place=some.none() | some.just(PLACE),
    due_at=some.none() | some.just(NOW),
    calls=some.just(()) | some.just(tuple(call(BO, "Bo", 7) for _ in range(99))),
)
FROM_PEOPLE = ("by_name", "holder_name", "text", "tier")
SAYING: dict[str, dict[str, Any]] = {
    "alarm": {"times": 2, "held": False},
    "end_of_chain": {"round": 2, "times": 3},
    "lapsed": {},
    "approval": {"round": 1, "step": 2, "tier": "partners", "until": NOW.isoformat()},
    "held": {"holder_name": "Cleo", "until": NOW.isoformat()},
    "second": {"number": 1, "by_name": "Cleo", "outcome": Outcome.SAFE.value},
    "disputed": {"by_name": "Cleo"},
    "news": {"news": "report", "by_name": "Cleo", "text": "x"},
    "all_clear": {"outcome": "safe", "by_names": ["Bo", "Cleo", "Dara"]},
    "answer": {"truth": "closed", "holder_name": None, "since": None, "until": None},
}


@given(VIEWS, some.sampled_from(sorted(SAYING)), some.sampled_from(LANGUAGES), WEIRD, some.booleans())
def test_whatever_is_in_it_a_letter_can_be_said_and_sent(
    incident: IncidentView, template: str, language: str, text: str, repeat: bool
) -> None:
    words = SAYING[template] | {key: text for key in FROM_PEOPLE if key in SAYING[template]}
    written = letter(f"responder.{template}", incident, words=words, language=language, maybe_repeat=repeat)

    page = page_of(written, SAY, LANGUAGES)

    seen = html.unescape(re.sub(r"</?b>", "", page.text))
    assert len(seen.encode("utf-16-le")) // 2 <= LONGEST_MESSAGE
    assert not re.search(r"<(?!/?b>)", page.text)
    assert not any(unicodedata.category(char) == "Cs" for char in page.text)
    assert balanced(seen)


def balanced(text: str) -> bool:
    """Whether no line leaves the writing direction turned."""
    return all(line.count("\u2068") == line.count("\u2069") for line in text.splitlines())


def test_news_carries_the_report_and_its_author() -> None:
    said = lines(page_of(news("report", "Cleo", "She is <home>\n& well"), SAY, LANGUAGES))

    assert said == ["Ana · K7Q2", "Cleo reports:", "She is <home>", "& well"]


def test_a_check_in_that_came_later_says_that_it_stays_open() -> None:
    said = lines(page_of(news("checked_in", None, None), SAY, LANGUAGES))

    assert said[1] == "A check-in with the right word came from Ana. It stays open until you close it."


def news(what: str, by: str | None, text: str | None) -> Letter:
    return letter("responder.news", CALLING, words={"news": what, "by_name": by, "text": text})


def test_everybody_is_told_how_it_ended() -> None:
    words = {"outcome": "safe", "by_names": ["Bo", "Cleo"]}
    page = page_of(letter("responder.all_clear", closed(), words=words), SAY, LANGUAGES)

    assert lines(page) == ["Ana · K7Q2", "All clear: it is closed. Safe. So say Bo and Cleo."]
    assert page.markup is None


def test_a_coordinator_approves_with_one_button() -> None:
    words = {"round": 1, "step": 3, "tier": "partners", "until": (NOW + timedelta(minutes=30)).isoformat()}
    page = page_of(letter("responder.approval", CALLING, words=words), SAY, LANGUAGES)

    assert lines(page)[1] == "May partners be called? Without an answer they are called at 14:37."
    assert labels(page) == ["Call them now", "Show K7Q2"]


def test_the_end_of_the_chain_is_an_alarm_that_says_so() -> None:
    page = page_of(letter("responder.end_of_chain", CALLING, words={"round": 1, "times": 1}), SAY, LANGUAGES)

    assert lines(page)[:2] == ["CALL FOR HELP: Ana", "Everybody was called (round 1) and nobody has taken it."]
    assert "✅ On it" in labels(page)


@pytest.mark.parametrize("template", sorted(PLAIN))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_short_reply_has_its_words(template: str, language: str) -> None:
    assert page_of(letter(f"responder.{template}", language=language), SAY, LANGUAGES).text


def test_who_goes_away_is_told_until_when() -> None:
    page = page_of(letter("responder.away", words={"until": NOW.isoformat()}, zone="Asia/Kathmandu"), SAY, LANGUAGES)

    assert page.text == "You are away until Mon, Mar 2, 19:52. Others are called instead. /back ends it."


@pytest.mark.parametrize("what", [*sorted(TROUBLES), "something_new"])
def test_every_trouble_can_be_told_to_a_coordinator(what: str) -> None:
    page = page_of(letter("responder.trouble", words={"what": what}), SAY, LANGUAGES)

    assert lines(page)[0] == "The service needs you"
