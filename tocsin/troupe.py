"""Who is on the stage of the demo: two bots, Ana who checks in, and those who are called when she does not.

One person in each tier, so that every answer shows: Bo cannot, and Cleo is called at once."""

from dataclasses import dataclass

from escalation.people import Role
from rehearsal import BotAccount, Phone, Stage

DEFENDERS_BOT = ("1000001:rehearsal-of-the-defenders-bot", "daybook_bot", "Daybook")
RESPONDERS_BOT = ("1000002:rehearsal-of-the-responders-bot", "tocsin_alarm_bot", "Tocsin alarms")
SAFE_WORD = "blue kite"
CODE = ("🌙", "🐟", "🔑", "🌊")  # what Ana taps for a check-in; almost any other row says that she is forced
ZONE = "America/Bogota"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is called. `tier` is where they stand for Ana, None where everybody of the role does."""

    name: str
    role: Role
    language: str = "en"
    tier: str | None = None


MEMBERS = (
    Member("Bo", Role.CONTACT, tier="contacts"),
    Member("Cleo", Role.COLLEAGUE, tier="colleagues"),
    Member("Dara", Role.COORDINATOR),
    Member("Max", Role.LAWYER, language="fr"),
    Member("Harbour", Role.PARTNER),
)


@dataclass(frozen=True, slots=True)
class Troupe:
    """The stage with its bots and phones, before anybody is enrolled."""

    stage: Stage
    defenders: BotAccount
    responders: BotAccount
    ana: Phone
    others: tuple[Phone, ...]


def gather_troupe(stage: Stage) -> Troupe:
    """Put the bots and everybody's phones on the stage."""
    return Troupe(
        stage,
        stage.add_bot(*DEFENDERS_BOT),
        stage.add_bot(*RESPONDERS_BOT),
        stage.add_phone("Ana", badge="defender"),
        tuple(stage.add_phone(one.name, language=one.language, badge=one.role.value) for one in MEMBERS),
    )
