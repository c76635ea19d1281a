"""Signs of life: what is given as one, and what is known to have been one.

What shows on the phone is moved in the very transaction in which something was given, whatever it was. What is made of
it comes later, and shows nothing.
"""

from datetime import datetime

from escalation import watch_words
from escalation.incident_words import DefenderCheckedIn, Kind
from escalation.people import DefenderId
from escalation.watch import settled_by_check_in
from store import incidents, watches
from store.database import Tx

from .happenings import Happenings


def tapped(happenings: Happenings, tx: Tx, defender: DefenderId, given_at: datetime | None) -> None:
    """Something was given as the sign: it moves what shows, whatever it will turn out to be."""
    for watch in settled_by_check_in(watches.of_defender(tx, defender)):
        happenings.to_watch(tx, watch, watch_words.Tapped(given_at))


def proved(happenings: Happenings, tx: Tx, defender: DefenderId, given_at: datetime, *, forced: bool) -> None:
    """What was given at `given_at` was the sign: no watch owes any more what it was given for, and unless it was forced
    every open incident hears of it."""
    for watch in watches.of_defender(tx, defender):
        happenings.to_watch(tx, watch, watch_words.Proved(given_at))
    if not forced:
        _tell_incidents(happenings, tx, defender)


def good_sign(happenings: Happenings, tx: Tx, defender: DefenderId, given_at: datetime | None) -> None:
    """A good check-in, known as such at once: as `tapped` and `proved`, each watch written once."""
    standing, proof = watches.of_defender(tx, defender), watch_words.Proved(min(given_at or tx.now, tx.now))
    settled = {watch.id for watch in settled_by_check_in(standing)}
    for watch in standing:
        happenings.to_watch(tx, watch, *[watch_words.Tapped(given_at)] * (watch.id in settled), proof)
    _tell_incidents(happenings, tx, defender)


def _tell_incidents(happenings: Happenings, tx: Tx, defender: DefenderId) -> None:
    standing = incidents.open_of_defender(tx, defender)
    covert = any(incident.kind is Kind.DURESS for incident in standing)
    for incident in standing:
        happenings.to_incident(tx, incident, DefenderCheckedIn(beside_covert=covert))
