"""Key files word for word: check and id are computed here a second time, and every rule of the form is tried."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from store.key_files import LONGEST, KeyFile, key_id, make_key_folder, parse, read, read_folder, read_folders
from store.refusals import KeysRefused

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
MADE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ID = hmac.digest(KEY, b"tocsin/keyid/v1", "sha256")[:4].hex()


def base64url(value: bytes) -> str:
    """As it stands in a file."""
    return urlsafe_b64encode(value).decode()


def written(use: str, id_: str, fields: Mapping[str, bytes], under: bytes, *, more: str = "") -> str:
    """A key file, with its check under the key `under`."""
    lines = [
        "tocsin-key v1", f"id: {id_}", f"use: {use}", "created: 2026-03-02T08:00:00Z", "retire-after: 2026-04-01",
        *(f"{name}: {base64url(value)}" for name, value in sorted(fields.items())),
    ]  # fmt: skip
    above = "".join(f"{line}\n" for line in lines) + more
    check = hmac.digest(under, b"tocsin/keycheck/v1" + above.encode(), "sha256")[:16]
    return f"{above}check: {base64url(check)}\n"


@pytest.mark.parametrize(
    ("use", "fields", "under"),
    [
        ("root", {"key": KEY}, KEY),
        ("root", {"index": OTHER, "log": KEY, "wrapped": b"-" * 60}, OTHER),
        ("kek", {"share": OTHER}, OTHER),
        ("kek", {"salt": b"-" * 16, "wrapped": OTHER}, b"tocsin/keycheck/v1"),
        ("handover", {"wrapped": OTHER}, b"tocsin/keycheck/v1"),
    ],
)
def test_a_file_is_written_as_it_is_described_and_read_again(use: str, fields: dict[str, bytes], under: bytes) -> None:
    file = KeyFile(use, ID, MADE, date(2026, 4, 1), fields)

    assert key_id(KEY) == ID
    assert file.text() == written(use, ID, fields, under)
    assert parse(file.text()) == file


def test_an_instant_of_another_zone_is_written_in_utc() -> None:
    there = MADE.astimezone(timezone(timedelta(hours=-5)))

    assert "created: 2026-03-02T08:00:00Z\n" in KeyFile("root", ID, there, date(2026, 4, 1), {"key": KEY}).text()


def test_an_id_that_is_not_that_of_the_key_is_refused_though_the_check_fits() -> None:
    with pytest.raises(ValueError, match="its id is not that of its key"):
        parse(written("root", key_id(OTHER), {"key": KEY}, KEY))


def test_a_share_is_named_after_the_key_that_it_makes() -> None:
    assert parse(written("share", key_id(OTHER), {"key": KEY}, KEY)).id == key_id(OTHER)


def test_a_check_under_another_key_is_refused() -> None:
    for use, fields in [("root", {"key": KEY}), ("kek", {"share": KEY}), ("handover", {"wrapped": KEY})]:
        with pytest.raises(ValueError, match="its check does not fit"):
            parse(written(use, ID, fields, OTHER))


def test_what_is_cut_short_or_too_long_is_refused() -> None:
    whole = written("root", ID, {"key": KEY}, KEY)
    long = written("handover", ID, {"wrapped": bytes(LONGEST)}, b"tocsin/keycheck/v1")

    for text in (whole[:-1], whole.removeprefix("tocsin-"), long, ""):
        with pytest.raises(ValueError, match=r"does not begin with .* or is cut short"):
            parse(text)


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_a_file_may_be_as_long_as_is_read_and_not_one_letter_longer(more: int, fits: bool) -> None:
    def of_length(id_letters: int, size: int) -> str:
        return written("handover", "a" * id_letters, {"wrapped": bytes(size)}, b"tocsin/keycheck/v1")

    size = (LONGEST - len(of_length(8, 0))) // 4 * 3
    text = of_length(8 + more + LONGEST - len(of_length(8, size)), size)

    assert len(text) == LONGEST + more
    if fits:
        assert parse(text).use == "handover"
    else:
        with pytest.raises(ValueError, match="cut short"):
            parse(text)


def test_what_is_handed_over_stands_in_the_place_of_what_is_in_the_folder(tmp_path: Path) -> None:
    folder, more = tmp_path / "keys", tmp_path / "handed"
    for place in (folder, more):
        make_key_folder(place)
    stub = KeyFile("kek", ID, MADE, date(2026, 4, 1), {"salt": b"-" * 16, "wrapped": OTHER})
    handover = KeyFile("handover", ID, MADE, date(2026, 4, 1), {"wrapped": OTHER})
    root, other = (KeyFile(use, key_id(OTHER), MADE, date(2026, 4, 1), {"key": OTHER}) for use in ("root", "kek"))
    whole = KeyFile("kek", ID, MADE, date(2026, 4, 1), {"key": KEY})
    for one in (stub, handover, root, other):
        one.write(folder)
    whole.write(more).chmod(0o440)
    root.write(more)

    together = read_folders(folder, more)

    assert together[-1] == whole
    assert {one.name for one in together[:-1]} == {handover.name, root.name, other.name}
    assert read_folders(folder, None) == read_folders(folder, tmp_path / "nowhere") == read_folder(folder)


def test_a_line_is_divided_at_its_first_colon() -> None:
    with pytest.raises(ValueError, match="a field too many"):
        parse(written("root", ID, {"key": KEY}, KEY, more="a: b: c\n"))


def test_what_it_is_for_has_to_be_said() -> None:
    text = written("root", ID, {"key": KEY}, KEY)

    with pytest.raises(ValueError, match="nobody knows what it is for"):
        parse(text.replace("use: root\n", ""))


def test_a_file_that_is_no_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "root-5f3a9c21.key"
    path.write_bytes(b"tocsin-key v1\n\xff")
    path.chmod(0o400)

    with pytest.raises(KeysRefused, match=r"cannot be used \(it is not plain text\); put the right one") as refusal:
        read(path)
    assert str(path) in str(refusal.value)


def test_a_longer_file_than_any_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "root-5f3a9c21.key"
    path.write_text(written("root", ID, {"key": KEY}, KEY).ljust(LONGEST) + "\n", encoding="ascii")
    path.chmod(0o400)

    with pytest.raises(KeysRefused, match="cut short"):
        read(path)


def test_a_folder_for_keys_is_made_with_all_above_it_and_closed_if_it_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "keys"

    make_key_folder(folder)
    folder.chmod(0o755)
    make_key_folder(folder)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_who_others_may_look_at_is_named_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    make_key_folder(folder)
    file = KeyFile("root", ID, MADE, date(2026, 4, 1), {"key": KEY}).write(folder)
    file.chmod(0o440)

    with pytest.raises(KeysRefused) as refusal:
        read(file)
    assert str(refusal.value) == f"Others may look into the key file {file}: run `chmod 400 {file}`."

    file.chmod(0o400)
    folder.chmod(0o750)
    with pytest.raises(KeysRefused) as refusal:
        read_folder(folder)
    assert str(refusal.value) == f"Others may look into the key folder {folder}: run `chmod 700 {folder}`."
