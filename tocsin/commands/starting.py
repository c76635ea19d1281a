"""`tocsin init`: a data folder with a settings file to fill in, keys, and an empty database."""

import asyncio
from pathlib import Path

import click

TEMPLATE = """\
# The settings of this instance. Each can also come from the environment (TOCSIN_LISTEN, or TOCSIN_LISTEN_FILE for a
# file that holds it), which goes before what stands here. `tocsin doctor` says what is wrong and what to do.

# Two bots, made with BotFather: a responder's seized phone must not show the defenders' bot.
# defender_bot_token_file = "defender_bot_token"
# responder_bot_token_file = "responder_bot_token"

# database = "postgresql://user:password@host/tocsin"    # unset: one SQLite file in this folder
# keys = "/media/keys/tocsin"                            # unset: the folder `keys` in this one; better on another disk
# ladders = "ladders.toml"                               # unset: the ladders that come with Tocsin
# listen = "127.0.0.1:8080"                              # health and metrics
# heartbeat_url = "https://..."                          # asked for every minute while all is well: the watch over us
# peer_url = "https://other.example.org/well"            # another instance that we watch, as it may watch us
# trial_chat = "123456789"                               # a chat of your own, for trials of the way alarms go
# trial_every = "10m"                                    # how often one is made
# elsewhere = "+47 00 00 00 00"                          # what defenders should use while alarms may not get through
# mail_url = "smtp://user:password@host:587?from=tocsin@example.org"    # the second way to reach responders
# public_url = "https://tocsin.example.org"              # where others reach `listen`: for the link in a mail
# checkpoint_drop = "checkpoints"                        # a folder from which others fetch checkpoints of the journal
# checkpoint_partners = true                             # partner organisations get one a day, to keep
# passphrase_file = "passphrase"                         # of the keys; unset: `tocsin unlock` gives it at each start
# unlock_url = "https://share.example.org:8443"          # where the other share of the key is
# backup_recipients = "age1... age1..."                  # for whom backups are sealed; two people at least
# language = "en"                                        # of people who have not chosen one
# cover = "notebook"                                     # what the defenders' bot seems to be: see docs/chat.md
"""


@click.command()
def init() -> None:
    """Begin an instance: a data folder, a settings file to fill in, keys, an empty database."""
    from config.setting_sources import SETTINGS_FILE
    from engine.clock import SystemClock
    from tocsin.folder import make_folder
    from tocsin.keys import make_keys
    from tocsin.opening import open_store, read_book, read_settings

    settings = read_settings()
    fresh = make_folder(settings.data)
    template = settings.data / SETTINGS_FILE
    if not template.exists():
        template.write_text(TEMPLATE, encoding="utf-8")
    read_book(settings)
    make_keys(settings, SystemClock())

    async def open_once() -> None:
        async with open_store(settings, SystemClock()):
            pass

    asyncio.run(open_once())
    click.echo(f"{'Begun' if fresh else 'Already here'}: {_shown(settings.data)}")
    click.echo(
        f"Next: fill in {_shown(template)}, then `tocsin doctor`, `tocsin defender add` and `tocsin responder add`."
    )


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
