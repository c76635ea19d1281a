"""Which time zone somebody means who names it, names a city or a country, or shares where they are. Nothing is asked
of any network.

Known are the zones' own cities in every language that Babel has for us, the countries that have few zones, and the
cities that we are given. Several places of one name are several answers: the person chooses, and always sees what the
clocks show there before anything is set.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib.resources import files
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from .folding import fold

City = tuple[tuple[str, ...], str, float, float]  # its names, its zone, latitude and longitude in degrees

MOST = 5  # zones to choose from; a country with more is no help
COORDINATES = re.compile(r"([+-]\d{4,6})([+-]\d{5,7})")  # ISO 6709 without a dot, as in tzdata's zone.tab


class Places:
    """Finds time zones. Its index is made on first use, which takes a fifth of a second."""

    def __init__(self, cities: Iterable[City], languages: Sequence[str]) -> None:
        self._cities = tuple(cities)
        self._languages = tuple(languages)

    def named(self, text: str) -> tuple[str, ...]:
        """The zones that `text` may mean, IANA names, at most five; none when it is not known or means too many."""
        whole, city = _key(text), _key(re.split("[,،(]", text)[0])
        for found in (self._zones.get(whole), self._named.get(whole), self._named.get(city)):
            if found:
                return found if len(found) <= MOST else ()
        return ()

    def knows(self, zone: str) -> bool:
        """Whether `zone` is the IANA name of a zone."""
        return zone in self._zones.get(_key(zone), ())

    def nearest(self, latitude: float, longitude: float) -> str:
        """The zone of the known city that is nearest, which near a border may be the neighbour's."""
        here = _on_sphere(latitude, longitude)
        return min(self._points, key=lambda point: math.dist(here, point[0]))[1]

    @cached_property
    def _zones(self) -> dict[str, tuple[str, ...]]:
        return {_key(zone): (zone,) for zone in available_timezones() if "/" in zone or zone == "UTC"}

    @cached_property
    def _points(self) -> list[tuple[tuple[float, float, float], str]]:
        points = [(_on_sphere(latitude, longitude), zone) for _, latitude, longitude, zone in _zone_tab()]
        return points + [(_on_sphere(latitude, longitude), zone) for _, zone, latitude, longitude in self._cities]

    @cached_property
    def _named(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for name, zone in (*self._city_names(), *self._country_names()):
            found.setdefault(_key(name), {})[zone] = None
        today = {zone for _, _, _, zone in _zone_tab()}
        return {name: tuple(zone for zone in zones if zone in today) or tuple(zones) for name, zones in found.items()}

    def _city_names(self) -> Iterator[tuple[str, str]]:
        today = {get_global("zone_aliases").get(zone, zone): zone for _, _, _, zone in _zone_tab()}
        for _, _, _, zone in _zone_tab():
            yield zone.rsplit("/", 1)[-1], zone
        for zone in available_timezones():
            if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/")):
                yield zone.rsplit("/", 1)[-1], today.get(get_global("zone_aliases").get(zone, zone), zone)
        for language in self._languages:
            for zone, texts in Locale.parse(language).time_zones.items():
                if "/" in zone and "city" in texts:
                    yield texts["city"], today.get(zone, zone)
        for names, zone, _, _ in self._cities:
            for name in names:
                yield name, zone

    def _country_names(self) -> Iterator[tuple[str, str]]:
        territories = [Locale.parse(language).territories for language in self._languages]
        for country, _, _, zone in _zone_tab():
            for names in territories:
                if country in names:
                    yield names[country], zone


def _key(text: str) -> str:
    return fold(re.sub(r"[_\s./-]+", " ", text))


def _zone_tab() -> list[tuple[str, float, float, str]]:
    """Rows of (country, latitude, longitude, zone): every zone that people live in, for each country that uses it."""
    rows = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    fields = [row.split("\t") for row in rows if row and not row.startswith("#")]
    return [(country, *_degrees(where), zone) for country, where, zone, *_ in fields]


def _degrees(text: str) -> tuple[float, float]:
    found = COORDINATES.fullmatch(text)
    if found is None:
        raise ValueError("tzdata's zone.tab is not as it was.")
    return _angle(found[1], whole=2), _angle(found[2], whole=3)


def _angle(text: str, *, whole: int) -> float:
    digits = text[1:]
    degrees, minutes, seconds = digits[:whole], digits[whole : whole + 2], digits[whole + 2 :] or "0"
    size = int(degrees) + int(minutes) / 60 + int(seconds) / 3600
    return -size if text[0] == "-" else size


def _on_sphere(latitude: float, longitude: float) -> tuple[float, float, float]:
    phi, theta = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)
