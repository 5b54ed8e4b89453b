from __future__ import annotations

import json

from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

LINES = (
    'config.endpoint = "127.0.0.1:4650"\nconfig.protocol = "http"  # '
    + "a line that is longer than a terminal " * 3
)
FOUND = {
    "providers": [
        {
            "name": "aliyun-sms",
            "title": "Aliyun SMS",
            "channels": ["sms"],
            "connectors": ["sms"],
            "factories": ["aliyun-short-message-service"],
            "url": "http://127.0.0.1:4650/fakes/aliyun-sms",
            "recipes": [{"title": "the Python SDK", "text": LINES}],
            "environment": {},
        }
    ]
}


def test_the_lines_to_paste_are_neither_indented_nor_folded(script: Scripted, run: Run) -> None:
    script.answer("GET /api/providers", FOUND)
    result = run("providers")
    assert f"\nAliyun SMS: the Python SDK\n{LINES}\n" in result.stdout
    assert "aliyun-short-message-service" in result.stdout


def test_json_is_the_answer_of_the_api(script: Scripted, run: Run) -> None:
    script.answer("GET /api/providers", FOUND)
    assert json.loads(run("providers", "--json").stdout) == FOUND
