"""The cities by which people name their time zone, beside those that zones are named for; `cities.toml` says how they
are written."""

import tomllib
from pathlib import Path

CITIES = Path(__file__).parent / "cities.toml"

City = tuple[tuple[str, ...], str, float, float]  # its names, its time zone, latitude and longitude in degrees


def load_cities(path: Path = CITIES) -> tuple[City, ...]:
    """Every city. Raises ValueError, with a sentence that says what to write, for a file of another shape."""
    try:
        zones = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from error
    return tuple(
        _city(path, zone, row) for zone, rows in zones.items() for row in (rows if isinstance(rows, list) else [rows])
    )


def _city(path: Path, zone: str, row: object) -> City:
    match row:
        case [str(names), int() | float() as latitude, int() | float() as longitude]:
            return tuple(names.split("|")), zone, float(latitude), float(longitude)
        case _:
            raise ValueError(f'{path.name}, "{zone}": write ["Name|Other name", latitude, longitude].')
