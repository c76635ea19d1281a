"""The server that takes our mail, spoken to in SMTP (RFC 5321) by the standard library; blocking, one mail at a time.

What its codes mean for a delivery stands here alone: 4yz may be taken later, 5yz never; an address is dead only where
the code says so; and once the mail itself is on its way, silence means that nobody knows.
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

from engine.discreet import Discreet
from engine.letter import DeliveryFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure

STEP_TIMEOUT = 4.0  # seconds for one step of the talk
NO_SUCH_MAILBOX = frozenset({550, 551, 553})  # RFC 5321, section 4.2.3
ADDRESS_FAULTS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})  # RFC 3463 and 7505
TAKEN, NEVER = 400, 500  # codes from here on: not now, and never

Reply = tuple[int, bytes]


class Security(StrEnum):
    """How the connection is kept private."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, repr=False)
class MailServer(Discreet):
    """Where mail is handed over. `sender` is the address that it comes from; without `user` there is no login.

    `trust` says which certificates are believed; the machine's own unless given."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: Security = Security.STARTTLS
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def domain(self) -> str:
        """The sender's domain, by which we also greet: the machine's own name is nobody's business."""
        return self.sender.rpartition("@")[2]


def hand_over(server: MailServer, address: str, message: bytes) -> None:
    """Give `message` to the server for `address`. Raises DeliveryFailure's three kinds, and nothing else."""
    failure: DeliveryFailure
    smtp: smtplib.SMTP | None = None
    on_its_way = False
    try:
        smtp = _opened(server)
        _admit(smtp.mail(server.sender), "sender_refused")
        _admit(smtp.rcpt(address), "address_refused", about_the_address=True)
        on_its_way = True
        _admit(smtp.data(message), "mail_refused")
        return
    except _Refused as refusal:
        failure = refusal.failure
    except smtplib.SMTPResponseException as error:
        failure = _failure((error.smtp_code, b""), "server_refused")
    except smtplib.SMTPNotSupportedError:
        failure = PermanentFailure("server_lacks_privacy_or_login")
    except (OSError, ValueError):
        failure = OutcomeUnknown("no_answer") if on_its_way else TemporaryFailure("no_connection")
    finally:
        if smtp is not None:
            smtp.close()
    raise failure


def _opened(server: MailServer) -> smtplib.SMTP:
    trust = server.trust or ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.security is Security.TLS:
        smtp = smtplib.SMTP_SSL(server.host, server.port, server.domain, timeout=STEP_TIMEOUT, context=trust)
    else:
        smtp = smtplib.SMTP(server.host, server.port, server.domain, timeout=STEP_TIMEOUT)
    try:
        if server.security is Security.STARTTLS:
            smtp.starttls(context=trust)
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except (OSError, ValueError):
        smtp.close()
        raise
    return smtp


class _Refused(Exception):
    def __init__(self, failure: DeliveryFailure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def _admit(reply: Reply, reason: str, *, about_the_address: bool = False) -> None:
    """Go on, or raise what the server's reply means."""
    if reply[0] >= TAKEN or reply[0] < 0:
        raise _Refused(_failure(reply, reason, about_the_address=about_the_address))


def _failure(reply: Reply, reason: str, *, about_the_address: bool = False) -> DeliveryFailure:
    code, text = reply
    if code < NEVER:
        return TemporaryFailure(reason)
    return PermanentFailure(reason, address_is_dead=about_the_address and _is_dead(code, text))


def _is_dead(code: int, text: bytes) -> bool:
    """Whether the mailbox does not exist: by the enhanced code where there is one, or else by the plain one."""
    said = text.split(maxsplit=1)
    enhanced = said[0].decode(errors="replace") if said else ""
    if enhanced.startswith("5.") and enhanced.count(".") == 2:
        return enhanced in ADDRESS_FAULTS
    return code in NO_SUCH_MAILBOX
