"""The bot library costs seconds to import: what only looks at texts does without it."""

import subprocess
import sys


def test_a_glance_needs_no_bot_library() -> None:
    script = "import sys, bot.glance, bot.places, bot.durations, bot.daily_times; sys.exit('aiogram' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
