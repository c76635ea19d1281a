"""Why a database is not opened, or not what is sealed in it.

The message of a refusal is one plain sentence that says what to do. What is said of a seal names no content.
"""


class StoreRefused(Exception):
    """The database cannot be used as it is."""


class SchemaRefused(StoreRefused):
    """The database holds a schema that we do not know. Nothing in it was changed."""


class KeysRefused(StoreRefused):
    """The keys cannot be used as they are."""


class Locked(Exception):
    """The key-encryption key is not here yet: nothing that is sealed can be opened."""


class Erased(Exception):
    """There is no data key for this person any more, or none yet."""


class SealBroken(Exception):
    """What should be opened was altered, or stands where it was not sealed for."""
