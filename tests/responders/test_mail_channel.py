"""E-mail as a channel: the shared kit, that a mail says nothing, and what the server's codes mean."""

import base64
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.letter import DeliveryFailure, Operation, OutcomeUnknown, PermanentFailure, TemporaryFailure
from rehearsal import RehearsalClock
from responders.channels import mail
from responders.channels.mail import MailChannel
from responders.channels.mail_server import MailServer, Security
from responders.presses import Action, written

from .channel_kit import *  # noqa: F403
from .channel_kit import ALARM, NAME, Ground, failed
from .made import CALLING, K7Q2, NOW, SAY, closed, covert, letter
from .mail_server import FakeMailServer
from .test_telegram_channel import free_port

ADDRESS = "bo.secret@example.net"
PASSWORD = "open-sesame-9"
MAIL = MailServer("127.0.0.1", 0, "alerts@example.org", security=Security.NONE)

Channels = Callable[[MailServer], MailChannel]


class MailGround(Ground):
    def __init__(self, server: FakeMailServer, channels: Channels) -> None:
        self.server = server
        self.channel = channels(replace(MAIL, port=server.port))
        self.nowhere = channels(replace(MAIL, port=free_port()))
        self.address, self.no_address = ADDRESS, "bo secret@\r\nexample"
        self.secrets = (ADDRESS, "bo.secret", PASSWORD)

    def arrived(self) -> int:
        return len(self.server.taken)

    def refuse_for_good(self) -> None:
        self.server.reply_to["RCPT"] = f"550 5.1.1 <{ADDRESS}>: nobody of that name"

    def be_busy(self) -> None:
        self.server.reply_to["RCPT"] = f"450 4.2.1 {ADDRESS} is busy"

    def hang(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mail, "DELIVER_TIMEOUT", 0.05)
        self.server.hang_at = "RCPT"

    def cut_before(self) -> None:
        self.server.cut_at = "RCPT"

    def cut_after(self) -> None:
        self.server.cut_at = "."


@pytest.fixture
async def server() -> AsyncIterator[FakeMailServer]:
    opened = FakeMailServer()
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def channels() -> AsyncIterator[Channels]:
    opened: list[MailChannel] = []

    def channel(server: MailServer) -> MailChannel:
        opened.append(MailChannel(server, SAY, RehearsalClock(NOW)))
        return opened[-1]

    yield channel
    for one in opened:
        await one.close()


@pytest.fixture
def ground(server: FakeMailServer, channels: Channels) -> MailGround:
    return MailGround(server, channels)


def last(server: FakeMailServer) -> EmailMessage:
    """The last mail that was taken."""
    return message_from_string(server.taken[-1][1], EmailMessage, policy=policy.default)


async def test_a_mail_says_that_something_waits_and_nothing_else(ground: MailGround) -> None:
    await ground.channel.deliver(ADDRESS, ALARM)

    sent = last(ground.server)
    assert sent["Subject"] == "Please look: K7Q2"
    assert sent.get_content().strip() == "An alert is waiting for you (K7Q2). Please open the bot now."
    assert (sent["To"], sent["From"], sent["Auto-Submitted"]) == (ADDRESS, "alerts@example.org", "auto-generated")


LINK = "https://tocsin.example.org/seen/es#aTOKEN"


async def test_an_alarms_mail_has_a_link_where_there_is_a_page_for_it(server: FakeMailServer) -> None:
    at = replace(MAIL, port=server.port)
    channel = MailChannel(at, SAY, RehearsalClock(NOW), lambda language, token: LINK if token == "aTOKEN" else "")
    [says] = channel.buttons(ALARM)

    await channel.deliver(ADDRESS, replace(ALARM, language="es", tokens={says: "aTOKEN"}))
    await channel.close()

    assert says == written(Action.BY_MAIL, K7Q2)
    assert last(server).get_content().strip().endswith(f"di aquí que lo has visto: {LINK}")


async def test_nothing_but_an_alarm_has_a_link(server: FakeMailServer, ground: MailGround) -> None:
    channel = MailChannel(replace(MAIL, port=server.port), SAY, RehearsalClock(NOW), lambda _, token: token)
    others = [letter("responder.news", CALLING), letter("responder.trouble"), replace(ALARM, operation=Operation.EDIT)]

    assert [channel.buttons(one) for one in others] == [()] * 3
    assert isinstance(ground.channel, MailChannel)
    assert ground.channel.buttons(ALARM) == ()
    await channel.deliver(ADDRESS, ALARM)
    await channel.close()
    assert "aTOKEN" not in str(last(server).get_content())


@pytest.mark.parametrize("template", ["alarm", "news", "all_clear", "attachment", "end_of_chain", "trouble", "answer"])
async def test_no_mail_names_anybody_or_anything(ground: MailGround, template: str) -> None:
    words = {"by_name": NAME, "text": "at the bridge", "holder_name": NAME, "times": 1}
    for incident in (replace(covert(), defender_name=NAME), replace(closed(), defender_name=NAME), None):
        await ground.channel.deliver(ADDRESS, letter(f"responder.{template}", incident, words=words))

        text = last(ground.server).get_content() + ground.server.taken[-1][1]
        assert [word for word in (NAME, "Ana", "bridge", "COVERT", "HELP") if word in text] == []


async def test_a_checkpoint_stands_in_the_mail_as_it_is_to_be_kept(ground: MailGround) -> None:
    note = "tocsin.journal/1f\n7\nAAAA\n\n\u2014 tocsin.journal/1f BBBB\n"

    await ground.channel.deliver(ADDRESS, letter("responder.checkpoint", words={"note": note}))

    sent = last(ground.server)
    assert sent["Subject"] == "Please keep: a checkpoint"
    assert sent.get_content().replace("\r\n", "\n").endswith(f"\n\n{note}")


async def test_a_repeat_says_so(ground: MailGround) -> None:
    await ground.channel.deliver(ADDRESS, replace(ALARM, words={"times": 3}, maybe_repeat=True))

    assert last(ground.server).get_content().splitlines() == [
        "An alert is still waiting for you (K7Q2, repeat 3). Please open the bot now.",
        "(repeat: you may already have this)",
    ]


async def test_every_try_of_one_delivery_is_the_same_mail(ground: MailGround) -> None:
    first = await ground.channel.deliver(ADDRESS, replace(ALARM, key=7))
    again = await ground.channel.deliver(ADDRESS, replace(ALARM, key=7, maybe_repeat=True))
    other = await ground.channel.deliver(ADDRESS, replace(ALARM, key=8))

    assert first == again != other


@pytest.mark.parametrize("operation", [Operation.EDIT, Operation.DELETE, Operation.ANSWER])
async def test_a_mail_cannot_be_changed(ground: MailGround, operation: Operation) -> None:
    failure = await failed(ground.channel, ADDRESS, replace(ALARM, operation=operation, message_id="1"))

    assert isinstance(failure, PermanentFailure)
    assert not failure.address_is_dead


@pytest.mark.parametrize(
    ("command", "reply", "kind", "dead"),
    [
        ("RCPT", "550 no such user", PermanentFailure, True),
        ("RCPT", "550 5.7.1 not from you", PermanentFailure, False),
        ("RCPT", "552 5.2.2 mailbox is full", PermanentFailure, False),
        ("RCPT", "451 4.7.1 greylisted", TemporaryFailure, False),
        ("MAIL", "553 5.1.8 bad sender", PermanentFailure, False),
        ("MAIL", "421 too many", TemporaryFailure, False),
        ("DATA", "554 5.6.0 no", PermanentFailure, False),
        (".", "554 5.7.1 looks like spam", PermanentFailure, False),
        (".", "452 4.3.1 disk is full", TemporaryFailure, False),
        ("CONNECT", "554 go away", PermanentFailure, False),
        ("CONNECT", "421 come back", TemporaryFailure, False),
    ],
)
async def test_what_the_servers_codes_mean(
    ground: MailGround, command: str, reply: str, kind: type[DeliveryFailure], dead: bool
) -> None:
    ground.server.reply_to[command] = reply

    failure = await failed(ground.channel, ADDRESS)

    assert isinstance(failure, kind)
    assert getattr(failure, "address_is_dead", False) is dead


@pytest.mark.parametrize(
    "address", ["", "bo", "bo@", "@example.net", "bo@exa mple", "bo@x\r\nRCPT TO:<z@y>", "бо@example.net"]
)
async def test_what_is_no_address_never_reaches_the_server(ground: MailGround, address: str) -> None:
    failure = await failed(ground.channel, address)

    assert isinstance(failure, PermanentFailure)
    assert ground.server.taken == []


@pytest.mark.parametrize("code", ["550", "452"])
async def test_a_mail_that_was_refused_is_not_taken_for_delivered(ground: MailGround, code: str) -> None:
    ground.server.reply_to["."] = f"{code} no"

    failure = await failed(ground.channel, ADDRESS)

    assert not isinstance(failure, OutcomeUnknown)
    assert ground.server.taken == []


def certificate(folder: Path) -> Path:
    """A certificate of this machine's own, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "mail.pem"
    path.write_bytes(written + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
async def private_server(tmp_path: Path) -> AsyncIterator[tuple[FakeMailServer, MailServer]]:
    """A server that speaks in private and wants a login, and how to reach it."""
    path = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(path)
    opened = FakeMailServer(tls, login=base64.b64encode(f"\0alerts\0{PASSWORD}".encode()).decode())
    await opened.open()
    trust = ssl.create_default_context(cafile=str(path))
    yield opened, MailServer("localhost", opened.port, "alerts@example.org", "alerts", PASSWORD, trust=trust)
    await opened.close()


Private = tuple[FakeMailServer, MailServer]


async def test_mail_goes_over_a_private_line_with_a_login(private_server: Private, channels: Channels) -> None:
    server, settings = private_server

    await channels(settings).deliver(ADDRESS, ALARM)

    assert [to for to, _ in server.taken] == [ADDRESS]


async def test_a_wrong_password_is_no_dead_address_and_is_not_told(private_server: Private, channels: Channels) -> None:
    _, settings = private_server

    failure = await failed(channels(replace(settings, password="wrong-sesame")), ADDRESS)

    assert isinstance(failure, PermanentFailure)
    assert not failure.address_is_dead
    assert "sesame" not in repr(failure) + repr(settings)


async def test_a_server_that_is_not_believed_gets_no_mail(private_server: Private, channels: Channels) -> None:
    server, settings = private_server

    assert isinstance(await failed(channels(replace(settings, trust=None)), ADDRESS), TemporaryFailure)
    assert server.taken == []


async def test_no_mail_leaves_in_the_open_unless_that_was_chosen(ground: MailGround, channels: Channels) -> None:
    careful = channels(replace(MAIL, port=ground.server.port, security=Security.STARTTLS))

    assert isinstance(await failed(careful, ADDRESS), PermanentFailure)
    assert ground.server.taken == []
