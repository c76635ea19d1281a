"""Adding a person: what must be so before, and the invitation that is printed once after it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

import click

from .inviting import Invitation
from .opening import Instance
from .printing import instant, print_json
from .refusing import Refused

if TYPE_CHECKING:
    from pydantic import SecretStr

    from store.database import Tx
    from store.records import DefenderRecord, ResponderRecord

    from .inviting import LeadsTo


def one_of(what: str, wanted: str, known: Iterable[str]) -> str:
    """`wanted`, when the ladders know it. Raises Refused that names what they know."""
    names = tuple(known)
    if wanted not in names:
        raise Refused(f"There is no {what} {wanted!r}: take {' or '.join(names)}, or add it to the ladders.")
    return wanted


def known_zone(zone: str) -> str:
    """`zone`, when it is one. Raises Refused."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(zone).key
    except (KeyError, ValueError, OSError):
        raise Refused(f"There is no time zone {zone!r}: use a name such as America/Bogota.") from None


def known_language(language: str | None, usual: str) -> str:
    """`language`, or the `usual` one. Raises Refused when there are no texts in it."""
    from config.settings import LOCALE

    known = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
    if language is not None and language not in known:
        raise Refused(f"There are no texts in {language!r}: take one of {', '.join(known)}.")
    return language or usual


async def bot_of(instance: Instance, side: str) -> "LeadsTo":
    """The bot of `side` to which the next person is invited: the one with the fewest people of those that answer."""
    from store import bots

    from .bot_names import username_of
    from .inviting import NOWHERE, LeadsTo

    settings, given = instance.settings, instance.settings.bots(side)
    if not given:
        return NOWHERE

    def in_order(tx: "Tx") -> "list[tuple[int | None, SecretStr]]":
        names = bots.begin(tx, side, [bot.number for bot in given])
        tokens = dict(zip(names, (bot.token for bot in given), strict=True))
        return [(name, tokens[name]) for name in bots.by_people(tx, side)]

    for name, token in await instance.store.run(in_order):
        if (username := await username_of(token, settings.telegram_api)) is not None:
            return LeadsTo(username, name)
    return NOWHERE


def print_invitation(
    person: "DefenderRecord | ResponderRecord", side: str, invitation: Invitation, as_json: bool
) -> None:
    """Print what the invited person needs. It is shown this once: only a hash of the code is kept."""
    if as_json:
        print_json(_fields(person.id, person.name, side, invitation))
        return
    click.echo(
        f"{person.name} is invited, until {instant(invitation.expires_at)}. Hand this over in person or by a safe way;"
    )
    click.echo("it works once, and is not shown again.")
    click.echo(f"\n  code  {invitation.code}")
    if invitation.link:
        click.echo(f"  link  {invitation.link}")
    else:
        click.echo(f"\nThe bot's name could not be asked for: they open the {side}s' bot and send /start and the code.")


def _fields(person: UUID, name: str, side: str, invitation: Invitation) -> dict[str, object]:
    return {
        "id": person,
        "name": name,
        "side": side,
        "code": invitation.code,
        "link": invitation.link,
        "expires_at": invitation.expires_at,
    }
