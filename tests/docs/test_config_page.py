"""docs/config.md and docs/config.schema.json are what the code says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from gateway.cli.config import starting_config
from gateway.config.schema import schema_text
from tests.docs import generate
from tests.docs.test_examples import blocks
from tests.support.configs import ALIYUN, LOGTO

STALE = "python -m tests.docs.generate"
VALIDATOR = jsonschema_rs.validator_for(json.loads(generate.SCHEMA.read_text(encoding="utf-8")))


def test_the_reference_is_up_to_date() -> None:
    assert generate.PAGE.read_text(encoding="utf-8") == generate.page(), STALE


def test_the_schema_is_up_to_date() -> None:
    assert generate.SCHEMA.read_text(encoding="utf-8") == schema_text(), STALE


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(json.loads(generate.SCHEMA.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "source", [blocks("docs/config.md", "yaml")[0], starting_config("gateway.yaml")], ids=["page", "init"]
)
def test_the_examples_fit_the_schema(source: str) -> None:
    VALIDATOR.validate(YAML(typ="safe", pure=True).load(source))


def test_the_sandbox_fits_the_schema() -> None:
    sandbox = Path(__file__).resolve().parents[2] / "fixtures" / "sandbox.yaml"
    VALIDATOR.validate(YAML(typ="safe", pure=True).load(sandbox.read_text(encoding="utf-8")))


def connector(**parts: Any) -> dict[str, Any]:
    return {"connectors": [{"id": "a", "factory": ALIYUN, "config": LOGTO, **parts}]}


@pytest.mark.parametrize(
    "document",
    [
        {"server": {"port": "${env:PORT}", "shared": "${env:SHARED}"}, "mode": "${env:MODE}"},
        connector(options={"timeout_seconds": 3}),
        connector(config={**LOGTO, "ignored": 1}),
        {"fakes": {"aliyun-sms": {"strict": "${env:STRICT}", "accounts": []}}},
    ],
)
def test_what_works_fits_the_schema(document: dict[str, Any]) -> None:
    VALIDATOR.validate(document)


@pytest.mark.parametrize(
    "document",
    [
        {"sever": {}},
        {"server": {"port": "x"}},
        {"mode": "real"},
        connector(options={"timeout": 3}),
        connector(config={}),
        connector(config_file="x.json"),
        connector(factory="unknown"),
        {"fakes": {"aliyun": {}}},
        {"fakes": {"aliyun-sms": {"strct": True}}},
        {"defaults": {"voice": "a"}},
    ],
)
def test_what_does_not_work_does_not_fit_the_schema(document: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(document)
