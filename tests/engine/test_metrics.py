"""What /metrics says: how much there is to do, and never what kind of call for help it was."""

import re

import pytest
from prometheus_client import generate_latest

from engine.metrics import Metrics
from escalation.incident_words import Kind

REAL = [kind for kind in Kind if kind is not Kind.DRILL]  # that a drill is one, everybody may know
TELLING = re.compile("|".join([*(kind.value for kind in REAL), "covert", "forced", "secret"]))


def said(*kinds: Kind) -> str:
    """The page after incidents of these kinds, counted as the work does it, without the instants at which it began."""
    metrics = Metrics()
    for kind in kinds:
        metrics.opened(kind)
    page = generate_latest(metrics.registry).decode()
    return "\n".join(line for line in page.splitlines() if "_created" not in line)


def test_no_name_label_or_help_text_names_a_kind() -> None:
    page = said(*Kind)

    assert "tocsin_incidents_opened_total" in page
    assert not TELLING.findall(page.lower())


@pytest.mark.parametrize("kind", REAL)
def test_a_covert_incident_counts_as_any_other_does(kind: Kind) -> None:
    assert said(kind) == said(Kind.DURESS)


def test_a_drill_counts_apart() -> None:
    assert said(Kind.DRILL) != said(Kind.DURESS)
