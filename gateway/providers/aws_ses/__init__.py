"""Amazon SES: ``provider`` is all that the house knows of it. Light: SDK and pydantic come at first use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.core.model import Channel, Request
from gateway.providers.aws_ses.fake import known, operations, pipeline
from gateway.providers.aws_ses.metadata import METADATA
from gateway.providers.ports import Connector, ConnectorFactory, Driver, Provider

if TYPE_CHECKING:
    from pydantic import BaseModel

FACTORY = "aws-ses-mail"
_MIB = 1 << 20

# email.eu-west-1.amazonaws.com, email-fips.us-east-1.amazonaws.com, email.cn-north-1.amazonaws.com.cn, and the
# dual-stack names email.eu-west-1.api.aws. A VPC's endpoint has a name of its own in front.
_HOST = re.compile(
    r"(?:vpce-[a-z0-9-]+\.)?email(?:-fips)?\.[a-z0-9-]+(?:\.vpce)?\.(?:amazonaws\.com(?:\.cn)?|api\.aws|"
    r"api\.amazonwebservices\.com\.cn)"
)
_SCOPE = re.compile(r"Credential=[^/,\s]+/[0-9]+/[^/,\s]*/ses/aws4_request")
_PRESIGNED = re.compile(r"[?&]X-Amz-Credential=[^&]*(?:%2F|/)ses(?:%2F|/)aws4_request", re.IGNORECASE)
_ACTION = re.compile(r"(?:^|[?&])Action=")
_VERSION = re.compile(r"(?:^|[?&])Version=2010-12-01(?:&|$)")


def _answers_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None


def _claims(request: Request) -> bool:
    """A signature for the service ``ses``, or Action and Version of the Query protocol."""
    target = request.target
    if _SCOPE.search(request.by_name.get("authorization", "")):
        return True
    if _PRESIGNED.search(target):
        return True
    form = request.body.decode("latin-1") if request.body else ""
    return bool(
        (_VERSION.search(target) or _VERSION.search(form)) and (_ACTION.search(target) or _ACTION.search(form))
    )


def _settings(config: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    from gateway.providers.aws_ses.settings import parse

    return parse(config, options)


def _driver(settings: Any, address: str | None) -> Driver:
    from gateway.providers.aws_ses.driver import AwsSesDriver

    return AwsSesDriver(settings, address)


def _warnings(settings: Any) -> Sequence[str]:
    from gateway.providers.aws_ses.settings import warnings

    return tuple(warnings(settings))


def _options_schema() -> type[BaseModel]:
    from gateway.providers.aws_ses.settings import Options

    return Options


def _fake_schema() -> type[BaseModel]:
    from gateway.providers.aws_ses.fake.part import FakePart

    return FakePart


def _fake_settings(config: Mapping[str, Any], connectors: Sequence[Connector], previous: Any) -> Any:
    from gateway.providers.aws_ses.fake.config import read

    return read(config, connectors, previous)


def _recipes(host: str, port: int, connectors: Sequence[Connector]) -> Sequence[tuple[str, str]]:
    """For each kind of client; the credentials are those of the first connector."""
    from gateway.providers.aws_ses.recipes import recipes

    return recipes(host, port, connectors)


def _environment(host: str, port: int, connectors: Sequence[Connector]) -> Mapping[str, str]:
    """What every SDK of AWS reads. Only SES goes to us: other services of AWS keep their addresses."""
    at = f"http://{host}:{port}"
    found: dict[str, str | None] = {"AWS_ENDPOINT_URL_SES": at, "AWS_ENDPOINT_URL_SESV2": at}
    if connectors:
        settings = connectors[0].settings
        found |= {
            "AWS_ACCESS_KEY_ID": settings.access_key_id,
            "AWS_SECRET_ACCESS_KEY": settings.access_key_secret,
            "AWS_SESSION_TOKEN": settings.session_token,
            "AWS_REGION": settings.region,
            "AWS_DEFAULT_REGION": settings.region,
        }
    return {name: value for name, value in found.items() if value is not None}


provider = Provider(
    name="aws-ses",
    title="AWS SES",
    factories={
        FACTORY: ConnectorFactory(FACTORY, Channel.EMAIL, _settings, _driver, METADATA, _warnings, _options_schema)
    },
    # A mail of 40 MB in base64, and what stands around it.
    max_body=64 * _MIB,
    answers_host=_answers_host,
    claims=_claims,
    fake=pipeline.fake,
    browsers=pipeline.opened_in_browsers,
    forbid=pipeline.forbid,
    fake_settings=_fake_settings,
    recipes=_recipes,
    environment=_environment,
    fake_schema=_fake_schema,
    operations=operations.NAMES,
    sends=known.SENDS,
    errors=known.errors,
    magic=known.MAGIC,
)
