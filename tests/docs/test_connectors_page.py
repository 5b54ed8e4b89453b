"""The examples of docs/connectors.md, run as they stand."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.config import load_config
from tests.docs.test_examples import containing, serving, shell


def test_a_connector_is_made_changed_and_removed(tmp_path: Path) -> None:
    script = containing("docs/connectors.md", "bash", "-X PATCH")
    with serving(tmp_path) as url:
        printed = shell(script, url, tmp_path)
    made, shown, changed = (json.loads(line) for line in printed.splitlines())
    assert made == shown
    assert made["config"]["accessKeySecret"] == "********"
    assert (made["authorization"], changed["authorization"]) == (None, "********")


def test_the_live_example_loads(tmp_path: Path) -> None:
    config = {
        "accessKeyId": "a",
        "accessKeySecret": "b",
        "signName": "c",
        "templates": [
            {"usageType": name, "templateCode": "SMS_1"}
            for name in ("SignIn", "Register", "ForgotPassword", "Generic")
        ],
    }
    (tmp_path / "aliyun.json").write_text(json.dumps(config), encoding="utf-8")
    file = tmp_path / "gateway.yaml"
    parts = [containing("docs/connectors.md", "yaml", mark) for mark in ("defaults:", "live: true")]
    file.write_text("".join(parts), encoding="utf-8")
    loaded = load_config(file)
    assert loaded.connectors is not None
    assert loaded.connectors[0].live
    assert loaded.live.sends_per_day == 50
    assert loaded.defaults == {"sms": "sms"}
