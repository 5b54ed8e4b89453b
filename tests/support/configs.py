"""What tests of the config file have in common: providers of both channels, and Logto's JSON that works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from gateway.config.problems import Place
from gateway.core.errors import ConfigError
from gateway.core.model import Channel
from gateway.providers import registry
from gateway.providers.ports import Provider
from tests.support import toy

ALIYUN = "aliyun-short-message-service"
TOY_MAIL = "toy-mail"
LOGTO = {
    "accessKeyId": "a-key-id",
    "accessKeySecret": "a-key-secret",
    "signName": "a sign",
    "templates": [
        {"usageType": name, "templateCode": "SMS_1"} for name in ("SignIn", "Register", "ForgotPassword", "Generic")
    ],
}


@cache
def providers() -> Mapping[str, Provider]:
    """Ours, and the toy with a factory for email beside its own. Made once: to look for what is installed takes
    longer than to read a file."""
    sms = toy.provider.factories[toy.FACTORY]
    mail = replace(sms, id=TOY_MAIL, channel=Channel.EMAIL)
    return {
        **registry.load_providers(),
        toy.NAME: replace(toy.provider, factories={toy.FACTORY: sms, TOY_MAIL: mail}),
    }


def messages(error: ConfigError, file: Path) -> list[str]:
    """A line for each problem, without the name of the file."""
    lines = error.message.splitlines()
    assert all(line.startswith((f"{file}:", "command line: ")) for line in lines), lines
    return [line.removeprefix(str(file)).removeprefix(":") for line in lines]


def places(error: ConfigError) -> list[Place]:
    found: list[dict[str, Any]] = error.data["problems"]
    return [tuple(one["path"]) for one in found]
