"""A way to reach somebody that is not served any more takes no alarm with it."""

from pathlib import Path

from escalation.people import Role
from store import addresses
from store.database import Tx
from tests.world import World


async def test_who_has_only_an_address_that_nobody_serves_is_passed_over_at_once(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await world.defender("Ana", watched=False)
        await world.responder("Bo")
        await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
        bo, cleo = world.ids["Bo"], world.phones["Cleo"]

        def only_by_mail(tx: Tx) -> None:
            for way in addresses.of_person(tx, bo):
                addresses.disable(tx, way.id, "blocked")
            addresses.add(tx, bo, "responder", "mail", "bo@example.org", verified=True)

        await world.store.run(only_by_mail)
        await world.restart()

        world.phones["Ana"].type(world.defenders_bot, "sos")

        await cleo.expect(world.responders_bot, "CALL FOR HELP")
        await world.settle()
