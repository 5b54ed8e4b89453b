"""Why a signature does not match: the known wrong ways of signing, tried until one gives the client's signature.

Runs only when a request is refused. Nothing of it goes over the wire, and no secret into the explanation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.providers.aws_ses.fake import mistakes
from gateway.providers.aws_ses.fake.caller import Account, Caller
from gateway.providers.aws_ses.wire import sigv4

_NO_DIAGNOSIS_ABOVE = 65_536  # characters of canonical request: a diagnosis is not worth a stall


def diagnose(caller: Caller, account: Account, accounts: Mapping[str, Account]) -> Mapping[str, Any]:
    """What we signed, what came, and a ``diagnosis`` in one sentence."""
    claim = caller.claim
    if claim is None:
        return {}
    explanation: dict[str, Any] = {
        "scheme": sigv4.ALGORITHM,
        "canonicalRequest": caller.canonical_request,
        "stringToSign": caller.string_to_sign,
        "clientSignature": claim.signature,
    }
    if len(caller.canonical_request) > _NO_DIAGNOSIS_ABOVE:
        return explanation
    # A valid signature is refused for a header: then no mistake of signing is the reason.
    if claim.signature != sigv4.signature(account.secret, claim.scope, caller.string_to_sign):
        for sentence, signature in _mistakes(caller, claim, account, accounts):
            if signature == claim.signature:
                return explanation | {"diagnosis": sentence}
    unknown = f"no known mistake gives this signature: is it the secret of {account.key_id}?"
    return explanation | {"diagnosis": mistakes.observe(caller, claim) or unknown}


def _mistakes(
    caller: Caller, claim: sigv4.Claim, account: Account, accounts: Mapping[str, Account]
) -> Iterator[tuple[str, str]]:
    """What the client may have done, and the signature that it then has."""
    text, scope, secret = caller.string_to_sign, claim.scope, account.secret
    for other in accounts.values():
        if other.secret != secret:
            sentence = f"it is signed with the secret of {other.key_id}, but bears the key id {account.key_id}"
            yield sentence, sigv4.signature(other.secret, scope, text)
    for worn in (f"{secret}\n", f"{secret}\r\n", f"{secret} ", f" {secret}", f'"{secret}"'):
        yield "the client's secret has blanks, a line end or quotes around it", sigv4.signature(worn, scope, text)
    yield from mistakes.keys(claim, secret, text, caller.canonical_request)
    for sentence, canonical in mistakes.requests(caller, claim):
        _, _, rest = text.partition("\n")
        when = rest.partition("\n")[0]
        yield sentence, sigv4.signature(secret, scope, sigv4.string_to_sign(when, scope, canonical))
