"""Why a database is not opened. The message is one plain sentence that says what to do."""


class StoreRefused(Exception):
    """The database cannot be used as it is."""


class SchemaRefused(StoreRefused):
    """The database holds a schema that we do not know. Nothing in it was changed."""
