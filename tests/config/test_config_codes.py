"""The section ``codes``: presets and own rules, and what cannot work is told at the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.config import Config, load, load_config
from gateway.config.explained import effective
from gateway.core.errors import ConfigError
from gateway.verification.rules import PRESETS, By, Window
from tests.support.configs import messages, places

KEY = "0123456789abcdef"


def written(folder: Path, text: str) -> Path:
    file = folder / "gateway.yaml"
    file.write_text(text, "utf-8")
    return file


def test_without_a_word_codes_are_as_logtos() -> None:
    codes = load_config(None).codes
    assert (codes.effective_policy, codes.seed, codes.echo, codes.key) == (PRESETS["logto"], None, False, None)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_named(tmp_path: Path, name: str) -> None:
    # `off` without quotes is text in YAML 1.2.
    assert load_config(written(tmp_path, f"codes: {{policy: {name}}}")).codes.effective_policy == PRESETS[name]


def test_own_rules_go_over_the_preset_and_null_means_no_limit(tmp_path: Path) -> None:
    text = """
codes:
  policy: nist
  rules:
    length: 8
    lifetime_seconds: 300
    tries_per_code: null
    tries_per_recipient: 50
    lock_seconds: 3600
    try_waits: []
    resend_waits: [30, 60]
    windows: [{by: recipient, sends: 5, seconds: 3600}, {by: all, sends: 1000, seconds: 86400}]
"""
    made = load_config(written(tmp_path, text)).codes.effective_policy
    assert (made.length, made.lifetime_seconds, made.tries_per_code) == (8, 300, None)
    assert (made.tries_per_recipient, made.lock_seconds) == (50, 3600)
    assert (made.try_waits, made.resend_waits) == ((), (30, 60))
    assert made.windows == (Window(By.RECIPIENT, 5, 3600), Window(By.ALL, 1000, 86_400))
    assert made.alphabet == PRESETS["nist"].alphabet
    assert made.failed_send_keeps_older


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("codes: {policy: strict}", "1: codes.policy: must be 'logto', 'nist' or 'off'"),
        ("codes: {polcy: off}", "1: codes.polcy: unknown key; did you mean policy?"),
        ("codes: {rules: {lenght: 8}}", "1: codes.rules.lenght: unknown key; did you mean length?"),
        ("codes:\n  rules:\n    length: 2", "3: codes.rules.length: 100 codes are too few"),
        ("codes:\n  rules: {tries_per_code: 100000}", "2: codes.rules: length: 1,000,000 codes are too few"),
        ("codes:\n  rules: {lifetime_seconds: 0}", "2: codes.rules.lifetime_seconds: must be more than 0"),
        (
            "codes:\n  policy: nist\n  rules: {lifetime_seconds: 20}",
            "3: codes.rules.lifetime_seconds: is over before another may be sent: resend_waits begins with 30",
        ),
        (
            "codes:\n  rules: {windows: [{by: all, sends: 0, seconds: 1}]}",
            "2: codes.rules.windows.0.sends: must be at least 1",
        ),
        (
            "codes:\n rules:\n  windows:\n  - {by: all, sends: 1, seconds: 9}\n  - {by: all, sends: 2, seconds: 9}",
            "5: codes.rules.windows.1: there is another one by all",
        ),
        ("codes: {rules: {windows: [{by: ip, sends: 1, seconds: 1}]}}", "1: codes.rules.windows.0.by: must be"),
        ("codes: {rules: {try_waits: [60, 30]}}", "1: codes.rules.try_waits: must not become shorter"),
        ("codes: {rules: {lock_seconds: 60}}", "1: codes.rules.lock_seconds: does nothing without"),
        ("codes: {rules: {alphabet: 0123456789-}}", "1: codes.rules.alphabet: must be of A-Z"),
        ("codes: {key: short}", "1: codes.key: "),
        ("codes: {seed: x}", "1: codes.seed: must be a whole number"),
        ("mode: live\ncodes: {seed: 7}", "2: codes.seed: not in mode live"),
        ("mode: live\ncodes: {echo: true}", "2: codes.echo: not in mode live"),
    ],
)
def test_what_cannot_work_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as refused:
        load_config(file)
    (line,) = messages(refused.value, file)
    assert line.startswith(message), line


def test_several_rules_that_cannot_work_are_told_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, "codes: {rules: {length: 1, try_waits: [2, 1], resend_waits: [700]}}\nmod: x")
    with pytest.raises(ConfigError) as refused:
        load_config(file)
    assert places(refused.value) == [
        ("codes", "rules", "length"),
        ("codes", "rules", "try_waits"),
        ("codes", "rules"),
        ("mod",),
    ]


@pytest.mark.parametrize(
    "sections",
    [
        {"codes": {"rules": {"length": 1}}},
        {"mode": "live", "codes": {"echo": True}},
        {"mode": "live", "codes": {"seed": 0}},
    ],
)
def test_a_config_that_is_made_in_python_is_checked_too(sections: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"codes\."):
        Config.model_validate(sections)


def test_the_effective_settings_have_every_rule_and_not_the_key(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, f"codes: {{key: {KEY}x, rules: {{length: 8}}}}"))
    shown = effective(loaded, "memory")["codes"]
    assert shown["rules"]["length"] == 8
    assert shown["rules"]["windows"] == [{"by": "recipient", "sends": 10, "seconds": 600.0}]
    assert KEY not in str(shown)
