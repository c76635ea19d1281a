"""Data keys that are nobody's: a transaction made one and did not commit. They are swept when the database is opened.

A key that is younger than the youngest person is kept: the database may be an older one, put back for a look, whose
people of later days still need their keys.
"""

from sqlalchemy import Connection, select

from .data_keys import DataKeys
from .tables.people import PERSON
from .vault import HOUSE


def sweep_orphans(connection: Connection, data_keys: DataKeys) -> int:
    """Delete the keys of nobody; gives how many. Whoever adds a person holds the same write lock as `connection`."""
    if not data_keys.have_a_file:
        return 0
    people = {row.id: row.created_at for row in connection.execute(select(PERSON.c.id, PERSON.c.created_at))}
    newest = max(people.values(), default=None)
    with data_keys.changing(connection) as own:
        made = data_keys.subjects(own)
    nobodys = [
        subject
        for subject, made_at in made.items()
        if subject not in people and subject != HOUSE and newest is not None and made_at < newest
    ]
    for subject in nobodys:
        data_keys.remove(connection, subject)
    return len(nobodys)
