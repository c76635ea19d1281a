"""What the service has written down as taken, compared with what the messenger has taken.

Whoever writes "accepted" before the messenger has it loses whatever a crash, or a refusal, leaves in between, and its
own records say that all is well; so this is asked of both, at any moment and in any weather. Each message of the
messenger stands for one row at most. A row that does not name its message is given any that is left in the chat.
"""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select

from rehearsal.accounts import Change
from rehearsal.messenger import Messenger
from store.contents import blind_message
from store.database import Tx
from store.tables.messages import DELIVERY

CHAT = "telegram"
OPEN = ("pending", "sending")
NEWER = (
    select(DELIVERY.c.id, DELIVERY.c.person, DELIVERY.c.address_id, DELIVERY.c.message, DELIVERY.c.state)
    .where(DELIVERY.c.operation == "send", DELIVERY.c.channel == CHAT, DELIVERY.c.id > bindparam("all_before"))
    .order_by(DELIVERY.c.message.is_(None), DELIVERY.c.id)
)


@dataclass(frozen=True, slots=True)
class Unfounded:
    """Something that is written down as accepted and was not taken."""

    row: int
    person: UUID


class Ledger:
    """What was taken for whom, and which of it has a row."""

    def __init__(self, messenger: Messenger, accounts: dict[UUID, int]) -> None:
        """`accounts` are the messenger's numbers of the people whom the store knows by other ids."""
        self._accounts = accounts
        self._left: dict[int, set[int]] = defaultdict(set)  # messages without a row, by whose they are
        self._seen: set[tuple[int, int]] = set()
        self._settled: set[int] = set()  # rows that have been looked at
        self._all_before = 0  # the last row up to which nothing changes any more
        messenger.watchers.append(self._taken)

    def _taken(self, change: Change) -> None:
        post, person = change.post, change.chat.person
        if change.what != "message" or post is None or person is None or not post.from_bot:
            return
        if (post.chat_id, post.id) not in self._seen:
            self._seen.add((post.chat_id, post.id))
            self._left[person.id].add(post.id)

    def compare(self, tx: Tx) -> list[Unfounded]:
        """Rows that say "accepted" of what nobody has taken; each is found once."""
        rows = tx.connection.execute(NEWER, {"all_before": self._all_before}).all()
        found = []
        for row in rows:
            if row.state != "accepted" or row.id in self._settled or row.person not in self._accounts:
                continue
            self._settled.add(row.id)
            left = self._left[self._accounts[row.person]]
            named = (one for one in left if row.message in (None, blind_message(tx, row.address_id, str(one))))
            message = min(named, default=None)
            if message is None:
                found.append(Unfounded(row.id, row.person))
            else:
                left.discard(message)
        if rows:
            highest = max(row.id for row in rows)
            self._all_before = min((row.id - 1 for row in rows if row.state in OPEN), default=highest)
        self._settled = {one for one in self._settled if one > self._all_before}
        return found
