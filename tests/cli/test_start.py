"""What the command does before it does anything: help, version, and what it loads for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway.cli import COMMANDS, main
from tests.cli import command_line
from tests.support.tiers import nth_fast

HEAVY = ("aiohttp", "rich", "pydantic", "asyncio", "http.client", "gateway.core.model", "importlib.metadata")


def loaded_by(tmp_path: Path, *arguments: str) -> set[str]:
    script = (
        "import sys\nfrom gateway.cli import main\n"
        f"try: main({list(arguments)!r}, prog_name='gateway')\n"
        f"except SystemExit: pass\nprint('loaded', *(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=command_line.environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=command_line.PATIENCE,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_help_loads_click_and_none_of_the_heavy_modules(tmp_path: Path) -> None:
    assert loaded_by(tmp_path, "--help") == set()


def test_version_loads_none_of_the_heavy_modules_either(tmp_path: Path) -> None:
    assert loaded_by(tmp_path, "--version") <= {"importlib.metadata"}


@pytest.mark.parametrize("command", nth_fast(COMMANDS, 5))
def test_the_help_of_a_command_loads_neither_server_nor_tables(tmp_path: Path, command: str) -> None:
    assert loaded_by(tmp_path, command, "--help").isdisjoint({"aiohttp", "rich", "pydantic"})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_name_and_an_example(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    shown = CliRunner().invoke(main, [name, "--help"], prog_name="gateway").output
    assert f"gateway {name}" in shown.split("Example", 1)[1]


def test_python_dash_m_is_the_same_command(tmp_path: Path) -> None:
    done = command_line.run("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("gateway ")


def test_a_command_that_is_not_there_is_exit_code_2_and_names_those_that_are(tmp_path: Path) -> None:
    done = command_line.run("inbx", cwd=tmp_path)
    assert done.returncode == 2
    assert "inbox" in done.stderr
