"""The exact lines that point an SES client at the fake."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any

from gateway.providers.aws_ses.wire.logto_templates import LOGTO_TEMPLATES
from gateway.providers.ports import Connector

_ANY_KEY = ("any-key-id", "any-secret", "us-east-1")  # a lenient fake takes keys that nobody registered


def recipes(host: str, port: int, connectors: Sequence[Connector]) -> Sequence[tuple[str, str]]:
    """Title and lines for each kind of client, with the credentials of the first connector."""
    at = f"http://{host}:{port}"
    key_id, secret, region = _ANY_KEY
    found: list[tuple[str, str]] = []
    if connectors:
        settings = connectors[0].settings
        key_id, secret, region = settings.access_key_id, settings.access_key_secret, settings.region
        found = [
            ("Logto, its connector AWS SES", _logto_ses(settings)),
            ("Logto, its connector HTTP email", _logto(at, connectors[0])),
        ]
    credentials = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": region}
    return (
        ("Python SDK (boto3)", _boto3(at, key_id, secret, region)),
        ("JavaScript SDK (@aws-sdk/client-sesv2)", _javascript(at, key_id, secret, region)),
        ("AWS CLI", _cli(at, credentials)),
        ("Any SDK of AWS, without a change", _exports(at)),
        ("Logto, its connector AWS SES: the environment of its process", _exports(at)),
        *found,
    )


def _boto3(at: str, key_id: str, secret: str, region: str) -> str:
    return "\n".join(
        (
            "import boto3",
            f"client = boto3.client('sesv2', endpoint_url={at!r}, region_name={region!r},  # or 'ses', which is v1",
            f"                      aws_access_key_id={key_id!r}, aws_secret_access_key={secret!r})",
        )
    )


def _javascript(at: str, key_id: str, secret: str, region: str) -> str:
    options = {
        "region": region,
        "endpoint": at,
        "credentials": {"accessKeyId": key_id, "secretAccessKey": secret},
    }
    return "\n".join(
        (
            "const { SESv2Client } = require('@aws-sdk/client-sesv2');",
            f"const client = new SESv2Client({json.dumps(options, ensure_ascii=False)});",
        )
    )


def _cli(at: str, credentials: dict[str, str]) -> str:
    """Credentials only for this command: a shell has others, for the real AWS."""
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in credentials.items())
    return "\n".join(
        (
            f"{given} aws sesv2 send-email --endpoint-url {at} \\",
            "  --from-email-address otp@example.com --destination ToAddresses=ada@example.com \\",
            "  --content 'Simple={Subject={Data=Hello},Body={Text={Data=\"Your code is 246810\"}}}'",
        )
    )


def _exports(at: str) -> str:
    named = {"AWS_ENDPOINT_URL_SESV2": at, "AWS_ENDPOINT_URL_SES": at}
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in named.items())


def _logto(at: str, connector: Connector) -> str:
    config = {"endpoint": f"{at}/api/connectors/{connector.id}/send"}
    if connector.authorization is not None:
        config["authorization"] = "<the connector's authorization>"
    return json.dumps(config, ensure_ascii=False)


def _logto_ses(settings: Any) -> str:
    own = [(one.usage_type, one.subject, one.content) for one in settings.templates]
    config = {
        "accessKeyId": settings.access_key_id,
        "accessKeySecret": settings.access_key_secret,
        "region": settings.region,
        "emailAddress": settings.email_address or "no-reply@example.com",
        "templates": [
            {"usageType": usage_type, "subject": subject, "content": content}
            for usage_type, subject, content in own or LOGTO_TEMPLATES
        ],
    }
    return json.dumps(config, ensure_ascii=False)
