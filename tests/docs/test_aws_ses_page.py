"""docs/aws-ses.md and the list of operations beside it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from gateway.config import load_config
from tests.docs import generate
from tests.docs.test_examples import containing, serving, shell
from tests.providers.aws_ses.test_oracle import DISAGREEMENTS


def test_the_list_of_operations_is_the_one_of_the_code() -> None:
    assert generate.OPERATIONS.read_text(encoding="utf-8") == generate.operations()


def test_the_page_lists_every_disagreement_with_moto() -> None:
    def shown(outcome: str) -> str:
        return outcome if outcome == "answers" else f"`{outcome}`"

    rows = {
        f"| {call} | {shown(one.ours)} | {shown(one.moto)} | {one.why} |" for call, one in DISAGREEMENTS.items()
    }
    page = (generate.DOCS / "aws-ses.md").read_text(encoding="utf-8")
    section = page.partition("### Where it differs from moto")[2].partition("\n### ")[0]
    assert set(re.findall(r"^\| v.*$", section, re.MULTILINE)) == rows


def test_the_example_in_python_sends(tmp_path: Path) -> None:
    script = containing("docs/aws-ses.md", "python", "send_email")
    with serving(tmp_path) as url:
        done = subprocess.run(
            [sys.executable, "-c", script.replace("http://127.0.0.1:4650", url)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path), "NO_PROXY": "127.0.0.1"},
        )
    assert done.stdout == "60\n"


def test_the_example_of_a_config_is_one(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text(containing("docs/aws-ses.md", "yaml", "aws-ses:"), encoding="utf-8")
    assert load_config(file).fakes["aws-ses"]["strict"] is True
    config = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    assert config["fakes"]["aws-ses"]["production"] is True


def test_the_connector_of_the_page_sends_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text(containing("docs/aws-ses.md", "yaml", "factory: aws-ses-mail"), encoding="utf-8")
    send = "curl -s http://127.0.0.1:4650/api/messages -H 'Content-Type: application/json' -d "
    body = '{"to": "ada@example.com", "type": "SignIn", "payload": {"code": "246810"}}'
    with serving(tmp_path, "--config", str(file)) as url:
        shell(f"{send}'{body}'", url, tmp_path)
        (capture,) = json.loads(shell("curl -s http://127.0.0.1:4650/api/captures", url, tmp_path))["captures"]
        tried = shell(containing("docs/aws-ses.md", "bash", "aws-ses-mail/test"), url, tmp_path)
    assert (capture["subject"], capture["text"], capture["code"]) == ("Your code", "Your code is 246810", "246810")
    assert capture["mail"]["replyTo"] == ["help@example.com"]
    assert tried.split() == ["204", "000000"]
