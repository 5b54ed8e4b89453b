"""What a user installs: the wheel built from the sdist, in an environment with just the locked runtime."""

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
PHONE = "+8613800138000"

Command: TypeAlias = list[str | Path]

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
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a clean environment. As in the Dockerfile, the build tools stay outside."""
    folder = tmp_path_factory.mktemp("clean")
    wheels = folder / "wheels"
    pip: Command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    locked: Command = ["--require-hashes", "--no-build-isolation", "-r", ROOT / "requirements.lock"]
    run(*pip, "wheel", "--wheel-dir", wheels, *locked, cwd=folder)

    venv.create(folder / "venv", with_pip=False, symlinks=True)
    commands = folder / "venv" / "bin"
    into: Command = ["--python", commands / "python", "install", "--no-index", "--no-deps", "--no-compile"]
    run(*pip, *into, *wheels.glob("*.whl"), wheel, cwd=folder)
    run(*pip, "--python", commands / "python", "check", cwd=folder)
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
        if path.startswith(("gateway/", "connector_gateway/", "templates/", "fixtures/"))
    }

    assert names == expected
    assert {"gateway/py.typed", "connector_gateway/py.typed"} <= names
    assert any(name.startswith("gateway/_data/templates/sms/") for name in names)


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
