"""What fault rules make of tokens when they are signed, and of answers before they go out (``mutations``)."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gateway.core.model import Document, Response
from gateway.providers.oauth2.fake import keys
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.mutations import AnswerMutation, Mutations, TokenMutation, read

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Unsigned(NamedTuple):
    """A JWT about to be signed. ``kind``: ``id_token`` or ``access_token``. ``alg`` ``none``: it stays unsigned."""

    kind: str
    alg: str
    header: Document
    claims: dict[str, Any]


def of(call: Call) -> Mutations | None:
    return read(call.effect.mutate) if call.effect is not None else None


def token(call: Call, unsigned: Unsigned) -> Unsigned:
    """Asked for each JWT, before it is signed: its claims."""
    wanted = _wanted(call, unsigned.kind)
    if wanted is None:
        return unsigned
    claims = {name: value for name, value in unsigned.claims.items() if name not in wanted.drop}
    now = call.real()
    if wanted.expires_in is not None:
        claims["exp"] = now + int(wanted.expires_in)
    if wanted.issued_in is not None:
        claims["iat"] = now + int(wanted.issued_in)
        if "nbf" in claims:
            claims["nbf"] = claims["iat"]
    claims |= wanted.claims
    if wanted.pad:
        claims["pad"] = "x" * wanted.pad
    return unsigned._replace(claims=claims)


async def signed(call: Call, unsigned: Unsigned, compact: str) -> str:
    """Asked for each JWT, when it is signed: algorithm, key, header and signature. ``unsigned`` is what it says."""
    wanted = _wanted(call, unsigned.kind)
    if wanted is None or not _re_signs(wanted):
        return compact
    alg = wanted.alg or unsigned.alg
    if wanted.signed_with in ("public", "secret") and not alg.startswith("HS"):
        alg = "HS256"
    header = {**unsigned.header, "alg": alg}
    if alg == "none":
        return f"{_encoded(_headed(header, wanted))}.{_encoded(unsigned.claims)}."
    key, kid = await _key(call, wanted, alg)
    if kid is not None:
        header["kid"] = kid
    head, claims, signature = _sign(_headed(header, wanted), unsigned.claims, key).split(".")
    if wanted.tampered:
        signature = ("B" if signature[:1] == "A" else "A") + signature[1:]
    return f"{head}.{claims}.{'' if wanted.unsigned else signature}"


def touches(call: Call, kind: str) -> bool:
    """Does a rule want another token of this kind?"""
    return _wanted(call, kind) is not None


def fields(call: Call, answer: Document) -> Document:  # noqa: ARG001  # the seam: ``answer`` does it for all
    return answer


def answer(call: Call, response: Response) -> Response:
    """Asked for each answer of every endpoint, when it is written."""
    wanted = of(call)
    if wanted is None:
        return response
    if wanted.redirect is not None and response.status in _REDIRECTS:
        response = _redirected(response, wanted.redirect.set, frozenset(wanted.redirect.drop))
    document = _document(response)
    if wanted.keys == "hide" and document is not None and isinstance(document.get("keys"), list):
        response = replace(response, body=_written({**document, "keys": document["keys"][:-1]}))
        document = _document(response)
    if wanted.answer is not None and document is not None:
        response = _answered(response, document, wanted.answer)
    return response


async def rotate(call: Call) -> None:
    """Asked before an endpoint does its work: a new key from here on, where a rule says so."""
    wanted = of(call)
    if wanted is None or wanted.keys not in ("rotate", "remove"):
        return
    alg = call.issuer.alg
    if alg.startswith("HS"):
        return
    context, state, name = call.context, call.settings.state, call.issuer.name
    before = (await keys.signer(context.records, state, name, alg)).kid
    await keys.add(context.records, state, name, alg, rotate=True)
    if wanted.keys == "remove":
        await keys.remove(context.records, state, name, before)


def _wanted(call: Call, kind: str) -> TokenMutation | None:
    mutations = of(call)
    if mutations is None:
        return None
    return mutations.id_token if kind == "id_token" else mutations.access_token


def _re_signs(wanted: TokenMutation) -> bool:
    header = wanted.alg or wanted.kid or wanted.drop_kid or wanted.typ
    return bool(header or wanted.signed_with != "own" or wanted.unsigned or wanted.tampered)


def _headed(header: Document, wanted: TokenMutation) -> Document:
    if wanted.drop_kid:
        header.pop("kid", None)
    if wanted.kid is not None:
        header["kid"] = wanted.kid
    if wanted.typ is not None:
        header["typ"] = wanted.typ
    return header


async def _key(call: Call, wanted: TokenMutation, alg: str) -> tuple[Any, str | None]:
    """What it is signed with, a key object or bytes for HMAC, and the key id to name."""
    shared = alg.startswith("HS")
    if wanted.signed_with == "secret" or (wanted.signed_with == "own" and shared):
        return _secret(call), None
    own = alg if not shared else call.issuer.alg if not call.issuer.alg.startswith("HS") else "ES256"
    signer = await keys.signer(call.context.records, call.settings.state, call.issuer.name, own)
    if wanted.signed_with == "public":
        return signer.key.as_pem(private=False), signer.kid
    if wanted.signed_with == "foreign":
        return (b"a key of nobody's" if shared else await keys.stranger(alg)), signer.kid
    return signer.key, signer.kid


def _secret(call: Call) -> bytes:
    known = call.client.secrets if call.client is not None else ()
    return (call.secret or (known[0] if known else "no secret")).encode("utf-8", "replace")


def _sign(header: Document, claims: Document, key: Any) -> str:
    from joserfc import jws

    if not isinstance(key, bytes):
        return jws.serialize_compact(header, _written(claims), key, algorithms=[header["alg"]])
    # By hand: a library refuses a public key as an HMAC secret, and this is what an attacker does.
    text = f"{_encoded(header)}.{_encoded(claims)}"
    digest = hmac.digest(key, text.encode(), "sha" + header["alg"][2:])
    return f"{text}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _redirected(response: Response, given: dict[str, str], drop: frozenset[str]) -> Response:
    headers = tuple(
        (name, _location(value, given, drop) if name == "Location" else value) for name, value in response.headers
    )
    return replace(response, headers=headers)


def _location(uri: str, given: dict[str, str], drop: frozenset[str]) -> str:
    """The parameters are in the query or in the fragment, as the client asked."""
    parts = urlsplit(uri)
    place = "fragment" if parts.fragment else "query"
    found = dict(parse_qsl(getattr(parts, place), keep_blank_values=True, errors="surrogateescape")) | given
    text = urlencode([(name, value) for name, value in found.items() if name not in drop], errors="surrogateescape")
    return urlunsplit(parts._replace(**{place: text}))


def _document(response: Response) -> Document | None:
    kind = next((value for name, value in response.headers if name.lower() == "content-type"), "")
    if kind.partition(";")[0] == _FORM:
        return dict(parse_qsl(response.body.decode(), keep_blank_values=True))
    if kind.partition(";")[0] != _JSON or not response.body:
        return None
    found = json.loads(response.body)
    return found if isinstance(found, dict) else None


def _answered(response: Response, before: Document, wanted: AnswerMutation) -> Response:
    found = {**before, **wanted.set}
    found = {name: value for name, value in found.items() if name not in wanted.drop}
    for name in wanted.strings:
        if name in found and not isinstance(found[name], str):
            found[name] = json.dumps(found[name])
    for name in wanted.lower:
        if isinstance(found.get(name), str):
            found[name] = found[name].lower()
    kind = next(value for name, value in response.headers if name.lower() == "content-type")
    form = wanted.form or kind.startswith(_FORM)
    body = _pairs(found).encode() if form else _written(found)
    kind = wanted.content_type or (_FORM if form else kind)
    headers = [(name, kind if name.lower() == "content-type" else value) for name, value in response.headers]
    if wanted.cacheable:
        headers = [pair for pair in headers if pair[0].lower() not in ("cache-control", "pragma")]
    status = response.status if wanted.status is None else wanted.status
    return replace(response, status=status, headers=tuple(headers), body=body)


def _pairs(document: Document) -> str:
    flat = [(name, one if isinstance(one, str) else json.dumps(one)) for name, one in document.items()]
    return urlencode(flat)


def _written(document: Document) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _encoded(document: Document) -> str:
    return urlsafe_b64encode(_written(document)).rstrip(b"=").decode()
