"""The table "in this state, when this happens", made by letting it happen.

Every row is what `decide` makes of a representative state and one event; nothing is written by hand but the names of
states, events and orders. What changes nothing is gathered in one line for each state, and a state that is much like
the one it grew out of shows only where it differs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import incident, incident_words, lowering, watch, watch_words
from .table_cases import INCIDENTS, LOWERINGS, WATCHES, incident_events, lowering_events, watch_events

ORDERS: dict[type, str] = {
    watch_words.Remind: "remind the defender",
    watch_words.AskOnceMore: "ask the defender once more, before the alarm",
    watch_words.Missed: "raise the alarm",
    watch_words.Counted: "count it for this due time",
    watch_words.Moved: "tell the new due time",
    watch_words.NotMoved: "tell that no more time can be had",
    watch_words.PauseBegan: "tell until when it is silent",
    watch_words.PauseEnded: "tell the next due time",
    incident_words.AskApproval: "ask the coordinators for approval",
    incident_words.TellEndOfChain: "call the coordinators",
    incident_words.TellHeld: "tell the others who has it",
    incident_words.TellLapsed: "tell the holder that the hold is over",
    incident_words.AskSecond: "ask the others whether they agree",
    incident_words.TellDisputed: "tell the others",
    incident_words.PassOn: "pass it on to those who were called",
    incident_words.AllClear: "tell all who were alarmed how it ended",
    lowering.RaiseCovert: "raise the covert alarm",
    lowering.TellFirst: "tell the first tier and the coordinators",
    lowering.TakeEffect: "do it",
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one event makes of one state. `base` is the state that this one grew out of."""

    state: str
    base: str | None
    happening: str
    becomes: str
    orders: str

    @property
    def outcome(self) -> tuple[str, str]:
        """What it comes to; two empty words for nothing at all."""
        return self.becomes, self.orders


def table() -> str:
    """The machines in Markdown."""
    machines = {
        "A watch": _of_watches(),
        "An incident": _of_incidents(),
        "What was asked with a code": _of_lowerings(),
    }
    return "\n\n".join(f"**{name}**\n\n{_markdown(rows)}" for name, rows in machines.items()) + "\n"


def _of_watches() -> Iterator[Row]:
    for state, case in WATCHES.items():
        for happening, before, event, now in watch_events(case):
            after, effects = watch.decide(before, event, now)
            becomes = _of_watch(before, after)
            yield Row(state, case.base, happening, becomes, _orders(effects) or _quietly(after != before, becomes))


def _of_incidents() -> Iterator[Row]:
    for state, case in INCIDENTS.items():
        for happening, before, event, now in incident_events(case):
            after, effects = incident.decide(before, event, now)
            becomes = _of_incident(before, after)
            yield Row(state, case.base, happening, becomes, _orders(effects) or _quietly(after != before, becomes))


def _of_lowerings() -> Iterator[Row]:
    for state, case in LOWERINGS.items():
        for happening, before, event, now in lowering_events(case):
            after, effects = lowering.decide(before, event, now)
            yield Row(state, None, happening, after.phase.value, _orders(effects))


def _of_watch(before: watch.Watch, after: watch.Watch) -> str:
    if after.rule != before.rule:
        return f"{after.phase.value}, by the new times"
    if after.pace != before.pace:
        return f"{after.phase.value}, at the new pace"
    if after.due_at is not None and after.first_due_at != before.first_due_at:
        if before.owed is not None and after.first_due_at == before.owed.first_due_at:
            return f"{after.phase.value}, as it is owed"
        return "waiting for the next due time"
    if after.due_at is not None and after.due_at != before.due_at:
        return "waiting for the later due time"
    return after.phase.value if after.phase is not before.phase else ""


def _of_incident(before: incident.Incident, after: incident.Incident) -> str:
    words = [after.phase.value] if after.phase is not before.phase else []
    if after.phase is not incident.Phase.CLOSED:
        if after.round > before.round:
            words.append("a new round")
        elif after.reached > before.reached:
            words.append("one tier more")
        if after.approval_asked > before.approval_asked:
            words.append("approval asked")
        if after.proposal != before.proposal:
            words.append("an end proposed" if after.proposal else "no end proposed")
        if before.held_until and after.held_until and after.held_until > before.held_until:
            words.append("held for longer")
    return ", ".join(words)


def _quietly(changed: bool, becomes: str) -> str:
    return "remember it" if changed and not becomes else ""


def _orders(effects: Iterable[object]) -> str:
    orders = [_order(effect) for effect in effects if not isinstance(effect, incident_words.Answer)]
    return "; ".join(dict.fromkeys(orders))


def _order(effect: object) -> str:
    if isinstance(effect, incident_words.Ask):
        if all(times > 1 for _, times in effect.people):
            return "call again, and say so"
        return f"call the {effect.tier}" + (", saying who has it" if effect.held else "")
    return ORDERS[type(effect)]


def _markdown(rows: Iterable[Row]) -> str:
    by_state: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_state.setdefault(row.state, {})[row.happening] = row
    lines = ["| State | When this happens | it becomes | and we |", "|---|---|---|---|"]
    for state, happenings in by_state.items():
        told = f"**{state}**"
        for cells in _lines(happenings, by_state):
            lines.append(f"| {told} | {cells} |")
            told = ""
    return "\n".join(lines)


def _lines(happenings: dict[str, Row], by_state: dict[str, dict[str, Row]]) -> Iterator[str]:
    base = next(iter(happenings.values())).base
    alike: dict[tuple[str, str], list[str]] = {}
    for happening, row in happenings.items():
        grown_from = by_state[base].get(happening) if base else None
        if grown_from is None or grown_from.outcome != row.outcome:
            alike.setdefault(row.outcome, []).append(happening)
    idle = alike.pop(("", ""), [])
    for (becomes, orders), those in alike.items():
        yield f"{'; '.join(those)} | {becomes or '(stays)'} | {orders}"
    if idle and not alike:
        yield "*anything* | *nothing changes* | "
    elif idle:
        yield f"*{'; '.join(idle)}* | *nothing changes* | "
    if base:
        yield f"*anything else* | *as {base}* | "
