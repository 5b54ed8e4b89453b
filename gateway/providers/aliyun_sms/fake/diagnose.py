"""Why a signature does not match: the known wrong ways of signing, tried until one gives the client's signature.

Runs only when a request is refused. Nothing of it goes over the wire, and no secret into the explanation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.providers.aliyun_sms.fake import mistakes_acs3, mistakes_rpc
from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.settings import Account, FakeSettings
from gateway.providers.aliyun_sms.wire import signing

_NO_DIAGNOSIS_ABOVE = 65_536  # bytes of parameters: a diagnosis is not worth a stall


def diagnose(call: Call, account: Account, settings: FakeSettings) -> Mapping[str, Any]:
    """What we signed, what came, and a ``diagnosis`` in one sentence if there is one."""
    explanation: dict[str, Any] = {
        "scheme": signing.ACS3_ALGORITHM if call.scheme == "ACS3" else signing.RPC_METHOD,
        "stringToSign": call.string_to_sign,
        "clientSignature": call.signature,
    }
    if call.canonical_request:
        explanation["canonicalRequest"] = call.canonical_request
    if len(call.request.target) + len(call.request.body) > _NO_DIAGNOSIS_ABOVE:
        return explanation
    # Whoever does not URL-encode values does not encode the signature either: its + are blanks now.
    sent = (call.signature, call.signature.replace(" ", "+"))
    for sentence, signature in _mistakes(call, account, settings):
        if signature in sent:
            return explanation | {"diagnosis": sentence}
    observed = mistakes_acs3.observe(call) if call.scheme == "ACS3" else None
    unknown = f"no known mistake gives this signature: is it the secret of {account.key_id}?"
    return explanation | {"diagnosis": observed or unknown}


def _mistakes(call: Call, account: Account, settings: FakeSettings) -> Iterator[tuple[str, str]]:
    """What the client may have done, and the signature that it then has."""
    sign = signing.acs3_signature if call.scheme == "ACS3" else signing.rpc_signature
    for other in settings.accounts.values():
        if other.secret != account.secret:
            sentence = f"it is signed with the secret of {other.key_id}, but bears the key id {account.key_id}"
            yield sentence, sign(other.secret, call.string_to_sign)
    secret = account.secret
    for worn in (f"{secret}\n", f"{secret}\r\n", f"{secret} ", f" {secret}", f'"{secret}"'):
        yield "the client's secret has blanks, a line end or quotes around it", sign(worn, call.string_to_sign)
    if call.scheme == "ACS3":
        yield from mistakes_acs3.mistakes(call, account)
    else:
        yield from mistakes_rpc.mistakes(call, account)
