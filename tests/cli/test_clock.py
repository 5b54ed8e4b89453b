"""``gateway clock``, and how durations are written."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.options import Duration, format_duration
from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

GET, POST = "GET /api/clock", "POST /api/clock"
CLOCK: dict[str, Any] = {
    "now": "2026-11-21T11:50:30.123Z",
    "real": "2026-11-21T10:20:30.123Z",
    "offsetSeconds": 5400.0,
    "frozen": True,
    "jobs": {"waiting": 2, "nextAt": "2026-11-21T12:00:00.000Z"},
}
IDLE = {"waiting": 0, "nextAt": None}


def test_it_is_shown_with_what_waits_for_it(script: Scripted, run: Run) -> None:
    script.answer(GET, CLOCK)
    result = run("clock", "show")
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert shown == (
        "now 2026-11-21T11:50:30.123Z that is real time +1h30m, frozen "
        "waiting 2, the next at 2026-11-21T12:00:00.000Z"
    )


def test_real_time_is_called_so(script: Scripted, run: Run) -> None:
    script.answer(GET, {**CLOCK, "offsetSeconds": 0.0, "frozen": False, "jobs": IDLE})
    assert " ".join(run("clock", "show").stdout.split()).endswith("that is real time")


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (["advance", "1h30m"], {"advance": 5400.0}),
        (["advance", "90"], {"advance": 90.0}),
        (["set", "2026-12-24T00:00:00Z"], {"set": "2026-12-24T00:00:00Z"}),
        (["freeze"], {"freeze": True}),
        (["unfreeze"], {"freeze": False}),
        (["reset"], {"reset": True}),
    ],
)
def test_each_move_is_one_call(script: Scripted, run: Run, arguments: list[str], body: dict[str, Any]) -> None:
    script.answer(POST, CLOCK)
    result = run("clock", *arguments, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, CLOCK)
    assert [asked.body for asked in script.asked] == [body]


@pytest.mark.parametrize("by", ["0", "0s", "soon", "1x", "-5", "", "1h-3m", "10 m", "m", "1e9", "nan", "٣s"])
def test_what_is_no_step_forward_is_a_wrong_use(script: Scripted, run: Run, by: str) -> None:
    result = run("clock", "advance", by)
    assert (result.exit_code, result.stdout, script.asked) == (2, "", [])


def test_a_shared_gateway_that_refuses_is_exit_code_2(script: Scripted, run: Run) -> None:
    script.refuse(POST, 409, "entity.conflict", "this server was started as shared: its clock cannot be moved")
    result = run("clock", "freeze")
    assert (result.exit_code, "started as shared" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("1.5", 1.5),
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("0.5h", 1800),
        ("1H", 3600),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@given(st.integers(0, 10**7), st.integers(0, 999))
def test_what_is_written_is_read_as_the_same(seconds: int, milliseconds: int) -> None:
    given_seconds = seconds + milliseconds / 1000
    assert Duration().convert(format_duration(given_seconds), None, None) == pytest.approx(given_seconds, abs=5e-4)
    assert format_duration(-given_seconds).removeprefix("-") == format_duration(given_seconds)


def test_a_duration_that_is_none_says_what_is() -> None:
    with pytest.raises(click.BadParameter, match="is no duration such as 90, 90s, 10m, 1h30m or 2d"):
        Duration().convert("tomorrow", None, None)
