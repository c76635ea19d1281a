"""The file of ladders and chains: what it gives, and that every fault in it is told at once, plainly."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from config.duration import read_duration, write_duration
from config.ladders import PACKAGED, LaddersRefused, load_ladders
from escalation.ladder import Chain, Slips, Tier, plan
from escalation.people import Role

Refused = Callable[[str], tuple[str, ...]]


def minutes(*numbers: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=number) for number in numbers)


def hours(*numbers: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(hours=number) for number in numbers)


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """Gives the faults of a file with this text."""

    def faults(text: str) -> tuple[str, ...]:
        path = tmp_path / "ladders.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(LaddersRefused) as refusal:
            load_ladders(path)
        return refusal.value.faults

    return faults


def changed(*changes: tuple[str, str]) -> str:
    """The packaged file with each first of a pair, which stands in it, replaced by the second wherever it does."""
    text = PACKAGED.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


# What the packaged file gives


@pytest.mark.parametrize(
    ("name", "reminders", "grace", "missed"),
    [
        ("low", minutes(-60, 0, 60), timedelta(hours=2), hours(2, 4, 8, 24)),
        ("standard", minutes(-60, -10, 0, 10, 20), timedelta(minutes=30), hours(0.5, 1, 2, 6)),
        ("high", minutes(-10, 0, 5), timedelta(minutes=10), minutes(10, 20, 30, 60)),
    ],
)
def test_the_profiles_are_those_that_were_promised(
    name: str, reminders: tuple[timedelta, ...], grace: timedelta, missed: tuple[timedelta, ...]
) -> None:
    profile = load_ladders(None).profiles[name]

    assert profile.name == name
    assert profile.pace.reminders == reminders
    assert profile.pace.grace == grace
    assert tuple(grace + after for after in profile.missed.tiers) == missed


@pytest.mark.parametrize("name", ["low", "standard", "high"])
def test_a_panic_calls_its_first_tier_and_the_coordinators_at_once(name: str) -> None:
    panic = load_ladders(None).profiles[name].panic

    assert panic.tiers == minutes(0, 5, 10, 30)
    assert panic.overseers == tuple(zip((Role.COORDINATOR, Role.LEAD, Role.DIRECTOR), minutes(0, 60, 90), strict=True))
    assert panic.repeat_every == timedelta(minutes=2)
    assert panic.hold_for * panic.holds_in_a_row == timedelta(minutes=30)


def test_duress_calls_two_tiers_at_once() -> None:
    profile = load_ladders(None).profiles["standard"]

    assert profile.duress.tiers[:2] == minutes(0, 0)
    assert profile.duress.overseers == profile.panic.overseers


def test_only_the_high_risk_is_silent_about_slips() -> None:
    profiles = load_ladders(None).profiles.items()
    assert [name for name, profile in profiles if profile.pace.slips is Slips.SILENT] == ["high"]


def test_only_the_low_risk_checks_in_by_one_tap() -> None:
    assert [name for name, profile in load_ladders(None).profiles.items() if profile.one_tap] == ["low"]


def test_the_chain_goes_from_those_nearest_to_those_farthest() -> None:
    (chain,) = load_ladders(None).chains.values()

    assert [(tier.name, tier.role, tier.who) for tier in chain] == [
        ("contacts", Role.CONTACT, "own"),
        ("colleagues", Role.COLLEAGUE, "own"),
        ("lawyers", Role.LAWYER, "shared"),
        ("partners", Role.PARTNER, "shared"),
    ]


def test_partners_need_approval_for_a_missed_check_in_and_for_nothing_else() -> None:
    ladders = load_ladders(None)
    chain = Chain(tuple(Tier(tier.name, tier.role, (), tier.approval) for tier in ladders.chains["default"]))
    profile = ladders.profiles["standard"]

    def approved(kind: str) -> list[str]:
        return [step.tier for step in plan(getattr(profile, kind), chain, ()).steps if step.approval]

    assert {kind: approved(kind) for kind in ("missed", "panic", "duress", "drill")} == {
        "missed": ["partners"],
        "panic": [],
        "duress": [],
        "drill": [],
    }


def test_a_profile_may_have_a_panic_of_its_own(tmp_path: Path) -> None:
    own = PACKAGED.read_text(encoding="utf-8").partition("[panic]")[2].partition("\n#")[0]
    path = tmp_path / "ladders.toml"
    path.write_text(changed() + "\n[profiles.high.panic]" + own.replace('"5m"', '"1m"'), encoding="utf-8")

    profiles = load_ladders(path).profiles

    assert profiles["high"].panic.tiers == minutes(0, 1, 10, 30)
    assert profiles["low"].panic.tiers == minutes(0, 5, 10, 30)


# What is refused


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            [('grace = "30m"', 'grace = "half an hour"')],
            'profiles.standard.grace: write a duration such as "90s", "10m", "2h" or "3d".',
        ),
        ([('grace = "30m"', "grace = 30")], 'profiles.standard.grace: write a duration such as "90s"'),
        ([('grace = "30m"', 'grace = "0m"')], "profiles.standard.grace: write a duration above zero"),
        ([('grace = "30m"', 'grace = "-30m"')], "profiles.standard.grace: write a duration above zero"),
        ([('grace = "30m"\n', "")], "profiles.standard.grace: add this"),
        ([('"-10m", "0m", "5m"', '"0m", "-10m", "5m"')], "profiles.high.reminders: put these in rising order"),
        ([('"-10m", "0m", "5m"', '"-10m", "0m", "10m"')], "profiles.high.reminders: keep them before the grace"),
        ([('repeat_every = "5m"', 'repeat_every = "0s"')], "profiles.high.missed.repeat_every: write a duration above"),
        ([('hold_for = "15m"', 'hold_for = "0m"')], "panic.hold_for: write a duration above zero"),
        ([('round_after = "60m"', 'round_after = "0m"')], "drill.round_after: write a duration above zero"),
        ([("holds_in_a_row = 2", "holds_in_a_row = 0")], "panic.holds_in_a_row: write a number of at least 1."),
        ([("holds_in_a_row = 2", "holds_in_a_row = 99")], "panic.holds_in_a_row: write a number of at most 10."),
        ([("holds_in_a_row = 2", 'holds_in_a_row = "2"')], "panic.holds_in_a_row: write a whole number"),
        ([("one_tap = true", 'one_tap = "yes"')], "profiles.low.one_tap: write true or false."),
        ([('slips = "silent"', 'slips = "loud"')], "profiles.high.slips: write one of 'remind' or 'silent'."),
        ([("one_tap = true", 'one_tap = true\nslips = "silent"')], "profiles.low.slips: take this out, or one_tap"),
        ([('"2h", "4h", "8h"', '"2h", "8h", "4h"')], "profiles.low.missed.tiers: put these in rising order"),
        ([('["0m", "5m"', '["5m", "5m"')], 'panic.tiers: begin with "0m"'),
        ([('["30m", "60m"', '["40m", "60m"')], 'profiles.standard.missed.tiers: begin with "30m", the grace'),
        (
            [('["0m", "0m", "10m", "30m"]', '["0m", "0m"]')],
            "duress.tiers: write 4 offsets, one for each tier of chains.d",
        ),
        ([('["0m", "0m", "10m", "30m"]', "[]")], "duress.tiers: name at least one here"),
        ([('coordinator = "0m" }', 'boss = "0m" }')], "drill.overseers.boss: this is not known here"),
        (
            [('role = "lawyer"', 'role = "director"')],
            "chains.default, entry 3.role: write one of 'contact', 'colleague'",
        ),
        ([('name = "lawyers"', 'name = "contacts"')], "chains.default: give each tier a name of its own."),
        ([('name = "lawyers"', 'name = "The Lawyers"')], "chains.default, entry 3.name: use small letters"),
        (
            [('role = "contact", who = "own"', 'role = "contact", who = []')],
            "chains.default, entry 1.who: this names nobody",
        ),
        (
            [('role = "contact", who = "own"', 'role = "contact", who = ""')],
            "chains.default, entry 1.who: this names nobody",
        ),
        (
            [('role = "contact", who = "own"', 'role = "contact", who = "own", approval = true')],
            "chains.default: take the approval off the first tier",
        ),
        ([("[profiles.high]", "[profiles.high]\npatience = true")], "profiles.high.patience: this is not known here"),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_to_do(
    changes: list[tuple[str, str]], fault: str, refused: Refused
) -> None:
    faults = refused(changed(*changes))

    assert any(told.startswith(fault) for told in faults), faults


@pytest.mark.parametrize("chain", ["default = []", "[chains.default]"])
def test_a_chain_without_a_tier_is_refused(chain: str, refused: Refused) -> None:
    before, _, rest = PACKAGED.read_text(encoding="utf-8").partition("default = [")
    text = f"{before}{chain}\n{rest.partition(']')[2]}"

    assert any(fault.startswith("chains.default: name at least one here") for fault in refused(text))


def test_every_fault_is_told_at_once(refused: Refused) -> None:
    text = changed(
        ('grace = "30m"', 'grace = "soon"'),
        ('"-10m", "0m", "5m"', '"0m", "-10m"'),
        ('role = "lawyer"', 'role = "judge"'),
        ('["0m", "15m", "30m", "60m"]', '["1m", "15m"]'),
    )

    faults = refused(text)

    assert sorted(fault.partition(":")[0] for fault in faults) == [
        "chains.default, entry 3.role",
        "drill.tiers",
        "drill.tiers",
        "profiles.high.reminders",
        "profiles.standard.grace",
    ]


def test_a_fault_repeats_nothing_that_was_written(refused: Refused) -> None:
    told = "\n".join(refused(changed(('grace = "30m"', 'grace = "Bo"'), ('role = "lawyer"', 'role = "Bo"'))))

    assert "Bo" not in told


@pytest.mark.parametrize("text", ["profiles = 3", "chains = []\npanic = 1", "[profiles]\nlow = 1", ""])
def test_a_file_of_another_shape_is_refused_with_sentences(text: str, refused: Refused) -> None:
    assert all(fault.endswith(".") and ": " in fault for fault in refused(text))


def test_what_is_not_toml_is_refused_with_its_line(refused: Refused) -> None:
    (fault,) = refused("grace = 30m")

    assert "line 1" in fault
    assert "in quotes" in fault


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LaddersRefused, match="cannot be read"):
        load_ladders(tmp_path / "none.toml")


# Durations


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("-60m", timedelta(hours=-1)),
    ],
)
def test_a_duration_is_read(written: str, length: timedelta) -> None:
    assert read_duration(written) == length


@pytest.mark.parametrize("written", ["", "10", "m", "1.5h", "10 m", "1h30m", "99999d", "--5m", "١m", 10, None, ["1m"]])
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match='such as "90s", "10m", "2h" or "3d"'):
        read_duration(written)


@pytest.mark.parametrize("written", ["90s", "10m", "2h", "3d", "0m"])
def test_a_duration_is_written_as_it_was_read(written: str) -> None:
    assert write_duration(read_duration(written)) == written
