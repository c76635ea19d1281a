"""Signed notes and checkpoints: what was signed is read as it was, and nothing else is."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from store.notes import Checkpoint, NoteRefused, VerifierKey, signed, text_of

PRIVATE, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
KEY, ANOTHER = (VerifierKey("example.org/log", one.public_key().public_bytes_raw()) for one in (PRIVATE, OTHER))
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint("example.org/log", 12, ROOT)
NOTE = signed(str(CHECKPOINT), KEY, PRIVATE.sign)
SIGNATURE = NOTE.split("\n")[-2]


def test_what_was_signed_is_read_again() -> None:
    assert Checkpoint.read(text_of(NOTE, [ANOTHER, KEY])) == CHECKPOINT
    assert VerifierKey.read(f" {KEY}\n") == KEY


def test_a_note_begins_with_its_text_and_ends_with_who_signed_it() -> None:
    assert f"example.org/log\n12\n{b64encode(ROOT).decode()}\n\n{SIGNATURE}\n" == NOTE
    assert SIGNATURE.startswith("— example.org/log ")


def test_a_text_may_hold_empty_lines() -> None:
    assert text_of(signed("one\n\ntwo\n", KEY, PRIVATE.sign), [KEY]) == "one\n\ntwo\n"


def test_signatures_of_others_are_passed_over() -> None:
    witness = signed(str(CHECKPOINT), VerifierKey("example.org/witness", ANOTHER.public), OTHER.sign).split("\n")[-2]

    assert text_of(f"{NOTE}{witness}\n", [KEY]) == str(CHECKPOINT)
    assert text_of(NOTE.replace(SIGNATURE, f"{witness}\n{SIGNATURE}"), [KEY]) == str(CHECKPOINT)


def test_whom_nobody_trusts_signs_nothing() -> None:
    for keys in ([], [ANOTHER], [VerifierKey("example.org/else", KEY.public)]):
        with pytest.raises(NoteRefused, match="Nobody"):
            text_of(NOTE, keys)


def test_a_wrong_signature_of_somebody_trusted_refuses_the_whole_note() -> None:
    wrong = signed("something else\n", ANOTHER, OTHER.sign).split("\n")[-2]

    with pytest.raises(NoteRefused, match="not good"):
        text_of(f"{NOTE}{wrong}\n", [KEY, ANOTHER])
    with pytest.raises(NoteRefused, match="not good"):
        text_of(NOTE.replace("\n12\n", "\n13\n"), [KEY])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        str(CHECKPOINT),
        f"{CHECKPOINT}\n",
        f"{CHECKPOINT}{SIGNATURE}\n",
        NOTE.removesuffix("\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—"),
        NOTE.replace("example.org/log ", "example.org/log+ "),
        NOTE.replace(SIGNATURE, SIGNATURE[:-4]),
        NOTE.replace(SIGNATURE, f"{SIGNATURE} more"),
        NOTE.replace(SIGNATURE, "— example.org/log AAAA"),
        NOTE.replace(SIGNATURE, f"{SIGNATURE}\r"),
        NOTE.replace("12", "1\t2"),
        NOTE + f"{SIGNATURE}\n" * 100,
        f"{'x' * 70_000}\n\n{SIGNATURE}\n",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteRefused):
        text_of(note, [KEY])


def test_a_signed_text_is_refused_if_it_is_no_text_of_a_note() -> None:
    longest = "x" * (64 * 1024 - len(signed("", KEY, PRIVATE.sign)) - 1) + "\n"

    assert text_of(signed(longest, KEY, PRIVATE.sign), [KEY]) == longest
    for wrong in (f"x{longest}", "a\tb\n", "a\x00\n", "a\rb\n"):
        with pytest.raises(NoteRefused, match="no signed note"):
            text_of(signed(wrong, KEY, PRIVATE.sign), [KEY])


def test_a_note_ends_with_the_last_line_of_it() -> None:
    with pytest.raises(NoteRefused, match="no signed note"):
        text_of(f"{NOTE}{SIGNATURE}", [KEY])


def test_a_signature_is_more_than_the_name_of_a_key() -> None:
    with pytest.raises(NoteRefused, match="no signed note"):
        text_of(f"{NOTE}— somebody {b64encode(bytes(4)).decode()}\n", [KEY])
    assert text_of(f"{NOTE}— somebody {b64encode(bytes(5)).decode()}\n", [KEY]) == str(CHECKPOINT)


def test_as_many_signatures_as_others_take_are_taken() -> None:
    assert text_of(NOTE + f"{SIGNATURE}\n" * 99, [KEY]) == str(CHECKPOINT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"a\n01\n{b64encode(ROOT).decode()}\n",
        f"a\n-1\n{b64encode(ROOT).decode()}\n",
        f"a\n1\n{b64encode(ROOT).decode()}",
        f"\n1\n{b64encode(ROOT).decode()}\n",
        f"a\n1\n{b64encode(ROOT[1:]).decode()}\n",
        f"a\n1\n{b64encode(ROOT).decode()[:-1]}\n",
        f"a\n1\n{b64encode(ROOT).decode()}\n\nmore\n",
        f"a\n1\n{b64encode(ROOT).decode()}\n\n",
        f"a\n1\n{b64encode(ROOT).decode()}\nmore",
        f"a\n1\n{b64encode(ROOT + ROOT[:1]).decode()}\n",
        f"a\n1\n{b64encode(ROOT).decode()[:-2]}9=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        Checkpoint.read(text)


def test_further_lines_of_a_checkpoint_are_passed_over() -> None:
    assert Checkpoint.read(f"{CHECKPOINT}more\n") == CHECKPOINT
    assert Checkpoint.read(f"a\n0\n{b64encode(ROOT).decode()}\n").size == 0


def key_line(name: str, content: bytes) -> str:
    """A line whose hash fits its name and key, whatever these are."""
    return f"{name}+{VerifierKey(name, content[1:]).id.hex()}+{b64encode(content).decode()}"


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "a", "a+b", "a+00000000+AAAA", str(KEY)[:-1], str(KEY) + "=", f"x{KEY}", str(KEY).upper()),
        key_line("example.org/log", b"\x02" + KEY.public),
        key_line("example.org/log", b"\x01" + KEY.public[1:]),
        key_line("example.org/log", b"\x01" + KEY.public + b"\x00"),
        key_line("example log", b"\x01" + KEY.public),
        key_line("", b"\x01" + KEY.public),
    ],
)
def test_what_is_no_key_is_refused(wrong: str) -> None:
    with pytest.raises(NoteRefused):
        VerifierKey.read(wrong)
