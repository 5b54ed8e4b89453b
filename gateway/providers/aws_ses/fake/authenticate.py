"""Who asks, and is it really they: AWS's checks before any operation, both versions of SES alike.

Texts and codes are those that AWS is seen to send. An unknown key is refused by a strict fake only; in a lenient
one its requests are taken, unverified.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import parse_qsl

from gateway.providers.aws_ses.fake.caller import Account, Caller, Rules, Unauthenticated, host_region
from gateway.providers.aws_ses.fake.diagnose import diagnose
from gateway.providers.aws_ses.wire import sigv4

SERVICE = "ses"
_REGION = re.compile("[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}")
_BASIC = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105  # a text of AWS's
_NO_MATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
    "Key and signing method. Consult the service documentation for details."
)


def authenticate(caller: Caller, rules: Rules, *, registered_only: bool = False) -> None:
    """Fill in the caller. Raises Unauthenticated.

    ``registered_only``: refuse unknown keys, as a strict fake does.
    """
    claim = _claim(caller)
    caller.claim = claim
    caller.verdict = "refused"
    written, epoch = _time(claim)
    _scope(caller, claim, written, rules)
    _known(caller, claim, rules, registered_only=registered_only)
    _fresh(caller, claim, written, epoch, rules)
    _signature(caller, claim, written, rules)


def _claim(caller: Caller) -> sigv4.Claim:
    try:
        if "authorization" in caller.headers:
            return sigv4.from_header(caller.headers)
        if "X-Amz-" in caller.raw_query:
            params = dict(reversed(parse_qsl(caller.raw_query, keep_blank_values=True)))
            if not params.keys().isdisjoint(("X-Amz-Algorithm", "X-Amz-Credential", sigv4.SIGNATURE_PARAMETER)):
                return sigv4.from_query(params)
    except sigv4.Malformed as problem:
        caller.verdict = "refused"
        raise Unauthenticated("IncompleteSignature", problem.message, problem.hint) from None
    hint = "sign the request: AWS Signature Version 4, in the header Authorization or the query"
    if "x-amzn-authorization" in caller.headers:
        hint = "AWS no longer takes Signature Version 3 (X-Amzn-Authorization): use a client that has version 4"
    raise Unauthenticated("MissingAuthenticationToken", "Missing Authentication Token", hint)


def _time(claim: sigv4.Claim) -> tuple[str, float]:
    """The timestamp in ISO 8601's basic format, as it is signed, and what it means."""
    found = _read_time(claim.timestamp)
    if found is None:
        raise Unauthenticated(
            "IncompleteSignature",
            f"Date must be in ISO-8601 'basic format'. Got '{claim.timestamp}'. "
            "See http://en.wikipedia.org/wiki/ISO_8601",
            "write X-Amz-Date as 20261121T102030Z, in UTC",
        )
    return found


@lru_cache(maxsize=256)
def _read_time(sent: str) -> tuple[str, float] | None:
    basic = _BASIC.fullmatch(sent)
    try:
        if basic is not None:
            return sent, datetime(*map(int, basic.groups()), tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]  # six integers
        when = parsedate_to_datetime(sent).timestamp()  # the header Date
    except (ValueError, OverflowError):
        return None
    return _basic(when), when


def _basic(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y%m%dT%H%M%SZ")


def _scope(caller: Caller, claim: sigv4.Claim, written: str, rules: Rules) -> None:
    date, region, service, terminator = claim.scope
    texts, hint = [], ""
    ours = host_region(caller.request.host)
    if (ours and region != ours) or not region or (rules.strict and not _REGION.fullmatch(region)):
        texts.append(f"Credential should be scoped to a valid region, not '{region}'. ")
        hint = f"the host is that of {ours}, the signature is for {region}" if ours else "sign for a region of AWS"
    if service != SERVICE:
        texts.append(f"Credential should be scoped to correct service: '{SERVICE}'. ")
        hint = hint or f"the signature is for the service {service}: SES signs as {SERVICE}"
    if terminator != sigv4.TERMINATOR:
        texts.append(
            f"Credential should be scoped with a valid terminator: '{sigv4.TERMINATOR}', not '{terminator}'. "
        )
        hint = hint or f"the credential scope ends with {sigv4.TERMINATOR}"
    if date != written[:8]:
        texts.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{date}' != '{written[:8]}', from '{written}'. "
        )
        hint = hint or "the date in Credential is the day of X-Amz-Date, in UTC"
    if texts:
        raise Unauthenticated("SignatureDoesNotMatch", "".join(texts), hint)
    if "host" not in claim.signed_headers.split(";"):
        raise Unauthenticated(
            "SignatureDoesNotMatch",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            "SignedHeaders must name host",
        )


def _known(caller: Caller, claim: sigv4.Claim, rules: Rules, *, registered_only: bool) -> None:
    """The key is known, and its security token is the one that came. A lenient fake lets a token pass that
    belongs to nothing here."""
    caller.account = account = rules.accounts.get(claim.key_id)
    if account is None:
        if rules.strict or registered_only or not claim.key_id:
            hint = f"no connector or account has the key id {claim.key_id}"
            if registered_only and not rules.strict:
                why = "the gateway has an API token, so only registered keys work"
                hint = f"{hint}: {why}; add others to fakes.aws-ses.accounts"
            raise Unauthenticated("InvalidClientTokenId", _INVALID_TOKEN, hint)
        return
    token = account.security_token or ""
    if token == claim.token or (not token and not rules.strict):
        return
    if not token:
        hint = f"{claim.key_id} is no temporary key: send no security token"
    elif claim.token:
        hint = f"{claim.key_id} has another security token"
    else:
        hint = f"{claim.key_id} is a temporary key: send X-Amz-Security-Token"
    raise Unauthenticated("InvalidClientTokenId", _INVALID_TOKEN, hint)


def _fresh(caller: Caller, claim: sigv4.Claim, written: str, epoch: float, rules: Rules) -> None:
    """Real time."""
    now = caller.request.received_at
    holds = rules.freshness if claim.expires is None else float(claim.expires)
    if epoch < now - holds:
        text = (
            f"Signature expired: {written} is now earlier than {_basic(now - holds)} "
            f"({_basic(now)} - {holds / 60:g} min.)"
        )
        hint = f"it was signed {now - epoch:.0f} s ago: sign every request, a retry too, anew; the clock is UTC"
    elif epoch > now + rules.ahead:
        text = (
            f"Signature not yet current: {written} is still later than {_basic(now + rules.ahead)} "
            f"({_basic(now)} + {rules.ahead / 60:g} min.)"
        )
        hint = f"the client's clock is {epoch - now:.0f} s ahead of ours"
    else:
        return
    raise Unauthenticated("SignatureDoesNotMatch", text, hint)


def _signature(caller: Caller, claim: sigv4.Claim, written: str, rules: Rules) -> None:
    """A known key must have signed it. The body is always hashed here, whatever ``x-amz-content-sha256`` says."""
    request, names = caller.request, claim.signed_headers
    query = sigv4.canonical_query(caller.raw_query)
    hashed = sigv4.payload_hash(request.body)

    def strings(path: str) -> tuple[str, str]:
        uri = sigv4.canonical_uri(path)
        canonical = sigv4.canonical_request(request.method, uri, query, caller.headers, names, hashed)
        return canonical, sigv4.string_to_sign(written, claim.scope, canonical)

    caller.canonical_request, caller.string_to_sign = strings(caller.path)
    account = caller.account
    if account is None:
        caller.verdict = "unverified"
        return
    matches = sigv4.same(sigv4.signature(account.secret, claim.scope, caller.string_to_sign), claim.signature)
    if not matches and request.prefix:
        # A proxy in front of us may put our mount path before the one that was signed.
        canonical, text = strings(caller.path.removeprefix(request.prefix))
        if sigv4.same(sigv4.signature(account.secret, claim.scope, text), claim.signature):
            caller.canonical_request, caller.string_to_sign, matches = canonical, text, True
    if not matches:
        raise _no_match(caller, account, rules)
    # The hash that was signed as a header must be that of the body, too.
    if caller.headers.get("x-amz-content-sha256", hashed) != hashed and "x-amz-content-sha256" in names.split(";"):
        raise _no_match(caller, account, rules)
    caller.verdict = "valid"


def _no_match(caller: Caller, account: Account, rules: Rules) -> Unauthenticated:
    message = _NO_MATCH
    if rules.echo:
        message += (
            f"\n\nThe Canonical String for this request should have been\n'{caller.canonical_request}'"
            f"\n\nThe String-to-Sign should have been\n'{caller.string_to_sign}'\n"
        )
    explanation = diagnose(caller, account, rules.accounts)
    return Unauthenticated("SignatureDoesNotMatch", message, "compare what you signed with ours", explanation)
