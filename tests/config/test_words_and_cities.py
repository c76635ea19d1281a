"""The words that call for help and the cities are tables that a team may add to; a slip is told in one sentence."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.cities import load_cities
from config.panic import load_panic_words


def test_every_language_has_words_that_call_for_help() -> None:
    words = load_panic_words()

    assert set(words) == {"en", "es", "fr", "pt", "ar", "ru"}
    assert {"sos", "help"} <= set(words["en"])
    assert "auxilio" in words["es"]
    assert "au secours" in words["fr"]
    assert "socorro" in words["pt"]
    assert "нужна помощь" in words["ru"]
    assert "النجدة" in words["ar"]


def test_every_city_stands_under_a_zone_that_there_is() -> None:
    assert {ZoneInfo(zone).key for _, zone, _, _ in load_cities()} == {zone for _, zone, _, _ in load_cities()}


@pytest.mark.parametrize("body", ['en = "sos"', "en = [1]", 'en = [" "]', "en = [", "[en]\nsos = 1"])
def test_a_slip_in_the_words_is_told(tmp_path: Path, body: str) -> None:
    path = tmp_path / "panic_words.toml"
    path.write_text(body, encoding="utf-8")

    with pytest.raises(ValueError, match=r"panic_words\.toml"):
        load_panic_words(path)


@pytest.mark.parametrize("body", ['"UTC" = ["Max"]', '"UTC" = [["Max", "here", 1]]', '"UTC" = [['])
def test_a_slip_in_the_cities_is_told(tmp_path: Path, body: str) -> None:
    path = tmp_path / "cities.toml"
    path.write_text(body, encoding="utf-8")

    with pytest.raises(ValueError, match=r"cities\.toml"):
        load_cities(path)
