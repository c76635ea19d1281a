"""The simulation itself is put to the test: each of four broken builds is caught within fifty seeds."""

import logging
from collections.abc import Iterator

import pytest

from simulation.build import Build
from simulation.seeds import Size, clean_up, simulate
from tests.simulation.broken import ConfirmsBeforeItCommits, HoldsDeadlinesAsJobs, LetsAnAckEndAll, SettlesBeforeItSends

SILENT = Size(hours=(0.8, 1.0), defenders=(2, 2), harshness=14.0, danger=0.0, habits=("silent",))
STORMS = Size(hours=(0.3, 0.4), defenders=(2, 2), harshness=40.0, danger=1.0)
TROUBLED = Size(hours=(0.3, 0.6), defenders=(2, 2), harshness=14.0, danger=0.9)
LIARS = Size(hours=(0.9, 1.1), defenders=(2, 2), harshness=0.0, danger=0.9, lies=0.7)
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("broken", "size"),
    [
        (ConfirmsBeforeItCommits, STORMS),
        (HoldsDeadlinesAsJobs, SILENT),
        (LetsAnAckEndAll, LIARS),
        (SettlesBeforeItSends, TROUBLED),
    ],
)
def test_a_broken_build_is_caught_within_fifty_seeds(broken: type[Build], size: Size) -> None:
    caught = (bool(simulate(seed, size, broken()).broken) for seed in range(1, WITHIN + 1))

    assert any(caught)
