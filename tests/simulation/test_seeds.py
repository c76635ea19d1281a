"""Seeds of the simulation: what was promised is kept in each of them, and the same seed is the same run."""

import logging
from collections.abc import Iterator

import pytest

from simulation.seeds import Size, clean_up, simulate

SHORT = Size(hours=(0.3, 0.8), defenders=(1, 2), harshness=10.0)


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


@pytest.mark.parametrize("seed", range(1, 5))
def test_what_was_promised_is_kept(seed: int) -> None:
    outcome = simulate(seed, SHORT)

    assert outcome.broken == (), "\n".join(outcome.last)


def test_the_same_seed_is_the_same_run() -> None:
    first, again = (simulate(104, SHORT) for _ in range(2))

    assert first.events > 20
    assert first.digest == again.digest


def test_another_seed_is_another_run() -> None:
    assert simulate(104, SHORT).digest != simulate(105, SHORT).digest


def test_no_id_decides_in_which_order_something_is_done() -> None:
    assert simulate(104, SHORT, ids=1).digest == simulate(104, SHORT).digest
