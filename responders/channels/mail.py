"""E-mail: the second way to reach a responder. It says that something waits in the bot, and a reference; nothing more,
but for the link by which an alarm can be answered, weakly; see `responders.mail_answers`.

Mail is read by servers on the way, so no name, place or text goes into it. A mail cannot be changed, taken back or
pressed: such letters are refused for good. The talk with the server runs in threads of this channel's own, so that a
server that hangs delays nobody else.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from engine.clock import Clock
from engine.letter import DeliveryFailure, Letter, Operation, OutcomeUnknown, PermanentFailure, Receipt
from responders.presses import Action, written
from responders.wording import Reader, Say, number, reader_of, word

from .mail_server import MailServer, hand_over

DELIVER_TIMEOUT = 10.0  # seconds for one letter
TALKS = 4  # with the server, at once
CHECKPOINT = "responder.checkpoint"  # names nobody and is to be kept: it stands in the mail as it is
ALARMS = frozenset({"responder.alarm", "responder.end_of_chain", "responder.approval", "responder.lapsed"})
LinkOf = Callable[[str, str], str]  # a language and a token, made into an address
ADDRESS = re.compile(r"[!-;=?A-~]{1,64}@[A-Za-z0-9.-]{1,253}")  # what can be sent without extensions of SMTP


class MailChannel:
    """Delivers to mailboxes; an address is an e-mail address."""

    def __init__(self, server: MailServer, say: Say, clock: Clock, link_of: LinkOf | None = None) -> None:
        """`link_of` makes the address of the page for a language and a token; without it no mail has a link."""
        self._server = server
        self._link_of = link_of
        self._say = say
        self._clock = clock
        self._threads = ThreadPoolExecutor(TALKS, thread_name_prefix="mail")

    def buttons(self, letter: Letter) -> tuple[str, ...]:
        """See `engine.letter.Buttoned`: what the link says."""
        return (_says(letter),) if self._link_of is not None and _says(letter) else ()

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """See `engine.letter.Channel`. Only sending is possible."""
        if letter.operation is not Operation.SEND:
            raise PermanentFailure("not_by_mail")
        if not ADDRESS.fullmatch(address):
            raise PermanentFailure("no_address", address_is_dead=True)
        message = self._written(address, letter)
        content = message.as_bytes(policy=SMTP)
        failure: DeliveryFailure
        try:
            async with asyncio.timeout(DELIVER_TIMEOUT):
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._threads, hand_over, self._server, address, content)
            return Receipt(str(message["Message-ID"]))
        except TimeoutError:
            failure = OutcomeUnknown("no_answer")
        raise failure

    async def close(self) -> None:
        """Wait for no talk that has not begun."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _link(self, letter: Letter) -> str | None:
        token = letter.tokens.get(_says(letter))
        return None if token is None or self._link_of is None else self._link_of(letter.language, token)

    def _written(self, address: str, letter: Letter) -> EmailMessage:
        reader = reader_of(letter, self._say)
        reference = letter.incident.reference if letter.incident else reader.text("mail.no_reference")
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = address
        is_checkpoint = letter.template == CHECKPOINT
        message["Subject"] = reader.text("mail.checkpoint" if is_checkpoint else "mail.subject", reference=reference)
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{letter.key}@{self._server.domain}>"  # the same on every try: programs show it once
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine should answer
        message.set_content(_body(letter, reader, reference, self._link(letter)), cte="base64")
        return message


def _says(letter: Letter) -> str:
    """What the link in this mail says; "" where none stands."""
    is_alarm = letter.template in ALARMS and letter.operation is Operation.SEND
    return written(Action.BY_MAIL, letter.incident.id) if is_alarm and letter.incident is not None else ""


def _body(letter: Letter, reader: Reader, reference: str, link: str | None) -> str:
    if letter.template == CHECKPOINT:
        return f"{reader.text('checkpoint')}\n\n{word(letter.words.get('note'))}"
    times = number(letter.words.get("times"), 1)
    if letter.template not in ALARMS:
        line = reader.text("mail.news", reference=reference)
    elif times > 1:
        line = reader.text("mail.repeat", reference=reference, times=times)
    else:
        line = reader.text("mail.alarm", reference=reference)
    lines = [line, *([reader.text("maybe_repeat")] if letter.maybe_repeat else [])]
    if link is not None:
        lines += ["", reader.text("mail.link", link=link)]
    return "\n".join([*lines, ""])
