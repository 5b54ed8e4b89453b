"""Which server the kit starts. Each environment is a real one, with a stand-in for what is installed in it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

import connector_gateway

KIT = Path(connector_gateway.__file__).parents[1]
FIND = "from connector_gateway.finding import find_command; print(*find_command())"


@dataclass
class Project:
    """A project with an environment of its own that has the kit, and an empty PATH."""

    folder: Path
    prefix: Path
    path: Path

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python"

    @property
    def site(self) -> Path:
        (found,) = self.prefix.glob("lib/python*/site-packages")
        return found

    def package(self, folder: Path) -> Path:
        """A package called ``gateway`` there, which is not the server's."""
        init = folder / "gateway" / "__init__.py"
        init.parent.mkdir(parents=True)
        init.write_text("raise SystemExit('the package of the project was imported')\n")
        return init

    def server(self, size: int = 0) -> None:
        """Install the server's package from a wheel. Its file has ``size`` bytes, as far as the metadata knows."""
        (self.site / "gateway").mkdir()
        (self.site / "gateway" / "__init__.py").touch()
        self._metadata().joinpath("RECORD").write_text(f"gateway/__init__.py,,{size}\n")

    def editable_server(self) -> None:
        """Install the server's package from a checkout."""
        checkout = self.folder / "check out"
        self.package(checkout)
        (self.site / "zz_connector_gateway.pth").write_text(f"{checkout}\n")
        about = self._metadata()
        about.joinpath("RECORD").write_text("zz_connector_gateway.pth,,\n")
        about.joinpath("direct_url.json").write_text(
            f'{{"dir_info": {{"editable": true}}, "url": "{checkout.as_uri()}"}}'
        )

    def command(self, folder: Path) -> str:
        file = folder / "connector-gateway"
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
        return str(file)

    def find(self, **environment: str) -> str:
        """The command that the kit finds, or the last line of its complaint."""
        done = subprocess.run(
            [self.python, "-c", FIND],
            cwd=self.folder,
            env={"PATH": str(self.path), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() or done.stderr

    @property
    def module(self) -> str:
        return f"{self.python} -P -m gateway"

    def _metadata(self) -> Path:
        about = self.site / "connector_gateway-1.dist-info"
        about.mkdir()
        about.joinpath("METADATA").write_text("Metadata-Version: 2.4\nName: connector-gateway\nVersion: 1\n")
        return about


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project", tmp_path / "venv", tmp_path / "path")
    made.folder.mkdir()
    made.path.mkdir()
    venv.create(made.prefix, with_pip=False, symlinks=True)
    (made.site / "kit.pth").write_text(f"{KIT}\n")
    return made


def test_the_package_of_the_environment_comes_before_any_command(project: Project) -> None:
    project.server()
    project.command(project.python.parent)
    project.command(project.path)
    assert project.find() == project.module


def test_an_editable_package_counts_as_installed(project: Project) -> None:
    project.editable_server()
    assert project.find() == project.module


def test_without_the_package_the_command_beside_the_interpreter_comes_before_path(project: Project) -> None:
    beside = project.command(project.python.parent)
    project.command(project.path)
    assert project.find() == beside


def test_without_either_the_command_on_path_is_used(project: Project) -> None:
    assert project.find() != (command := project.command(project.path))
    assert project.find() == command


def test_a_folder_gateway_in_the_working_directory_changes_nothing(project: Project) -> None:
    project.package(project.folder)
    command = project.command(project.path)
    assert project.find() == command
    project.server()
    assert project.find() == project.module


def test_a_package_gateway_on_pythonpath_changes_nothing(project: Project) -> None:
    source = project.folder / "src"
    project.package(source)
    command = project.command(project.path)
    assert project.find(PYTHONPATH=str(source)) == command
    project.server()
    assert project.find(PYTHONPATH=str(source)) == project.module


def test_an_editable_package_gateway_of_the_project_does_not_hide_an_installed_server(project: Project) -> None:
    source = project.folder / "src"
    project.package(source)
    (project.site / "aa_project.pth").write_text(f"{source}\n")
    project.server()
    assert project.find() == project.module


def test_an_installed_package_gateway_that_hides_a_checkout_leads_to_the_command_on_path(project: Project) -> None:
    project.package(project.site)
    project.editable_server()
    beside = project.command(project.python.parent)
    found = project.find(PATH=f"{Path(beside).parent}{os.pathsep}{project.path}")
    assert (
        "there is no gateway server to start; a package called `gateway` hides the one of connector-gateway"
        in found
    )
    command = project.command(project.path)
    assert project.find(PATH=f"{Path(beside).parent}{os.pathsep}{project.path}") == command


def test_a_package_gateway_that_overwrote_the_servers_leads_to_the_command_on_path(project: Project) -> None:
    project.server(size=400)
    command = project.command(project.path)
    assert project.find() == command


def test_without_any_server_the_error_names_three_ways_to_get_one(project: Project) -> None:
    assert project.find().splitlines()[-4:] == [
        "connector_gateway.errors.GatewayUnreachable: there is no gateway server to start. Choose one of:",
        '* install it into this environment: pip install "pytest-connector-gateway[server]"',
        "* install it on its own, as a command on PATH: uv tool install connector-gateway",
        "* name one that is running: CONNECTOR_GATEWAY_URL, or pytest --gateway-url URL",
    ]


def test_this_environment_has_the_server() -> None:
    from connector_gateway.finding import find_command

    assert find_command() == [sys.executable, "-P", "-m", "gateway"]
