"""``gateway providers``: list the providers, and print the lines to paste into a client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import options
from gateway.cli.http import Client
from gateway.cli.output import console, emit, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


@click.command("providers")
@options.as_json
@options.talks_to_a_gateway
def command(client: Client, as_json: bool) -> None:
    """List the providers that this gateway stands in for, with the lines to paste into an SDK or into Logto.

    \b
    Example:
      gateway providers
    """
    answer = client.ask("GET", "/api/providers").document()
    if as_json:
        emit(answer)
        return
    out = console()
    out.print(overview(answer["providers"]))
    out.print()
    for provider in answer["providers"]:
        recipes = [(recipe["title"], recipe["text"]) for recipe in provider["recipes"]]
        show_recipes(out, provider["title"], [("its fake", provider["url"]), *recipes])


def overview(providers: Sequence[dict[str, Any]]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("provider", no_wrap=True)
    table.add_column("channels")
    table.add_column("connectors", overflow="fold")
    table.add_column("Logto's factories", overflow="fold")
    for provider in providers:
        channels, connectors = ", ".join(provider["channels"]), ", ".join(provider["connectors"])
        table.add_row(provider["name"], channels, connectors, "\n".join(provider["factories"]))
    return table


def show_recipes(out: Console, title: str, recipes: Sequence[tuple[str, str]]) -> None:
    """Print each recipe under its title. The lines to paste are neither indented nor folded."""
    for name, text in recipes:
        out.print(f"{title}: {name}", style="bold", soft_wrap=True)
        out.print(visible(text.strip("\n")), soft_wrap=True)
        out.print()
