"""`tocsin demo`: the whole service on this machine, with everybody's phones on one page."""

import asyncio
import os
from pathlib import Path

import click


@click.command()
@click.option(
    "--port", default=8420, show_default=True, type=click.IntRange(0, 65_535), help="Of the page; 0 takes any."
)
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(1, 600), help="How fast time passes.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
def demo(port: int, speed: float, open_page: bool) -> None:
    """See it work: the whole service, and everybody's phones on one page. Needs no set-up."""
    from tocsin.demo import Demo

    async def play() -> None:
        await Demo(os.environ, Path.cwd(), port).play(speed, open_page=open_page)

    asyncio.run(play())
