"""One keyring for the whole run of the tests, made afresh."""

from datetime import UTC, datetime

from store.keyring import Keyring

KEYRING = Keyring.fresh(datetime(2026, 3, 1, tzinfo=UTC))
