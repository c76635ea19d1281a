"""The data folder: for its owner alone, and never made by accident in the wrong place."""

from pathlib import Path

from .refusing import Refused

OWNER_ONLY = 0o700


def make_folder(folder: Path) -> bool:
    """Make `folder` for its owner alone; True when it was not there before. Raises Refused when it cannot be made."""
    if folder.is_dir():
        return False
    try:
        folder.mkdir(mode=OWNER_ONLY, parents=True)
        folder.chmod(OWNER_ONLY)
    except OSError as error:
        raise Refused(
            f"The data folder {folder} cannot be made ({error.strerror}): name another in TOCSIN_DATA."
        ) from None
    return True


def need_folder(folder: Path) -> None:
    """Raises Refused when there is no data folder: an empty one made in the wrong place would watch over nobody."""
    if not folder.is_dir():
        raise Refused(
            f"There is no data folder at {folder}: run `tocsin init` to begin here, or name the right one in"
            " TOCSIN_DATA."
        )


def open_to_others(folder: Path) -> bool:
    """Whether anybody but the owner can look into `folder`."""
    return bool(folder.stat().st_mode & 0o077)
