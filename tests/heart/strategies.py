"""What Hypothesis draws from: zones, paces, plans, and everything that can happen."""

from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st

from escalation import incident_words as said
from escalation import watch_words
from escalation.incident_words import Kind, Outcome
from escalation.ladder import Chain, Ladder, Pace, Plan, Slips, Tier, plan
from escalation.people import ResponderId, Role
from escalation.routine import Daily
from escalation.watch import Watch, begin, begin_timer
from tests.heart.cast import ANA, ROUTINE, TIMER

T = TypeVar("T")

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Bogota", "America/Havana", "America/St_Johns",
    "Australia/Lord_Howe", "Australia/Eucla", "Africa/Casablanca", "Africa/Cairo", "Asia/Tehran", "Asia/Kathmandu",
    "Asia/Kolkata", "Asia/Gaza", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati",
)  # fmt: skip

PEOPLE = tuple(ResponderId(UUID(int=number)) for number in range(101, 109))
STRANGER = ResponderId(UUID(int=0))
CHAIN_ROLES = (Role.CONTACT, Role.COLLEAGUE, Role.LAWYER, Role.PARTNER)
OVERSEERS = (Role.COORDINATOR, Role.LEAD, Role.DIRECTOR)

people = st.sampled_from(PEOPLE)
anybody = st.sampled_from((*PEOPLE, STRANGER))
numbers = st.one_of(st.integers(-1, 4), st.integers())
lengths = st.one_of(  # with every length that a door could let through, and those that none should
    st.sampled_from([timedelta(), timedelta.min, timedelta.max, timedelta(microseconds=1)]),
    st.integers(-10, 600).map(lambda number: timedelta(minutes=number)),
    st.timedeltas(),
)


def wall_times() -> st.SearchStrategy[time]:
    """Times of day as people agree on them: to the minute."""
    return st.times().map(lambda wall: wall.replace(second=0, microsecond=0))


def whole_minutes(least: int, most: int) -> st.SearchStrategy[timedelta]:
    """Lengths of whole minutes."""
    return st.integers(least, most).map(lambda number: timedelta(minutes=number))


# Watches

moments = st.datetimes(datetime(2009, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
routines = st.builds(Daily, st.lists(wall_times(), min_size=1, max_size=3).map(tuple), st.sampled_from(ZONES))


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    """Reminders in rising order, all of them before the grace is over."""
    grace = draw(st.integers(1, 240))
    offsets = draw(st.sets(st.integers(-120, grace - 1), max_size=5))
    slips = draw(st.sampled_from(Slips))
    return Pace(tuple(timedelta(minutes=offset) for offset in sorted(offsets)), timedelta(minutes=grace), slips)


@st.composite
def watches(draw: st.DrawFn) -> tuple[Watch, datetime]:
    """A watch that has just begun, and when."""
    now, pace = draw(moments), draw(paces())
    if draw(st.booleans()):
        return begin_timer(TIMER, ANA, draw(whole_minutes(1, 600)), pace, now), now
    return begin(ROUTINE, ANA, draw(routines), pace, now), now


watch_events: st.SearchStrategy[watch_words.Event] = st.one_of(
    st.just(watch_words.TimePassed()),
    st.just(watch_words.CheckedIn()),
    st.just(watch_words.Tapped()),
    st.builds(watch_words.Proved, moments),
    st.builds(watch_words.Extended, lengths),
    st.builds(watch_words.Paused, lengths),
    st.just(watch_words.Resumed()),
    st.builds(watch_words.Rescheduled, routines),
    st.builds(watch_words.PaceChanged, paces()),
    st.builds(watch_words.ServiceReturned, lengths),
    st.just(watch_words.Stopped()),
)


# Incidents

kinds = st.sampled_from(Kind)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """One to four tiers, which may be empty and may share people, and whoever is on duty, who may be nobody."""
    count = draw(st.integers(1, 4))
    groups = draw(st.lists(st.lists(people, max_size=3), min_size=count, max_size=count))
    tiers = [
        Tier(f"tier {index}", CHAIN_ROLES[index], tuple(group), approval=index > 0 and draw(st.booleans()))
        for index, group in enumerate(groups)
    ]
    offsets = sorted(draw(st.lists(st.integers(0, 60), min_size=count - 1, max_size=count - 1)))
    roles = sorted(draw(st.sets(st.sampled_from(OVERSEERS))))
    ladder = Ladder(
        tiers=(timedelta(), *(timedelta(minutes=offset) for offset in offsets)),
        overseers=tuple((role, timedelta(minutes=draw(st.integers(0, 90)))) for role in roles),
        repeat_every=draw(whole_minutes(1, 20)),
        hold_for=draw(whole_minutes(1, 30)),
        holds_in_a_row=draw(st.integers(1, 3)),
        approval_within=draw(whole_minutes(0, 40)),
        round_after=draw(whole_minutes(1, 60)),
    )
    on_duty = draw(st.lists(st.tuples(st.sampled_from(OVERSEERS), people), max_size=4))
    return plan(ladder, Chain(tuple(tiers)), on_duty)


def presses(who: st.SearchStrategy[ResponderId]) -> st.SearchStrategy[said.Event]:
    """Everything that a person of `who` can press, also on old buttons and on buttons that never were."""
    return st.one_of(
        st.builds(said.TookIt, who),
        st.builds(said.Declined, who),
        st.builds(said.Saw, who),
        st.builds(said.Reported, who),
        st.builds(said.Approved, who, numbers, numbers),
        st.builds(said.Disputed, who, numbers),
        st.builds(said.Closed, who, st.sampled_from(Outcome)),
        st.builds(said.Confirmed, who, numbers),
    )


def presses_that_close_nothing(who: st.SearchStrategy[ResponderId]) -> st.SearchStrategy[said.Event]:
    """The same without the two that speak of the end."""
    return presses(who).filter(lambda event: not isinstance(event, said.Closed | said.Confirmed))


from_the_defender: st.SearchStrategy[said.Event] = st.sampled_from(
    [
        said.DefenderCheckedIn(),
        said.DefenderCheckedIn(forced=True),
        said.DefenderStillSilent(),
        said.DefenderCalledAgain(),
        said.DefenderSent(),
    ]
)
reach: st.SearchStrategy[said.Event] = st.one_of(
    st.builds(said.OutOfReach, anybody),
    st.builds(said.BackInReach, anybody),
    st.builds(said.CoordinatorJoined, anybody),
    st.just(said.NobodyToApprove()),
)
incident_events: st.SearchStrategy[said.Event] = st.one_of(
    st.just(said.TimePassed()), presses(anybody), from_the_defender, reach
)


def with_pauses(events: st.SearchStrategy[T], most: int = 12) -> st.SearchStrategy[list[tuple[timedelta, T]]]:
    """What happens, each after a while: pairs of (how long after the one before, event)."""
    a_while = st.one_of(st.just(timedelta()), whole_minutes(0, 20), whole_minutes(0, 2_000))
    return st.lists(st.tuples(a_while, events), max_size=most)
