"""Aliyun SMS: ``provider`` is all that the house knows of it. Light: SDK and pydantic come at first use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.core.model import Channel, Request
from gateway.providers.aliyun_sms.fake import known, operations, pipeline
from gateway.providers.aliyun_sms.metadata import METADATA
from gateway.providers.ports import Connector, ConnectorFactory, Driver, Provider

if TYPE_CHECKING:
    from pydantic import BaseModel

    from gateway.rendering import Renderer

FACTORY = "aliyun-short-message-service"
_MIB = 1 << 20

# The central name and the regional ones of the SDK's endpoint map (dysmsapi-xman.cn-hongkong.aliyuncs.com).
_HOST = re.compile(r"dysmsapi(?:(?:-xman|-proxy)?\.[a-z0-9-]+)?\.aliyuncs\.com")
_ACTION = re.compile("(?:^|[?&])Action=")
# Action alone could be anybody's; AWS's older protocol has Action and Version too.
_ALIYUN = re.compile("(?:^|[?&])(?:SignatureNonce=|Version=(?:2017-05-25|2018-05-01)(?:&|$))")


def _answers_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None


def _claims(request: Request) -> bool:
    """Aliyun's headers, or the parameters of RPC v1 in query or form."""
    headers = request.by_name
    if "x-acs-action" in headers or headers.get("authorization", "").startswith("ACS3-"):
        return True
    target = request.target
    form = request.body.decode("latin-1") if request.body else ""
    return bool(
        (_ACTION.search(target) or _ACTION.search(form)) and (_ALIYUN.search(target) or _ALIYUN.search(form))
    )


def _settings(config: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    from gateway.providers.aliyun_sms.settings import parse

    return parse(config, options)


def _driver(settings: Any, address: str | None) -> Driver:
    from gateway.providers.aliyun_sms.driver import AliyunSmsDriver

    return AliyunSmsDriver(settings, address)


def _warnings(settings: Any) -> Sequence[str]:
    """What Logto ignores is ignored here too."""
    return [f"config.{key} is ignored: nobody knows that key" for key in settings.ignored]


def _options_schema() -> type[BaseModel]:
    from gateway.providers.aliyun_sms.settings import Options

    return Options


def _fake_schema() -> type[BaseModel]:
    from gateway.providers.aliyun_sms.fake.part import FakePart

    return FakePart


def _fake_settings(config: Mapping[str, Any], connectors: Sequence[Connector], previous: Any) -> Any:
    from gateway.providers.aliyun_sms.fake.config import read

    return read(config, connectors, previous)


def _fake_warnings(settings: Any) -> Sequence[tuple[tuple[str, ...], str]]:
    return [(("templates",), text) for text in settings.warnings]


def _with_templates(config: Mapping[str, Any], renderer: Renderer) -> Mapping[str, Any]:
    from gateway.providers.aliyun_sms.registered import with_templates

    return with_templates(config, renderer)


def _recipes(host: str, port: int, connectors: Sequence[Connector]) -> Sequence[tuple[str, str]]:
    """For each kind of client; the credentials are those of the first connector."""
    from gateway.providers.aliyun_sms.recipes import recipes

    return recipes(host, port, connectors)


def _environment(host: str, port: int, connectors: Sequence[Connector]) -> Mapping[str, str]:
    """``ALIBABA_CLOUD_*`` is what Aliyun's credentials package reads. ``ALIYUN_SMS_*`` are our own names: its SMS
    SDK takes the rest from code only."""
    found: dict[str, str | None] = {"ALIYUN_SMS_ENDPOINT": f"{host}:{port}"}
    if connectors:
        settings = connectors[0].settings
        found |= {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": settings.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": settings.access_key_secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": settings.security_token,
            "ALIYUN_SMS_SIGN_NAME": settings.sign_name,
            "ALIYUN_SMS_TEMPLATE_CODE": next((use.code for use in settings.template_uses()), None),
        }
    return {name: value for name, value in found.items() if value is not None}


provider = Provider(
    name="aliyun-sms",
    title="Aliyun SMS",
    factories={
        FACTORY: ConnectorFactory(FACTORY, Channel.SMS, _settings, _driver, METADATA, _warnings, _options_schema)
    },
    max_body=4 * _MIB,
    answers_host=_answers_host,
    claims=_claims,
    fake=pipeline.fake,
    forbid=pipeline.forbid,
    fake_settings=_fake_settings,
    recipes=_recipes,
    environment=_environment,
    fake_schema=_fake_schema,
    with_templates=_with_templates,
    fake_warnings=_fake_warnings,
    operations=frozenset(action for _, action in operations.OPERATIONS) | {"OPTIONS"},
    sends=known.SENDS,
    errors=known.errors,
    magic=known.MAGIC,
)
