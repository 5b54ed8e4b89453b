"""What ``gateway serve`` says on stderr while it runs."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from gateway.cli.logs import Format, Level, logging_to_stderr
from gateway.web.server.log import log_defect
from tests.support.log_lines import exchange_line

NUMBER = "13800138076"
LINE = exchange_line(NUMBER, at=1_800_000_000.5)


def said(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: Format | None, level: Level = "info"
) -> str:
    """After a request, a defect, a warning of ours, and one of a library."""
    error = ValueError(f"cannot send to {NUMBER}")
    # Descriptor 2 itself: what pytest puts in the place of sys.stderr has none.
    with open(2, "w", closefd=False, encoding="utf-8") as stderr, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        with logging_to_stderr(form, level) as put:
            if put is not None:
                put(LINE)
            logging.getLogger("gateway").warning("connector %s is left out", "mine")
            logging.getLogger("a_library.pool").warning("Retrying /?PhoneNumbers=%s", NUMBER)
            log_defect("POST /api/messages", error, "req_1")
            logging.getLogger("asyncio").error("Task exception was never retrieved: %r", error, exc_info=error)
    out, err = capfd.readouterr()
    assert out == ""
    assert NUMBER not in err
    return err


def test_without_a_terminal_each_line_is_json(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[dict[str, Any]] = [json.loads(line) for line in said(capfd, monkeypatch, None).splitlines()]
    assert [line["level"] for line in found] == ["info", "warning", "warning", "error", "error"]
    assert found[0] == {
        "at": "2027-01-15T08:00:00.500Z",
        "level": "info",
        "event": "exchange",
        "id": "ex_1",
        "provider": "toy",
        "operation": "Send",
        "method": "POST",
        "status": 200,
        "milliseconds": 1.23,
        "accepted": True,
        "code": "OK",
        "to": ["…76"],
    }
    assert found[1]["event"] == "connector mine is left out"
    assert found[2]["logger"] == "a_library.pool"
    assert found[2]["place"].startswith("test_logs:")
    assert found[2]["error"] is None
    assert found[3]["id"] == "req_1"
    assert found[3]["event"].startswith("POST /api/messages failed with ValueError at ")
    assert (found[4]["logger"], found[4]["error"]) == ("asyncio", "ValueError")


def test_for_people_it_is_one_line_each_without_colours_where_there_is_no_terminal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = said(capfd, monkeypatch, "console").splitlines()
    assert len(lines) == 5
    for word in ("exchange", "id=ex_1", "provider=toy", "status=200", "…76"):
        assert word in lines[0]
    assert "connector mine is left out" in lines[1]
    assert not any("\x1b" in line for line in lines)


def test_at_level_warning_requests_have_no_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [json.loads(line) for line in said(capfd, monkeypatch, "json", "warning").splitlines()]
    assert [line["level"] for line in found] == ["warning", "warning", "error", "error"]


def test_afterwards_logging_is_as_it_was(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (logging.getLogger().handlers[:], logging.getLogger("gateway").level)
    said(capfd, monkeypatch, "json", "error")
    assert (logging.getLogger().handlers, logging.getLogger("gateway").level) == before


def test_without_a_stderr_there_is_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with logging_to_stderr(None, "info") as put:
        assert put is None
