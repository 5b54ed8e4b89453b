"""The examples of README.md and of the pages in docs/, run as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.config import load_config
from tests.support.configs import LOGTO
from tests.support.gateway_processes import forked

pytest_plugins = ("pytester",)

ROOT = Path(__file__).parents[2]
PATIENCE = 60


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def containing(page: str, language: str, mark: str) -> str:
    """The one block that has the mark in it."""
    found = [block for block in blocks(page, language) if mark in block]
    assert len(found) == 1, f"{page} should have one {language} block with {mark}"
    return found[0]


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """A gateway for the commands of an example; its URL."""
    with forked(folder, *arguments) as server:
        yield server.url


def shell(script: str, url: str, folder: Path) -> str:
    """Run the lines of an example against ``url``; what they print."""
    lines = [line for line in script.splitlines() if not line.startswith("gateway serve")]
    environment = {**os.environ, "GATEWAY_URL": url, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", "\n".join(lines).replace("http://127.0.0.1:4650", url)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("page", "mark", "tests"),
    [
        ("README.md", "def test_the_code_arrives", 3),
        ("README.md", "def test_a_mail_arrives", 1),
        ("docs/testing.md", "def test_the_message_itself", 4),
        ("docs/faults.md", "def test_a_code_that_never_comes", 3),
        ("docs/social.md", "def test_a_persona_signs_in", 3),
    ],
)
@pytest.mark.slow  # a run of pytest and a server
def test_the_python_examples_pass(pytester: pytest.Pytester, page: str, mark: str, tests: int) -> None:
    pytester.makepyfile(containing(page, "python", mark))
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis").assert_outcomes(passed=tests)


@pytest.mark.slow  # a server of its own
def test_the_example_without_pytest_runs(tmp_path: Path) -> None:
    script = containing("docs/testing.md", "python", "with Server() as server")
    subprocess.run([sys.executable, "-P", "-c", script], cwd=tmp_path, timeout=PATIENCE, check=True)


def test_the_readme_delivers_a_code_for_an_identity_server(tmp_path: Path) -> None:
    script = containing("README.md", "sh", "curl")
    with serving(tmp_path) as url:
        printed = shell(script, url, tmp_path)
    receipt, code, *_ = printed.splitlines()
    assert json.loads(receipt)["receipt"]["providerCode"] == "OK"
    assert code == "246810"


@pytest.mark.slow  # many commands, a process each
def test_the_guide_to_faults_runs(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        printed = shell(containing("docs/faults.md", "sh", "fault add"), url, tmp_path)
        assert "refused, as ordered" in printed
        assert "222222" in printed.splitlines()
        assert "1 of 1" in printed
        magic = shell(containing("docs/faults.md", "sh", "fault magic"), url, tmp_path)
        assert "+86 154 0008 xxxx" in magic
        moved = shell(containing("docs/faults.md", "sh", "clock advance"), url, tmp_path)
    # Frozen, it falls behind by what the commands take.
    assert re.search(r"real time \+1h(30m|29m5[0-9.]+s), frozen", " ".join(moved.split()))


def test_the_guide_to_social_sign_in_makes_a_persona(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        printed = shell(containing("docs/social.md", "sh", "/api/personas/grace"), url, tmp_path)
    assert printed.count('"grace"') >= 2


def test_the_guide_to_the_command_line_adds_personas_and_clients(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        people = shell(containing("docs/cli.md", "sh", "personas add"), url, tmp_path)
        apps = shell(containing("docs/cli.md", "sh", "clients add"), url, tmp_path)
        left = json.loads(shell("gateway personas list --json", url, tmp_path))["personas"]
    assert people.startswith("grace\nlocked\nkim\n")
    assert json.loads(people.splitlines()[-1])["claims"]["email"] == "grace@example.com"
    assert "my-app" in apps
    assert "a-secret" not in apps
    assert "grace" not in {one["id"] for one in left}


def test_the_guide_reads_the_description_of_the_api_and_sends_once(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        printed = shell(containing("docs/api.md", "sh", "openapi.json"), url, tmp_path)
        sent = shell(containing("docs/api.md", "sh", "Idempotency-Key"), url, tmp_path)
    assert json.loads(printed)["servers"] == [{"url": url}]
    assert len(set(re.findall('"messageId":"(.*?)"', sent))) == 1
    assert sent.count("Idempotency-Replayed: true") == 1


@pytest.mark.slow  # many commands, a process each
def test_the_readme_shows_an_edited_template(tmp_path: Path) -> None:
    previews = shell(containing("README.md", "sh", "templates init"), "", tmp_path)
    assert "Your sign-in code is 246810." in " ".join(previews.split())
    assert "246810" in (tmp_path / "mail.html").read_text("utf-8")
    edited = tmp_path / "templates/sms/en/SignIn.j2"
    edited.write_text(edited.read_text("utf-8").replace("Your sign-in code is", "Mine:"), encoding="utf-8")
    with serving(tmp_path, "--templates", "templates") as url:
        printed = shell(containing("README.md", "sh", "gateway send"), url, tmp_path)
    assert "Mine: 246810." in " ".join(printed.split())


def test_the_config_example_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", "a-token")
    (tmp_path / "templates").mkdir()
    (tmp_path / "aliyun.json").write_text(json.dumps(LOGTO), encoding="utf-8")
    file = tmp_path / "gateway.yaml"
    file.write_text(containing("docs/config.md", "yaml", "mode: sandbox"), encoding="utf-8")
    config = load_config(file)
    assert config.server.api_token is not None
    assert config.connectors is not None
    assert [connector.id for connector in config.connectors] == ["sms"]
