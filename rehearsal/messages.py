"""What a chat holds: messages, buttons, places, files, and the record of what a bot did in it.

`Post` is the messenger's own, changing record; `Message` is what a test or a page is shown: a picture of a post
at one moment, which does not change any more.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .files import StoredFile


class Kind(StrEnum):
    """What a message consists of."""

    TEXT = "text"
    PHOTO = "photo"
    VOICE = "voice"
    DOCUMENT = "document"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message (`data` or `url`), or of a reply keyboard (neither)."""

    label: str
    data: str = ""
    url: str = ""
    asks_place: bool = False


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The reply keyboard a chat shows in place of letters."""

    rows: Rows
    once: bool = False
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A point in degrees; `live_seconds` is how long it is kept up to date, 0 for a fixed one."""

    lat: float
    lon: float
    live_seconds: int = 0
    heading: int = 0


@dataclass(slots=True)
class Post:
    """One message as the messenger keeps it. `text` is the caption where there is a file."""

    id: int
    chat_id: int
    position: int  # first, second, … in its chat; comparable between chats, which ids are not
    from_bot: bool
    kind: Kind
    sent_at: datetime
    sent_real: float
    text: str = ""
    entities: list[dict[str, object]] = field(default_factory=list)
    rows: Rows = ()
    file: StoredFile | None = None
    place: Place | None = None
    reply_to: "Post | None" = None
    origin: dict[str, object] | None = None
    protected: bool = False
    silent: bool = False
    reaction: str = ""
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    heard: bool = False
    heard_once: bool = False  # before it was edited to say something else

    @property
    def visible(self) -> bool:
        return self.deleted_at is None


@dataclass(frozen=True, slots=True)
class Message:
    """A post as a person sees it at this moment. `text` is "" and `caption` is set where there is a file."""

    id: int
    from_bot: bool
    kind: Kind
    text: str
    caption: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]  # rows of (label, callback data or url)
    sent_at: datetime  # by the service's clock
    sent_real: float  # time.monotonic()
    edited: bool
    deleted: bool
    protected: bool
    silent: bool
    place: Place | None
    file: StoredFile | None
    reply_to: int | None
    reaction: str

    @property
    def says(self) -> str:
        """Its words, whether text or caption."""
        return self.text or self.caption

    @property
    def labels(self) -> list[str]:
        """What its buttons say, in reading order."""
        return [label for row in self.buttons for label, _ in row]

    @property
    def data(self) -> bytes:
        """The bytes of its file. Raises LookupError when it has none."""
        if self.file is None:
            raise LookupError(f"Message {self.id} has no file.")
        return self.file.data


def seen(post: Post) -> Message:
    """What a person sees of `post` now."""
    captioned = post.file is not None
    return Message(
        id=post.id,
        from_bot=post.from_bot,
        kind=post.kind,
        text="" if captioned else post.text,
        caption=post.text if captioned else "",
        buttons=tuple(tuple((button.label, button.data or button.url) for button in row) for row in post.rows),
        sent_at=post.sent_at,
        sent_real=post.sent_real,
        edited=post.edited_at is not None,
        deleted=post.deleted_at is not None,
        protected=post.protected,
        silent=post.silent,
        place=post.place,
        file=post.file,
        reply_to=None if post.reply_to is None else post.reply_to.id,
        reaction=post.reaction,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a press of a button showed: a passing line, or with `alert` a box to close; "" only ends the spinner."""

    text: str
    alert: bool
    query_id: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a bot made to a chat and that was done.

    Two calls are equal when a person holding the phone could not tell them apart: ids are left out, messages are
    named by their position in the chat, and files by their content.
    """

    method: str
    targets: tuple[int, ...]
    said: bytes
    at: datetime = field(compare=False)
    real: float = field(compare=False)
    message_id: int | None = field(compare=False, default=None)


UNSAID = frozenset({"chat_id", "message_id", "message_ids", "from_chat_id", "callback_query_id", "reply_to_message_id"})


def canonical(values: Mapping[str, object]) -> bytes:
    """The arguments of a call as bytes that depend only on what was said."""
    said = {name: _plain(value) for name, value in values.items() if name not in UNSAID}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _plain(value: object) -> object:
    if isinstance(value, StoredFile):
        return value.digest
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
