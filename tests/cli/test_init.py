"""``gateway init`` and ``gateway config``: a file to begin with, and what it may say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.config import load_config
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_it_writes_is_the_defaults_with_comments(run: Run) -> None:
    result = run("init")
    assert (result.exit_code, result.stdout) == (0, "Wrote gateway.yaml. Next: gateway check gateway.yaml\n")
    path = Path("gateway.yaml")
    assert load_config(path) == load_config(None)
    assert path.read_text("utf-8").count("#") > 10
    assert "\nserver:" in path.read_text("utf-8")


def test_check_accepts_it_as_it_is(run: Run) -> None:
    run("init", "mine.yaml")
    result = run("check", "mine.yaml")
    assert (result.exit_code, result.stderr) == (0, "")


def test_what_is_commented_out_works_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init")
    monkeypatch.setenv("GATEWAY_TOKEN", "x")
    Path("templates").mkdir()
    _, rest = Path("gateway.yaml").read_text("utf-8").split("\n\n", 1)
    Path("gateway.yaml").write_text(re.sub(r"(?m)^( *)# (?=(?:  )?[a-z_-]+:(?: |$)|  )", r"\1", rest))
    config = load_config(Path("gateway.yaml"))
    assert config.store_config.kind == "sqlite"
    assert config.server.public_url == "https://gateway.example.com"
    assert config.live.allow == ("+8613800138000", "*@example.com")
    assert config.fakes == {"aliyun-sms": {"strict": True}, "aws-ses": {"strict": True}}
    assert config.defaults == {"sms": "sms", "email": "email"}


def test_a_file_that_is_there_stays_unless_forced(run: Run) -> None:
    Path("gateway.yaml").write_text("mine")
    refused = run("init")
    assert refused.exit_code == 2
    assert refused.stderr == "Error: gateway.yaml: is there already; --force replaces it\n"
    assert Path("gateway.yaml").read_text() == "mine"
    assert run("init", "--force").exit_code == 0
    assert load_config(Path("gateway.yaml")) == load_config(None)


def test_with_a_schema_the_first_line_names_the_file_beside_it(run: Run) -> None:
    assert json.loads(run("init", "x.yaml", "--schema", "--json").stdout) == {"files": ["x.yaml", "x.schema.json"]}
    first = Path("x.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=./x.schema.json"
    assert Path("x.schema.json").read_text("utf-8") == run("config", "schema").stdout


def test_nothing_is_written_where_the_schema_would_replace_a_file(run: Run) -> None:
    Path("gateway.schema.json").write_text("mine")
    assert run("init", "--schema").exit_code == 2
    assert not Path("gateway.yaml").exists()


def test_a_folder_that_is_not_there_is_exit_code_2(run: Run) -> None:
    result = run("init", "no/such/folder.yaml")
    assert (result.exit_code, result.stderr) == (2, "Error: no/such/folder.yaml: no such file or directory\n")


def test_the_reference_has_every_section(run: Run) -> None:
    shown = run("config", "reference").stdout
    for heading in ("### The file", "### `server`", "### `live`", "### `fakes.aliyun-sms`"):
        assert heading in shown
