"""Time zones as people name them: "America/Bogota", "bogota", "new york"."""

from functools import cache
from zoneinfo import available_timezones

MOST_OFFERED = 8
NOT_PLACES = ("Etc/", "SystemV/", "posix/", "right/")


def zones_named(text: str) -> tuple[str, ...]:
    """The zones that `text` may mean, at most eight: the one of this very name, or those whose place is called so."""
    wanted = "_".join(text.lower().split())
    if not wanted:
        return ()
    zones = _zones()
    exact = [name for name in zones if name.lower() == wanted]
    places = [name for name in zones if name.lower().rpartition("/")[2] == wanted]
    parts = [name for name in zones if wanted in name.lower()]
    return tuple((exact or places or parts)[:MOST_OFFERED])


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith(NOT_PLACES)))
