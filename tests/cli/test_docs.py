"""docs/cli.md has every command, every option and every exit code."""

from __future__ import annotations

import re

import click
import pytest

from gateway.cli import COMMANDS, exits, main
from tests.cli.command_line import REPOSITORY

DOCS = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)", DOCS))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_section_with_its_options_and_no_others(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    parts = [command, *(command.commands.values() if isinstance(command, click.Group) else [])]
    parameters = [parameter for part in parts for parameter in part.params]
    options = {option for parameter in parameters for option in parameter.opts if option.startswith("--")}
    of_its_own = options - {"--url"}  # in the section "Which gateway"
    assert f"gateway {name}" in SECTIONS[name]
    cells = re.findall(r"(?m)^\| (`--[^|]*)\|", SECTIONS[name])  # a row may have several options
    documented = {option for cell in cells for option in re.findall(r"`(--[a-z-]+)`", cell)}
    assert documented - {"--json"} == of_its_own - {"--json"}
    assert ("--json" in SECTIONS[name]) == ("--json" in options)
    if isinstance(command, click.Group):
        assert all(f"gateway {name} {inner}" in SECTIONS[name] for inner in command.commands)


def test_every_exit_code_is_listed() -> None:
    listed = {int(code) for code in re.findall(r"(?m)^\| (\d+) \|", SECTIONS["Exit codes"])}
    assert listed == {0, exits.NO, exits.USAGE, exits.UNREACHABLE, exits.INTERRUPTED}
