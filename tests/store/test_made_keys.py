"""The files of keys: the forms of what is wrapped in them, and the older form that is brought into this one.

The forms are computed here a second time, from the words that describe them."""

import hmac
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from store import ingest
from store.cipher import new_key
from store.key_files import KeyFile, key_id
from store.made_keys import handover, ingest_file, key_file, of_root, root_file, under, unwrapped, wrapped_by
from store.refusals import SealBroken

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ROOT, KEK, OTHER = (bytes([number]) * 32 for number in (1, 2, 3))
PURPOSES = ("index", "log", "pepper", "token")


def derived(purpose: str) -> bytes:
    """A key for one purpose: HKDF with SHA-256 and no salt (RFC 5869), from the root key."""
    extracted = hmac.digest(bytes(32), ROOT, "sha256")
    return hmac.digest(extracted, f"tocsin/{purpose}/v1".encode() + b"\1", "sha256")


def said(*parts: bytes) -> bytes:
    """Each part, its length before it in two bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def opened(file: KeyFile, kek: bytes, belongs_to: bytes) -> bytes:
    """What is wrapped in a file, by its written form."""
    wrapped = file.fields["wrapped"]
    head, nonce, rest = wrapped[:6], wrapped[6:18], wrapped[18:]
    assert head == b"\1\1" + bytes.fromhex(key_id(kek))
    return AESGCMSIV(kek).decrypt(nonce, rest, head + belongs_to)


@pytest.mark.parametrize(("use", "days"), [("kek", 30), ("share", 30), ("sign", 365), ("handover", 365)])
def test_a_file_is_named_after_its_key_and_says_how_long_that_lasts(use: str, days: int) -> None:
    moment = datetime(2026, 3, 2, 23, 30, 7, 999_999, tzinfo=timezone(timedelta(hours=-5)))

    file = key_file(use, OTHER, {"key": KEK}, moment)

    assert (file.use, file.id, file.fields) == (use, key_id(OTHER), {"key": KEK})
    assert file.created == datetime(2026, 3, 3, 4, 30, 7, tzinfo=UTC)
    assert file.retire_after == date(2026, 3, 3) + timedelta(days=days)


def test_of_a_root_only_what_a_locked_machine_needs_stands_open() -> None:
    file = root_file(ROOT, KEK, NOW)

    assert (file.use, file.id, file.created) == ("root", key_id(ROOT), NOW)
    assert set(file.fields) == {"index", "log", "wrapped"}
    assert (file.fields["index"], file.fields["log"]) == (derived("index"), derived("log"))
    bound = said(b"tocsin/root-key/v1", key_id(ROOT).encode(), derived("index"), derived("log"))
    assert opened(file, KEK, bound) == derived("pepper") + derived("token")
    everything = file.text().encode() + b"".join(file.fields.values())
    assert not any(key in everything for key in (ROOT, derived("pepper"), derived("token")))


def test_a_root_gives_its_open_keys_to_anybody_and_the_others_to_who_has_the_key_that_wraps_them() -> None:
    file = root_file(ROOT, KEK, NOW)

    assert of_root(file, None) == {purpose: derived(purpose) for purpose in ("index", "log")}
    assert of_root(file, KEK) == {purpose: derived(purpose) for purpose in PURPOSES}
    with pytest.raises(SealBroken):
        of_root(file, OTHER)


@pytest.mark.parametrize("changed", [{"id": "00000000"}, {"index": OTHER}, {"log": OTHER}])
def test_a_root_that_was_altered_does_not_open(changed: dict[str, bytes | str]) -> None:
    file = root_file(ROOT, KEK, NOW)
    if "id" in changed:
        altered = replace(file, id=str(changed["id"]))
    else:
        altered = replace(file, fields={**file.fields, **changed})  # type: ignore[dict-item] # bytes but for the id

    with pytest.raises(SealBroken):
        of_root(altered, KEK)


def test_a_root_of_the_older_form_gives_the_same_keys_and_is_brought_into_this_one() -> None:
    old = KeyFile("root", key_id(ROOT), NOW, date(2027, 3, 2), {"key": ROOT})

    after = under(old, None, KEK)

    assert wrapped_by(old) is None
    assert of_root(old, None) == of_root(after, KEK) == {purpose: derived(purpose) for purpose in PURPOSES}
    assert (after.use, after.id, after.created, after.retire_after) == ("root", old.id, NOW, old.retire_after)
    assert wrapped_by(after) == key_id(KEK)
    assert set(after.fields) == {"index", "log", "wrapped"}


def test_a_root_goes_on_giving_the_same_keys_under_another_key() -> None:
    after = under(root_file(ROOT, KEK, NOW), KEK, OTHER)

    assert wrapped_by(after) == key_id(OTHER)
    assert of_root(after, OTHER) == {purpose: derived(purpose) for purpose in PURPOSES}
    with pytest.raises(SealBroken):
        under(root_file(ROOT, KEK, NOW), OTHER, OTHER)


def test_the_private_half_of_an_ingest_key_is_wrapped_and_bound_to_the_public_one() -> None:
    file, another = ingest_file(KEK, NOW), ingest_file(KEK, NOW)
    public = file.fields["public"]

    private = opened(file, KEK, said(b"tocsin/ingest-key/v1", public))

    assert (file.use, file.id, file.created, set(file.fields)) == ("ingest", key_id(public), NOW, {"public", "wrapped"})
    assert ingest.public_of(private) == public != another.fields["public"]
    assert unwrapped(file, KEK) == private
    with pytest.raises(SealBroken):
        unwrapped(replace(file, fields={**file.fields, "public": another.fields["public"]}), KEK)


def test_an_ingest_key_goes_on_opening_under_another_key() -> None:
    file = ingest_file(KEK, NOW)

    after = under(file, KEK, OTHER)

    assert (after.use, after.id, after.created, after.retire_after) == (file.use, file.id, NOW, file.retire_after)
    assert after.fields["public"] == file.fields["public"]
    assert (wrapped_by(file), wrapped_by(after)) == (key_id(KEK), key_id(OTHER))
    assert unwrapped(after, OTHER) == unwrapped(file, KEK)
    for before in (None, OTHER):
        with pytest.raises((SealBroken, ValueError)):
            under(file, before, OTHER)


def test_a_handover_gives_a_key_to_who_has_the_one_before() -> None:
    kek = new_key()
    file = handover(KEK, kek, NOW)

    assert (file.use, file.id, wrapped_by(file)) == ("handover", key_id(kek), key_id(KEK))
    assert opened(file, KEK, said(b"tocsin/handover/v1", key_id(kek).encode())) == kek
    assert unwrapped(file, KEK) == kek
    with pytest.raises(SealBroken):
        unwrapped(replace(file, id=key_id(OTHER)), KEK)
