"""The texts of the defenders' bot, under the cover that the settings name."""

from config.covers import Covered, CoverRefused, wear
from config.settings import Settings
from config.texts import Texts

from .refusing import Refused


def read_cover(settings: Settings, texts: Texts) -> Covered:
    """`texts` in the words of the cover. Raises Refused with everything that is wrong with it."""
    try:
        return wear(settings.cover, texts, settings.language)
    except CoverRefused as fault:
        raise Refused("\n".join(f"TOCSIN_COVER: {line}" for line in str(fault).splitlines())) from None
