"""Where a setting comes from: the environment (`X`), a file that holds it (`X_FILE`), a credential that systemd hands
over, or a line of the settings file. What comes first here goes before what comes after.

The settings file is the one that TOCSIN_CONFIG names, or `tocsin.toml` in the data folder; a path in it counts from the
file's own folder. An empty variable is one that is not set, as compose files leave them.
"""

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

PREFIX = "TOCSIN_"
FILE = "_file"
DATA, CONFIG = "TOCSIN_DATA", "TOCSIN_CONFIG"
DATA_FOLDER = ".tocsin"
SETTINGS_FILE = "tocsin.toml"
CREDENTIALS = "CREDENTIALS_DIRECTORY"  # of systemd.exec, "Credentials"; `mail_url` is `tocsin.mail_url` there
PATHS = ("data", "keys", "ladders", "checkpoint_drop")
LONGEST = 10_000  # characters; a file that holds more is not one secret
ALIKE = 0.84  # of difflib; TOCSIN_DATABASE_URL is meant for TOCSIN_DATABASE, TOCSIN_PORT for something else


def gather(environ: Mapping[str, str], here: Path, names: Iterable[str]) -> tuple[dict[str, object], list[str]]:
    """The values that were given, by setting, and what is wrong with where they come from. `data` is always given."""
    names = tuple(names)
    faults = list(_misspelled(environ, names))
    values = _from_credentials(environ, names, faults) | _from_environment(environ, names, faults)
    named = environ.get(CONFIG)
    folder = here / str(values.get("data", DATA_FOLDER))
    path = here / named if named else folder / SETTINGS_FILE
    if named or path.is_file():
        written = _from_file(path, faults)
        if not named and written.pop("data", None) is not None:
            faults.append(f"{DATA}: remove `data` from {SETTINGS_FILE}, for the file itself is found by it.")
        for name, value in written.items():
            values.setdefault(name, value)
    values["data"] = str(here / str(values.get("data", DATA_FOLDER)))
    return values, faults


def _from_environment(environ: Mapping[str, str], names: Iterable[str], faults: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in names:
        variable = PREFIX + name.upper()
        given, held = environ.get(variable), environ.get(variable + FILE.upper())
        if given and held:
            faults.append(f"{variable}: this and {variable}_FILE are both set; remove one of them.")
        if given:
            values[name] = given
        elif held and (text := _held(Path(held), variable, faults)) is not None:
            values[name] = text
    return values


def _from_credentials(environ: Mapping[str, str], names: Iterable[str], faults: list[str]) -> dict[str, object]:
    folder = environ.get(CREDENTIALS)
    handed = [(name, Path(folder) / f"tocsin.{name}") for name in names] if folder else []
    texts = [(name, _held(path, PREFIX + name.upper(), faults)) for name, path in handed if path.is_file()]
    return {name: text for name, text in texts if text is not None}


def _from_file(path: Path, faults: list[str]) -> dict[str, object]:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        faults.append(f"{CONFIG}: {path} cannot be read; name a file that is there, or remove the setting.")
        return {}
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{path}: this is not TOML; put each text in quotes ({_place(error)}).")
        return {}
    values: dict[str, object] = {}
    for key, value in written.items():
        if key.endswith(FILE) and isinstance(value, str):
            name = key.removesuffix(FILE)
            if (text := _held(path.parent / value, PREFIX + name.upper(), faults)) is not None:
                values[name] = text
        else:
            values[key] = str(path.parent / value) if key in PATHS and isinstance(value, str) else value
    return values


def _held(path: Path, variable: str, faults: list[str]) -> str | None:
    """What the file at `path` holds, without the line's end; None, and a fault, when it holds nothing usable."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        faults.append(f"{variable}_FILE: {path} cannot be read; name a file that is there and that we may read.")
        return None
    if not text or len(text) > LONGEST:
        faults.append(f"{variable}_FILE: {path} should hold the value and nothing else.")
        return None
    return text


def _misspelled(environ: Mapping[str, str], names: Iterable[str]) -> Iterable[str]:
    """Variables that are almost a setting, and would be passed over in silence."""
    known = [CONFIG, *(PREFIX + name.upper() + end for name in names for end in ("", FILE.upper()))]
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in known:
            meant = get_close_matches(variable, known, n=1, cutoff=ALIKE)
            if meant:
                yield f"{variable}: there is no such setting; {meant[0]} is probably meant, so rename it or remove it."


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Where the fault is ("at line 3, column 7"), without the text that stands there."""
    _, at, place = str(error).rpartition("(at ")
    return f"at {place.rstrip(')')}" if at else "the whole file"
