"""Several machines: small in `make test`; at full size with TOCSIN_MACHINES=1 in the environment."""

import os

FULL = os.environ.get("TOCSIN_MACHINES", "0") == "1"


def sized(small: float, full: float) -> float:
    """How much of something this run has."""
    return full if FULL else small
