"""Seeds of the simulation: what was promised is kept in each of them, and the same seed is the same run."""

import logging
from collections.abc import Iterator

import pytest

from simulation.seeds import Outcome, Size, clean_up, simulate

TOGETHER = Size(hours=(0.3, 0.8), defenders=(1, 2), harshness=10.0)
SHORT = Size(hours=(0.2, 0.4), defenders=(1, 1), harshness=14.0, danger=0.6)
SEED = 4  # an eventful one


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


@pytest.fixture(scope="module")
def run() -> Outcome:
    """One run of the seed."""
    return simulate(SEED, SHORT)


@pytest.mark.parametrize(("seed", "size"), [(1, SHORT), (5, SHORT), (6, SHORT), *((n, TOGETHER) for n in range(1, 5))])
def test_what_was_promised_is_kept(seed: int, size: Size) -> None:
    outcome = simulate(seed, size)

    assert outcome.broken == (), "\n".join(outcome.last)


def test_the_same_seed_is_the_same_run(run: Outcome) -> None:
    again = simulate(SEED, SHORT)

    assert run.events > 20
    assert again.digest == run.digest


def test_another_seed_is_another_run(run: Outcome) -> None:
    assert simulate(SEED + 1, SHORT).digest != run.digest


def test_no_id_decides_in_which_order_something_is_done(run: Outcome) -> None:
    assert simulate(SEED, SHORT, ids=1).digest == run.digest
