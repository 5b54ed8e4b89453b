"""``gateway demo``: a gateway in this process, and a short story on it for each thing that it can do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from gateway.cli import options
from gateway.cli.exits import BadConfig
from gateway.cli.http import Client
from gateway.cli.output import console, emit, visible
from gateway.cli.stories import STORIES, Fact
from gateway.core.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

WIDTH, LABEL = 80, 14  # columns: all tables look alike
OVERRIDES = {"server": {"host": "127.0.0.1", "port": 0}, "store": "memory"}


@click.command("demo")
@options.as_json
def command(as_json: bool) -> None:
    """Send sign-in codes, read them back and check them, on a gateway of its own, and print what happened.

    The provider's official SDK sends them over HTTP to the fake. Nothing leaves the machine, nothing is kept.

    \b
    Example:
      gateway demo
    """
    try:
        asyncio.run(tell(as_json=as_json))
    except ConfigError as wrong:
        raise BadConfig(wrong.message) from wrong


async def tell(*, as_json: bool) -> None:
    """Each story as soon as it has happened; as JSON, all of them at the end."""
    from gateway.app import assemble
    from gateway.config import load_config

    told: dict[str, dict[str, object]] = {}
    async with assemble(load_config(None, OVERRIDES)) as gateway:
        await gateway.start()
        client = Client(gateway.url)
        for story in STORIES:
            facts = await asyncio.to_thread(story.tell, client)
            told[story.name] = {fact.key: fact.value for fact in facts}
            if not as_json:
                console().print(table(story.title, facts))
    if as_json:
        emit(told)
    else:
        click.echo("\nKeep one running:  make serve  (or: gateway serve)")


def table(title: str, facts: list[Fact]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    found = Table(title=title, title_justify="left", title_style="bold", show_header=False, box=box.ROUNDED)
    found.width = min(WIDTH, console().width)
    found.add_column(no_wrap=True, style="dim", width=LABEL)
    found.add_column(overflow="fold", ratio=1)
    for fact in facts:
        found.add_row(fact.label, Text(visible(fact.shown), style="bold green" if fact.key == "code" else ""))
    return found
