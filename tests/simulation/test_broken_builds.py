"""The simulation itself is put to the test: each of four broken builds is caught within fifty seeds."""

import logging
from collections.abc import Iterator

import pytest

from simulation.build import Build
from simulation.seeds import Size, clean_up, simulate
from tests.simulation.broken import ConfirmsBeforeItCommits, HoldsDeadlinesAsJobs, LetsAnAckEndAll, SettlesBeforeItSends

ROUGH = Size(hours=(1.2, 1.5), defenders=(2, 3), harshness=14.0)
WITHIN = 50  # seeds


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The service logs what the weather does to it; nobody reads that here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module", autouse=True)
def places() -> Iterator[None]:
    """Leave no file behind."""
    yield
    clean_up()


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (SettlesBeforeItSends, "has not heard of"),
        (ConfirmsBeforeItCommits, "has not heard of a call for help"),
        (HoldsDeadlinesAsJobs, "has not heard of a silence"),
        (LetsAnAckEndAll, "nothing is heard of it"),
    ],
)
def test_a_broken_build_is_caught_within_fifty_seeds(broken: type[Build], promise: str) -> None:
    caught = (simulate(seed, ROUGH, broken()) for seed in range(1, WITHIN + 1))

    assert any(promise in line for outcome in caught for line in outcome.broken)
