"""When a bot cannot write to its people: whoever has begun another of ours is reached by that one, and who has not is
out of reach.

Somebody may have blocked a bot, its messenger may refuse it, and it may be named in the settings no more. Of the last
the coordinators hear once, with the number of people; named again, it reaches them as before.
"""

from escalation.people import ResponderId
from store import addresses, bots, deliveries, journal, reach
from store.database import Tx
from store.records import Address, DeliveryRow

from .announcing import tell_coordinators
from .happenings import Happenings
from .letter import DeliveryFailure, Operation

BOT_REFUSED = ("bot_refused", "token_refused")  # it is the bot that is not known, whoever it writes to


def goes_by_another_bot(tx: Tx, row: DeliveryRow, failure: DeliveryFailure) -> bool:
    """Whether another bot of ours reaches them, now that this one cannot; what is new is said by that one."""
    way, (_, tried) = addresses.address(tx, row.address_id), bots.apart(row.lane)
    if way is None or way.disabled_at is not None:
        return False
    if way.bot == tried and not reach.by_another(tx, way, for_now=failure.reason in BOT_REFUSED):
        return False
    if row.operation != Operation.SEND:
        deliveries.failed(tx, row.id, row.attempt, "perm", failure.reason)
    elif deliveries.retry(tx, row.id, row.attempt, tx.now, "temp", failure.reason):
        reach.follow(tx, row.address_id)
    return True


def settle_absent(tx: Tx, happenings: Happenings) -> bool:
    """Find another way to everybody whose bot is gone; gives whether anything changed by it.

    Done twice, it does nothing the second time."""
    changed = False
    for side in ("defender", "responder"):
        for bot in bots.here(tx, side):
            for way in reach.waiting_for(tx, side, bot):
                _return(tx, way, happenings)
                changed = True
        for bot in bots.gone(tx, side):
            ways = reach.reached_by(tx, side, bot)
            lost = [way for way in ways if not reach.by_another(tx, way, for_now=True)]
            for way in lost:
                _lose(tx, way, happenings)
            if lost:
                once = f"bot_gone:{side}:{bot}:{tx.now:%Y%m%d%H}"
                tell_coordinators(tx, "bot_gone", once=once, count=len(lost))
            changed = changed or bool(ways)
    return changed


def _lose(tx: Tx, way: Address, happenings: Happenings) -> None:
    addresses.disable(tx, way.id, reach.GONE)
    journal.write(tx, "address_disabled", actor=way.person, channel=way.channel, why=reach.GONE)
    if way.side == "responder" and not addresses.of_person(tx, way.person):
        happenings.lost_reach(tx, ResponderId(way.person))


def _return(tx: Tx, way: Address, happenings: Happenings) -> None:
    addresses.enable(tx, way.id)
    if way.side == "responder":
        happenings.regained_reach(tx, ResponderId(way.person))
