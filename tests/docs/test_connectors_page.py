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


LOGTO = {
    "accessKeyId": "a",
    "accessKeySecret": "b",
    "signName": "c",
    "templates": [
        {"usageType": name, "templateCode": "SMS_1"} for name in ("SignIn", "Register", "ForgotPassword", "Generic")
    ],
}


def test_the_example_of_a_fallback_is_used_and_has_no_other_channel(tmp_path: Path) -> None:
    (tmp_path / "aliyun.json").write_text(json.dumps(LOGTO), encoding="utf-8")
    file = tmp_path / "gateway.yaml"
    file.write_text(containing("docs/connectors.md", "yaml", "fallback:"), encoding="utf-8")
    with serving(tmp_path, "--config", str(file)) as url:
        printed = shell(containing("docs/connectors.md", "bash", "fallbackTo"), url, tmp_path)
        first = shell("curl -s http://127.0.0.1:4650/api/connectors/first", url, tmp_path)
    assert json.loads(first)["fallback"] == ["second"]
    assert json.loads(printed)["message"] == "fallbackTo: there is no connector for email"


def test_the_live_example_loads(tmp_path: Path) -> None:
    (tmp_path / "aliyun.json").write_text(json.dumps(LOGTO), encoding="utf-8")
    file = tmp_path / "gateway.yaml"
    parts = [containing("docs/connectors.md", "yaml", mark) for mark in ("defaults:", "live: true")]
    file.write_text("".join(parts), encoding="utf-8")
    loaded = load_config(file)
    assert loaded.connectors is not None
    assert loaded.connectors[0].live
    assert loaded.live.sends_per_day == 50
    assert loaded.defaults == {"sms": "sms"}
