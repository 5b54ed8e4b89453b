"""The gateway's checks before any operation: who asks, and is it really they. Each raises Refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache

from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.diagnose import diagnose
from gateway.providers.aliyun_sms.fake.operations import OPERATIONS, VERSIONS
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.wire import signing

_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")
_LONGEST_TIMESTAMP = 30

# What is worth remembering.
_USUAL_NAMES = 500
_USUAL_HEADERS = 40

# Code's parameter, attribute of Call, header of ACS3: asked for one by one, in this order.
_MANDATORY = (
    ("Action", "action", "x-acs-action"),
    ("Version", "version", "x-acs-version"),
    ("AccessKeyId", "key_id", "Authorization"),
    ("Timestamp", "timestamp", "x-acs-date"),
    ("SignatureNonce", "nonce", "x-acs-signature-nonce"),
    ("Signature", "signature", "Authorization"),
)


def mandatory(call: Call) -> None:
    """All that a signature needs is there."""
    bearer = "x-acs-bearer-token" in call.headers or call.params.get("SignatureType") == "BEARERTOKEN"
    if bearer:
        raise Refusal("InvalidSignatureMethod", "bearer tokens are not known here: sign with an access key")
    if not (call.action and call.version and call.key_id and call.timestamp and call.nonce and call.signature):
        name, header = next((name, header) for name, of, header in _MANDATORY if not getattr(call, of))
        raise _missing(call, name, header)
    if call.scheme == "RPC":
        _rpc_method(call)
    elif call.authorization is not None and call.authorization.algorithm != signing.ACS3_ALGORITHM:
        raise Refusal("InvalidSignatureMethod", f"sign with {signing.ACS3_ALGORITHM}")


def version(call: Call, _: FakeSettings) -> None:
    if call.version not in VERSIONS:
        raise Refusal("InvalidVersion", f"versions are {' and '.join(sorted(VERSIONS))}")


def action(call: Call, _: FakeSettings) -> None:
    if (call.version, call.action) not in OPERATIONS:
        known = ", ".join(name for of, name in OPERATIONS if of == call.version) or "none yet"
        raise Refusal("InvalidAction.NotFound", f"actions of version {call.version} are {known}")


def access_key(call: Call, settings: FakeSettings) -> None:
    """The key is known, and its security token is the one that came."""
    call.account = account = settings.accounts.get(call.key_id)
    if account is None:
        hint = f"no connector or account has the key id {call.key_id}"
        if settings.strict:
            raise Refusal("InvalidAccessKeyId.NotFound", hint)
        if call.registered_only:
            why = "the gateway has an API token, so only registered keys work"
            raise Refusal("InvalidAccessKeyId.NotFound", f"{hint}: {why}; add others to fakes.aliyun-sms.accounts")
        return
    if account.security_token is None:
        return
    acs3 = call.scheme == "ACS3"
    token = call.headers.get("x-acs-security-token", "") if acs3 else call.params.get("SecurityToken", "")
    if not token:
        name = "the header x-acs-security-token" if acs3 else "the parameter SecurityToken"
        raise Refusal("MissingSecurityToken", f"{call.key_id} is a temporary key: send {name}")
    if token != account.security_token:
        raise Refusal("InvalidSecurityToken.MismatchWithAccessKey", f"{call.key_id} has another security token")


def timestamp(call: Call, settings: FakeSettings) -> None:
    """Real time, UTC, to the second. RPC v1 is seen to take what JavaScript's toISOString() writes, with
    milliseconds (uptime-kuma issue 5086); nothing like it is known of ACS3."""
    when = _epoch(call.timestamp, call.scheme == "RPC")
    if when is None:
        raise Refusal("InvalidTimeStamp.Format", "write it as 2026-11-21T10:20:30Z, in UTC")
    skew = call.request.received_at - when
    if abs(skew) > settings.freshness:
        side = "ago" if skew > 0 else "ahead"
        raise Refusal("InvalidTimeStamp.Expired", f"it is {abs(skew):.0f} s {side}; the clock is UTC and real time")


# All who sign within a second write the same one. Of what is too long to be one, nothing is kept.
def _epoch(written: str, fractions: bool) -> float | None:
    return _read(written, fractions) if len(written) <= _LONGEST_TIMESTAMP else None


@lru_cache(maxsize=64)
def _read(written: str, fractions: bool) -> float | None:
    found = _TIMESTAMP.fullmatch(written)
    if found is None or (found[1] is not None and not fractions):
        return None
    try:
        return datetime.fromisoformat(f"{written[:-1]}+00:00").timestamp()
    except ValueError:
        return None


def signature(call: Call, settings: FakeSettings) -> None:
    """A known key must have signed it; an unknown one (lenient fakes only) stays unverified."""
    call.verdict = "refused"
    acs3 = call.scheme == "ACS3"
    sign: Callable[[str, str], str] = signing.acs3_signature if acs3 else signing.rpc_signature
    if acs3:
        _acs3_strings(call)
    else:
        call.string_to_sign = signing.rpc_string_to_sign(call.request.method, call.query + call.form)
    if call.account is None:
        call.verdict = "unverified"
        return
    if signing.same(sign(call.account.secret, call.string_to_sign), call.signature):
        call.verdict = "valid"
        return
    # A client that has our mount path in its endpoint may sign the whole path; one that knows only "/" signs that.
    for uri in {call.path, call.own_path} - {"/"} if acs3 else ():
        canonical = _canonical(call, uri)
        string_to_sign = signing.acs3_string_to_sign(canonical)
        if signing.same(sign(call.account.secret, string_to_sign), call.signature):
            call.canonical_request, call.string_to_sign = canonical, string_to_sign
            call.verdict = "valid"
            return
    raise Refusal(
        "SignatureDoesNotMatch",
        "compare your string to sign with ours",
        words=echo(call, settings),
        explanation=diagnose(call, call.account, settings),
    )


def nonce(call: Call, settings: FakeSettings) -> None:
    if not settings.nonces.first_use(call.key_id, call.nonce, call.request.received_at):
        raise Refusal("SignatureNonceUsed", "every request, a retry too, needs a nonce of its own")


CHECKS: dict[str, Callable[[Call, FakeSettings], None]] = {
    "version": version,
    "action": action,
    "access_key": access_key,
    "timestamp": timestamp,
    "signature": signature,
    "nonce": nonce,
}


def echo(call: Call, settings: FakeSettings) -> Mapping[str, str]:
    """What stands after ``server string to sign is:``."""
    shown = call.string_to_sign
    if call.canonical_request and settings.guesses.acs3_echo != "string_to_sign":
        canonical = call.canonical_request
        both = settings.guesses.acs3_echo == "both"
        shown = f"{shown}, server canonical request is:{canonical}" if both else canonical
    return {"<string to sign>": shown}


def _missing(call: Call, name: str, header: str) -> Refusal:
    where = f"header {header}" if call.scheme == "ACS3" else f"parameter {name}"
    message = f"{header if call.scheme == 'ACS3' else name} is mandatory for this action."
    if call.unread_body is not None:
        message += f" The body was not read: its Content-Type is {call.unread_body}."
    return Refusal(f"Missing{name}", f"send the {where}", message=message)


def _rpc_method(call: Call) -> None:
    for name, right in (("SignatureMethod", signing.RPC_METHOD), ("SignatureVersion", "1.0")):
        sent = call.params.get(name, "")
        if not sent:
            raise _missing(call, name, "")
        if sent != right:
            raise Refusal(f"Invalid{name}", f"{name} is {right}")


def _acs3_strings(call: Call) -> None:
    """Set our canonical request, and what is signed of it. Raises Refusal where too little is."""
    call.canonical_request = _canonical(call, "/")
    call.string_to_sign = signing.acs3_string_to_sign(call.canonical_request)
    names = call.authorization.signed_headers if call.authorization else ""
    usual = len(names) <= _USUAL_NAMES and len(call.headers) <= _USUAL_HEADERS
    unsigned = (_unsigned_usual if usual else _unsigned)(names, tuple(call.headers))
    if unsigned:
        raise Refusal(
            "IncompleteSignature",
            f"SignedHeaders must also name {', '.join(unsigned)}",
            words={"<string to sign>": call.string_to_sign},
        )


def _unsigned(signed_headers: str, headers: tuple[str, ...]) -> tuple[str, ...]:
    signed = signed_headers.split(";")
    own = sorted(name for name in headers if name.startswith("x-acs-") and name not in signed)
    return (*own, "host") if "host" not in signed else tuple(own)


# A client has the same headers every time.
_unsigned_usual = lru_cache(maxsize=256)(_unsigned)


def _canonical(call: Call, uri: str) -> str:
    names = call.authorization.signed_headers if call.authorization else ""
    body_hash = signing.payload_hash(call.request.body)
    return signing.acs3_canonical_request(call.request.method, uri, call.query, call.headers, names, body_hash)
