"""`tocsin run`: the service, until it is told to stop."""

import asyncio

import click

from tocsin.refusing import Refused


@click.command()
def run() -> None:
    """Run the service until it is told to stop."""
    from config.setting_sources import PREFIX
    from tocsin.allocator import hold_little
    from tocsin.folder import need_folder
    from tocsin.keys import load_keys
    from tocsin.opening import read_book, read_settings

    settings = read_settings()
    missing = [
        f"{PREFIX}{name.upper()}"
        for name in ("defender_bot_token", "responder_bot_token")
        if getattr(settings, name) is None
    ]
    if missing:
        raise Refused(
            f"Set {' and '.join(missing)}, the tokens that BotFather gives for your two bots; to see Tocsin work"
            " without any, run `tocsin demo`."
        )
    need_folder(settings.data)
    load_keys(settings)
    book = read_book(settings)

    hold_little()  # before the first thread begins
    from tocsin.serving import serve

    asyncio.run(serve(settings, book))
