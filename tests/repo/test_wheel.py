"""What a user installs: both wheels, each built from its sdist, in clean environments."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.repo.check_docs import list_files

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "clients" / "python"
PHONE = "+8613800138000"
PIP: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]

Command: TypeAlias = list[str | Path]

# What the server's own dependencies exclude, and the oldest pytest that the kit takes.
OF_AN_APP = ("aiohttp==3.13.2", "pydantic==2.11.7", "click==8.1.8", "boto3==1.35.0", "pytest==8.0.0")

LISTING = """
import json, re
from importlib.metadata import distributions

def plain(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace("_", "-")

needs = {plain(one.name): [plain(text) for text in one.requires or []] for one in distributions()}
print(json.dumps(needs))
"""

SUITE = """
def test_a_code_is_read_back(gateway):
    phone = gateway.phone()
    gateway.send(phone, code="246810")
    assert gateway.code(phone) == "246810"
"""

# Installs from the package index, so it is allowed minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of this repository and the wheel made from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def kit_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of the test kit and the wheel made from that sdist."""
    folder = tmp_path_factory.mktemp("kit")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, KIT, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def kit_wheel(kit_dist: Path) -> Path:
    (path,) = kit_dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a clean environment. As in the Dockerfile, the build tools stay outside."""
    folder = tmp_path_factory.mktemp("clean")
    wheels = folder / "wheels"
    locked: Command = ["--require-hashes", "--no-build-isolation", "-r", ROOT / "requirements.lock"]
    run(*PIP, "wheel", "--wheel-dir", wheels, *locked, cwd=folder)

    venv.create(folder / "venv", with_pip=False, symlinks=True)
    commands = folder / "venv" / "bin"
    into: Command = ["--python", commands / "python", "install", "--no-index", "--no-deps", "--no-compile"]
    run(*PIP, *into, *wheels.glob("*.whl"), wheel, cwd=folder)
    run(*PIP, "--python", commands / "python", "check", cwd=folder)
    return commands


@pytest.fixture
def env() -> dict[str, str]:
    """The environment of somebody who has neither this repository nor settings of ours."""
    ours = ("GATEWAY_", "PYTHON", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture
def server(scripts: Path, env: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The URL of ``gateway serve`` from the clean environment."""
    log = tmp_path / "serve.log"
    nowhere = tmp_path / "server"
    nowhere.mkdir()
    command: Command = [scripts / "gateway", "serve", "--port", "0", "--store", "memory", "--json"]
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command, cwd=nowhere, env=env, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()  # the timeout of the test ends a wait for nothing
            assert line, f"gateway serve ended at once:\n{log.read_text()}"
            yield json.loads(line)["url"]
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            if process.poll() is None:
                process.kill()
                pytest.fail("gateway serve did not end within 15 seconds of SIGTERM")


def test_the_wheel_holds_the_packages_and_their_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        f"gateway/_data/{path}" if path.startswith(("templates/", "fixtures/")) else path
        for path in list_files(ROOT)
        if path.startswith(("gateway/", "templates/", "fixtures/"))
    }

    assert names == expected
    assert "gateway/py.typed" in names
    for data in ("templates/sms/", "fixtures/"):
        assert any(name.startswith(f"gateway/_data/{data}") for name in names)


def test_the_sdist_is_enough_to_build_and_to_test(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert set(list_files(ROOT)) <= names


def test_help_is_shown_without_the_repository(scripts: Path, env: dict[str, str], tmp_path: Path) -> None:
    shown = run(scripts / "gateway", "--help", cwd=tmp_path, env=env)

    for command in ("serve", "send", "wait", "inbox"):
        assert command in shown


def test_a_code_is_sent_and_read_back(scripts: Path, server: str, env: dict[str, str], tmp_path: Path) -> None:
    nowhere = tmp_path / "client"
    nowhere.mkdir()
    here = {**env, "GATEWAY_URL": server}

    run(scripts / "gateway", "send", PHONE, "--type", "SignIn", "--code", "246810", cwd=nowhere, env=here)
    code = run(scripts / "gateway", "wait", PHONE, cwd=nowhere, env=here)

    assert code.strip() == "246810"
    assert list(nowhere.iterdir()) == []


def test_both_commands_of_the_server_print_its_version(
    scripts: Path, wheel: Path, env: dict[str, str], tmp_path: Path
) -> None:
    version = wheel.name.split("-")[1]
    for name in ("connector-gateway", "gateway"):
        assert run(scripts / name, "--version", cwd=tmp_path, env=env).split()[-1] == version


# --- the test kit -----------------------------------------------------------------------------------------------


def installed(python: Path, *requirements: str | Path, cwd: Path) -> dict[str, list[str]]:
    """Install into a new environment, from the package index, and return its distributions with what each needs."""
    venv.create(python.parents[1], with_pip=False, symlinks=True)
    run(*PIP, "--python", python, "install", "--no-compile", *requirements, cwd=cwd)
    run(*PIP, "--python", python, "check", cwd=cwd)
    found: dict[str, list[str]] = json.loads(run(python, "-I", "-c", LISTING, cwd=cwd))
    return found


def closure(of: str, needs: dict[str, list[str]]) -> set[str]:
    """A distribution and all that it needs, as far as it is installed."""
    found: set[str] = set()
    waiting = [of]
    while waiting:
        name = waiting.pop()
        if name in needs and name not in found:
            found.add(name)
            waiting += needs[name]
    return found


def entry_points(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        return archive.read(name).decode()


def test_the_kits_wheel_holds_its_package_alone(kit_wheel: Path) -> None:
    with zipfile.ZipFile(kit_wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    within = "clients/python/"
    assert names == {
        path.removeprefix(within) for path in list_files(ROOT) if path.startswith(f"{within}connector_gateway/")
    }
    assert "connector_gateway/py.typed" in names


def test_the_kits_license_is_the_projects() -> None:
    assert (KIT / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_plugin_is_registered_once(wheel: Path, kit_wheel: Path) -> None:
    assert "pytest11" not in entry_points(wheel)
    assert entry_points(kit_wheel).split() == [
        *("[pytest11]", "connector_gateway", "=", "connector_gateway.plugin"),
    ]


def test_the_kit_installs_pytest_and_nothing_else(kit_wheel: Path, tmp_path: Path) -> None:
    needs = installed(tmp_path / "venv" / "bin" / "python", kit_wheel, cwd=tmp_path)

    assert set(needs) == closure("pytest", needs) | {"pytest-connector-gateway"}


def test_the_kit_installs_beside_an_app_with_older_dependencies_and_works_there(
    kit_wheel: Path, server: str, env: dict[str, str], tmp_path: Path
) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    needs = installed(python, kit_wheel, *OF_AN_APP, cwd=tmp_path)
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "test_it.py").write_text(SUITE, "utf-8")
    shown = run(python, "-m", "pytest", "-W", "error", "--gateway-url", server, cwd=suite, env=env)

    assert "connector-gateway" not in needs
    assert "1 passed" in shown
