"""Requests to the messaging fakes that a web page can make: targets that are signed in the query."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4

from gateway.providers.aliyun_sms.wire import signing

NUMBER = "13800138000"


def aliyun(action: str, key: tuple[str, str] = ("any-key", "any-secret"), **parameters: str) -> str:
    """A signed target, as the RPC protocol has it."""
    given = {
        "Action": action,
        "Version": "2017-05-25",
        "Format": "JSON",
        "AccessKeyId": key[0],
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": str(uuid4()),
        "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **parameters,
    }
    text = signing.rpc_string_to_sign("GET", list(given.items()))
    return f"/?{urlencode({**given, 'Signature': signing.rpc_signature(key[1], text)})}"


def send_sms(key: tuple[str, str] = ("any-key", "any-secret")) -> str:
    return aliyun(
        "SendSms",
        key,
        PhoneNumbers=NUMBER,
        SignName="网关沙盒",
        TemplateCode="SMS_100000001",
        TemplateParam='{"code":"246810"}',
    )


def details(key: tuple[str, str] = ("any-key", "any-secret")) -> str:
    day = datetime.now(UTC).strftime("%Y%m%d")
    return aliyun("QuerySendDetails", key, PhoneNumber=NUMBER, SendDate=day, PageSize="10", CurrentPage="1")


def ses_form(key_id: str = "any-key") -> tuple[str, bytes]:
    """A mail in the Query protocol with a presigned query, and its body."""
    now = datetime.now(UTC)
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{key_id}/{now:%Y%m%d}/us-east-1/ses/aws4_request",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": "900",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "0" * 64,
    }
    form = {
        "Action": "SendEmail",
        "Version": "2010-12-01",
        "Source": "no-reply@sandbox.test",
        "Destination.ToAddresses.member.1": "ada@example.com",
        "Message.Subject.Data": "Your code",
        "Message.Body.Text.Data": "246810",
    }
    return f"/?{urlencode(query)}", urlencode(form).encode()
