"""The printed table: it is whole, and the README shows it as it is."""

from pathlib import Path
from typing import get_args

from escalation import incident_words, lowering, watch_words
from escalation.incident_state import Phase as IncidentPhase
from escalation.table import ORDERS, table
from escalation.table_cases import INCIDENTS, LOWERINGS, WATCHES, incident_events, lowering_events, watch_events
from escalation.watch import Phase as WatchPhase

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- table:begin -->\n", "<!-- table:end -->"


def test_the_readme_shows_the_table_as_it_is() -> None:
    _, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    shown, found, _ = rest.partition(END)

    assert found, f"README.md needs the lines {BEGIN.strip()} and {END}"
    assert shown.strip() == table().strip(), (
        "the rules have changed: put what `python -m escalation` prints between the two table comments of README.md"
    )


def test_every_state_is_in_the_table() -> None:
    assert {case.watch.phase for case in WATCHES.values()} == set(WatchPhase)
    assert {case.incident.phase for case in INCIDENTS.values()} == set(IncidentPhase)
    assert {case.lowering.verdict for case in LOWERINGS.values()} == set(lowering.Verdict)


def test_every_event_is_in_the_table() -> None:
    watch_kinds = {type(event) for case in WATCHES.values() for _, _, event, _ in watch_events(case)}
    lowering_kinds = {type(event) for case in LOWERINGS.values() for _, _, event, _ in lowering_events(case)}
    incident_kinds = {type(event) for case in INCIDENTS.values() for _, _, event, _ in incident_events(case)}

    assert watch_kinds == set(get_args(watch_words.Event))
    assert incident_kinds == set(get_args(incident_words.Event))
    assert lowering_kinds == set(get_args(lowering.Event))


def test_every_order_has_its_words() -> None:
    said_otherwise = {incident_words.Ask, incident_words.Answer}

    effects = {*get_args(watch_words.Effect), *get_args(incident_words.Effect), *get_args(lowering.Effect)}
    assert set(ORDERS) == effects - said_otherwise


def test_a_state_that_grew_out_of_another_names_one_that_is_there() -> None:
    assert {case.base for case in WATCHES.values() if case.base} <= set(WATCHES)
    assert {case.base for case in INCIDENTS.values() if case.base} <= set(INCIDENTS)


def test_no_row_names_the_same_happening_twice() -> None:
    for case in INCIDENTS.values():
        names = [name for name, *_ in incident_events(case)]
        assert len(names) == len(set(names))


def test_it_is_one_page() -> None:
    assert len(table().splitlines()) <= 110
