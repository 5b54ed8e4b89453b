"""The examples of docs/verification.md, run as they stand, and its table held against the presets."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import load_config
from gateway.verification.rules import PRESETS, By
from tests.docs.test_examples import containing, serving, shell

pytest_plugins = ("pytester",)

PAGE = "docs/verification.md"


@pytest.mark.slow
def test_the_python_examples_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(containing(PAGE, "python", "def test_the_code_is_right_once"))
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=5)


def test_the_shell_example_is_answered_as_by_logto(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        assert shell(containing(PAGE, "sh", "verification-codes"), url, tmp_path) == "204\n"


def test_the_config_example_can_work(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text(containing(PAGE, "yaml", "policy: nist"), encoding="utf-8")
    made = load_config(file).codes.effective_policy
    assert (made.length, made.lock_seconds, len(made.windows)) == (8, 3600, 4)


def test_the_table_says_what_the_presets_are() -> None:
    logto, nist, off = (PRESETS[name] for name in ("logto", "nist", "off"))
    assert {policy.length for policy in PRESETS.values()} == {6}
    assert (logto.lifetime_seconds, nist.lifetime_seconds, off.lifetime_seconds) == (600, 600, None)
    assert (logto.tries_per_code, nist.tries_per_code, off.tries_per_code) == (10, 10, None)
    assert (nist.tries_per_recipient, nist.lock_seconds) == (100, None)
    assert nist.try_waits[:4] == (0, 0, 30, 60)
    assert (nist.resend_waits[0], nist.resend_waits[-1], nist.try_waits[-1]) == (30, 3600, 3600)
    ((by, sends, seconds),) = [(window.by, window.sends, window.seconds) for window in logto.windows]
    assert (by, sends, seconds) == (By.RECIPIENT, 10, 600)
    assert (nist.windows, off.windows) == ((), ())
