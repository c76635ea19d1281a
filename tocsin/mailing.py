"""The mail server, read from its URL: smtp://user:password@host:587?from=tocsin@example.org, or smtps:// for TLS."""

from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from responders.channels.mail_server import MailServer, Security

PORTS = {"smtp": 587, "smtps": 465}


def mail_server(url: SecretStr) -> MailServer:
    """What the settings' URL says; it was checked there."""
    parts = urlsplit(url.get_secret_value())
    asked = parse_qs(parts.query)
    security = Security.TLS if parts.scheme == "smtps" else Security(asked.get("security", ["starttls"])[0])
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or PORTS[parts.scheme],
        sender=asked["from"][0],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=security,
    )
