"""One of two is not answered by the messenger any more, while the database answers it: the other polls and sends."""

from pathlib import Path

import pytest

from crashes.storms import Storm
from tests.machines.network import line
from tests.machines.team import RECOVERED_WITHIN, team

STORM = Storm(missed=40, panics=0, late=5)
TRIED_ONCE_MORE = 20.0  # seconds; what the cut-off one had begun to send fails after 10, and is tried again 2 later

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.real_time]


async def test_one_whom_the_messenger_does_not_answer_lets_the_other_poll_and_send(tmp_path: Path) -> None:
    async with team(tmp_path, STORM) as them:
        host, port = them.messenger.url.removeprefix("http://").split(":")
        async with line(host, int(port)) as to_the_messenger:
            cut_off = await them.start(api=f"http://127.0.0.1:{to_the_messenger.port}")
            await them.start()
            them.call()
            await them.until_last_came()

            to_the_messenger.die()
            them.call()
            polled = await them.until_last_came()
            await them.begin_storm()
            them.call()
            sent = await them.until_came()
            them.call()
            again = await them.until_last_came()
            await them.until_settled()

            print(f"polled after {polled:.1f} s, a storm sent after {sent:.1f} s, one call after {again:.1f} s")
            assert max(polled, again) < RECOVERED_WITHIN
            assert sent < TRIED_ONCE_MORE
            assert (them.counted().lost, them.counted().unmarked) == (0, 0)
            assert max(them.repeats().values()) <= 1
            assert cut_off.child.poll() is None
