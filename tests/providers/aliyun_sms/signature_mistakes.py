"""Requests that are signed wrongly, each in one known way, by a signer that shares no code with the fake; and what
the fake should say of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

from gateway.core.model import Request
from tests.providers.aliyun_sms.independent_clients import (
    HOST,
    OTHER_KEY_ID,
    OTHER_SECRET,
    SECRET,
    SEND,
    Canonical,
    Pairs,
    acs3,
    b64,
    encode,
    hexed,
    joined,
    rpc,
    rpc_text,
)

AWKWARD = {**SEND, "TemplateParam": '{"code":"12 *~(3)\'!/:,"}', "OutId": ""}


def java(text: str) -> str:
    """URLEncoder.encode"""
    return quote_plus(text, safe="*").replace("~", "%7E")


def javascript(text: str) -> str:
    """encodeURIComponent"""
    return quote(text, safe="!'()*~")


def lower_hex(text: str) -> str:
    """HttpUtility.UrlEncode of .NET, with its blanks put right"""
    return "".join(piece if len(piece) == 1 else piece.lower() for piece in pieces(encode(text)))


def pieces(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        width = 3 if text[at] == "%" else 1
        found.append(text[at : at + width])
        at += width
    return found


def no_star(text: str) -> str:
    return encode(text).replace("%2A", "*")


def tilde(text: str) -> str:
    return encode(text).replace("~", "%7E")


def plus(text: str) -> str:
    return encode(text).replace("%20", "+")


def rpc_by(by: Callable[[str], str], second: Callable[[str], str] | None = None) -> Callable[..., str]:
    def sign(method: str, query: Pairs, form: Pairs) -> str:
        text = joined(sorted(query + form), by)
        return b64(f"{SECRET}&", f"{method}&%2F&{(second or by)(text)}")

    return sign


def rpc_of(make: Callable[[str, Pairs, Pairs], str]) -> Callable[..., str]:
    return lambda method, query, form: b64(f"{SECRET}&", make(method, query, form))


RPC: dict[str, tuple[str, Callable[[], Request]]] = {
    "another account's secret": (
        f"signed with the secret of {OTHER_KEY_ID}",
        lambda: rpc(sign=lambda m, q, f: b64(f"{OTHER_SECRET}&", rpc_text(m, q + f))),
    ),
    "no & after the secret": (
        "the & is missing",
        lambda: rpc(sign=lambda m, q, f: b64(SECRET, rpc_text(m, q + f))),
    ),
    "a line end after the secret": (
        "blanks, a line end or quotes",
        lambda: rpc(sign=lambda m, q, f: b64(f"{SECRET}\n&", rpc_text(m, q + f))),
    ),
    "a star unescaped": ("leaves * unescaped", lambda: rpc(AWKWARD, sign=rpc_by(no_star))),
    "a star unescaped once": ("leaves * unescaped", lambda: rpc(AWKWARD, sign=rpc_by(no_star, encode))),
    "a blank as plus": ("writes a space as +", lambda: rpc(AWKWARD, sign=rpc_by(plus))),
    "a tilde escaped": ("escapes ~ as %7E", lambda: rpc(AWKWARD, sign=rpc_by(tilde))),
    "Java's encoder": ("writes a space as +", lambda: rpc(AWKWARD, sign=rpc_by(java))),
    "JavaScript's encoder": ("leaves ! ' ( ) unescaped", lambda: rpc(AWKWARD, sign=rpc_by(javascript))),
    "Python's quote": ("leaves / unescaped", lambda: rpc(AWKWARD, sign=rpc_by(quote))),
    "lower-case hex": ("lower-case hex", lambda: rpc(AWKWARD, sign=rpc_by(lower_hex))),
    "encoded once": (
        "not percent-encoded a second time",
        lambda: rpc(sign=rpc_of(lambda m, q, f: f"{m}&%2F&{joined(sorted(q + f))}")),
    ),
    "joined before encoding": (
        "not percent-encoded before they were joined",
        lambda: rpc(sign=rpc_of(lambda m, q, f: f"{m}&%2F&{encode(joined(sorted(q + f), str))}")),
    ),
    "slash not encoded": (
        "not written as %2F",
        lambda: rpc(sign=rpc_of(lambda m, q, f: f"{m}&/&{encode(joined(sorted(q + f)))}")),
    ),
    "the other method": (
        "signed the method GET, but sent POST",
        lambda: rpc(sign=rpc_of(lambda m, q, f: rpc_text("GET", q + f))),
    ),
    "the body left out": (
        "parameters of the body were not signed",
        lambda: rpc(form=["SignName", "TemplateParam"], sign=rpc_of(lambda m, q, f: rpc_text(m, q))),
    ),
    "the query left out": (
        "parameters of the query were not signed",
        lambda: rpc(form=["SignName", "TemplateParam"], sign=rpc_of(lambda m, q, f: rpc_text(m, f))),
    ),
    "an empty value left out": (
        "empty value",
        lambda: rpc(AWKWARD, sign=rpc_of(lambda m, q, f: rpc_text(m, [pair for pair in q if pair[1]]))),
    ),
    "one parameter left out": (
        "the parameter RegionId was not signed",
        lambda: rpc(sign=rpc_of(lambda m, q, f: rpc_text(m, [pair for pair in q if pair[0] != "RegionId"]))),
    ),
    "not sorted": (
        "not sorted",
        lambda: rpc(sign=rpc_of(lambda m, q, f: f"{m}&%2F&{encode(joined(q + f))}")),
    ),
    "sorted without case": (
        "without regard to case",
        lambda: rpc(
            {**SEND, "aFlag": "1"},
            sign=rpc_of(
                lambda m, q, f: f"{m}&%2F&{encode(joined(sorted(q + f, key=lambda pair: pair[0].lower())))}"
            ),
        ),
    ),
    "SHA-256": (
        "HMAC-SHA256 instead of HMAC-SHA1",
        lambda: rpc(sign=lambda m, q, f: b64(f"{SECRET}&", rpc_text(m, q + f), "sha256")),
    ),
    "hex": (
        "hex instead of base64",
        lambda: rpc(sign=lambda m, q, f: hexed(f"{SECRET}&", rpc_text(m, q + f), "sha1")),
    ),
    "a signature encoded twice": (
        "URL-encoded twice",
        lambda: rpc(sign=lambda m, q, f: encode(b64(f"{SECRET}&", rpc_text(m, q + f)))),
    ),
    "a number with a bare plus": (
        "a + in a value was not URL-encoded",
        lambda: rpc(
            {**SEND, "PhoneNumbers": "+8613800138000"}, write=lambda pairs: joined(pairs).replace("%2B", "+")
        ),
    ),
}


def spoil(**changes: Callable[[Canonical], Any]) -> Callable[[Canonical], str]:
    """Sign with a part of the canonical request changed."""
    return lambda canonical: canonical.sign(
        canonical.text(**{name: change(canonical) for name, change in changes.items()})
    )


def query_by(by: Callable[[str], str]) -> Callable[[Canonical], str]:
    return spoil(query=lambda canonical: joined(sorted(canonical.query), by))


def hosted(host: str) -> Callable[[Canonical], str]:
    return spoil(headers=lambda canonical: {**canonical.headers, "host": host})


ACS3: dict[str, tuple[str, Callable[[], Request]]] = {
    "another account's secret": (
        f"signed with the secret of {OTHER_KEY_ID}",
        lambda: acs3(secret=OTHER_SECRET),
    ),
    "an & after the secret": ("an & at the end of the key", lambda: acs3(secret=f"{SECRET}&")),
    "a blank after the secret": ("blanks, a line end or quotes", lambda: acs3(secret=f"{SECRET} ")),
    "a star unescaped": ("leaves * unescaped", lambda: acs3(AWKWARD, sign=query_by(no_star))),
    "a blank as plus": ("writes a space as +", lambda: acs3(AWKWARD, sign=query_by(plus))),
    "a tilde escaped": ("escapes ~ as %7E", lambda: acs3(AWKWARD, sign=query_by(tilde))),
    "Java's encoder": ("escapes ~ as %7E", lambda: acs3(AWKWARD, sign=query_by(java))),
    "JavaScript's encoder": ("leaves ! ' ( ) unescaped", lambda: acs3(AWKWARD, sign=query_by(javascript))),
    "lower-case hex": ("lower-case hex", lambda: acs3(AWKWARD, sign=query_by(lower_hex))),
    "nothing encoded": ("nothing was percent-encoded", lambda: acs3(AWKWARD, sign=query_by(str))),
    "encoded twice": ("encoded twice", lambda: acs3(AWKWARD, sign=query_by(lambda text: encode(encode(text))))),
    "the other method": (
        "signed the method GET, but sent POST",
        lambda: acs3(sign=spoil(method=lambda _: "GET")),
    ),
    "the body in the query": (
        "parameters of the body were put into the canonical query",
        lambda: acs3(
            form=["SignName", "TemplateParam"],
            sign=spoil(query=lambda canonical: joined(sorted(canonical.query + canonical.form))),
        ),
    ),
    "no query": ("parameters of the query were not signed", lambda: acs3(sign=spoil(query=lambda _: ""))),
    "an empty value left out": (
        "empty value",
        lambda: acs3(
            AWKWARD,
            sign=spoil(query=lambda canonical: joined(sorted(pair for pair in canonical.query if pair[1]))),
        ),
    ),
    "not sorted": (
        "not sorted",
        lambda: acs3(dict(reversed(SEND.items())), sign=spoil(query=lambda canonical: joined(canonical.query))),
    ),
    "the host without its port": ("signed the host 127.0.0.1, but", lambda: acs3(sign=hosted("127.0.0.1"))),
    "Aliyun's own host": (
        f"signed the host dysmsapi.aliyuncs.com, but the request arrived with {HOST}",
        lambda: acs3(sign=hosted("dysmsapi.aliyuncs.com")),
    ),
    "a host with its scheme": (
        f"signed the host http://{HOST}",
        lambda: acs3(sign=hosted(f"http://{HOST}")),
    ),
    "a host that a proxy rewrote": (
        "signed the host sms.example.test",
        lambda: acs3(sign=hosted("sms.example.test"), unsigned=[("X-Forwarded-Host", "sms.example.test")]),
    ),
    "localhost": ("signed the host localhost:4650", lambda: acs3(sign=hosted("localhost:4650"))),
    "no empty line after the headers": (
        "the empty line after the canonical headers is missing",
        lambda: acs3(sign=lambda c: c.sign(c.text().replace(f"\n\n{c.names}\n", f"\n{c.names}\n"))),
    ),
    "values in lower case": (
        "lower case",
        lambda: acs3(sign=spoil(headers=lambda c: {name: value.lower() for name, value in c.headers.items()})),
    ),
    "a header listed but not signed": (
        "names user-agent, but it was not signed",
        lambda: acs3(sign=spoil(headers=lambda c: {k: v for k, v in c.headers.items() if k != "user-agent"})),
    ),
    "an empty path": ("the path is empty", lambda: acs3(sign=spoil(uri=lambda _: ""))),
    "no hash of the body": ("hash of the body is missing", lambda: acs3(sign=spoil(payload=lambda _: ""))),
    "the hash of nothing": (
        "hash is that of an empty body",
        lambda: acs3(form=["SignName"], sign=spoil(payload=lambda _: hashlib.sha256().hexdigest())),
    ),
    "capital hex": ("capital hex instead of lower case", lambda: acs3(sign=lambda c: c.sign().upper())),
    "base64": (
        "base64 instead of hex",
        lambda: acs3(
            sign=lambda c: b64(
                SECRET, f"ACS3-HMAC-SHA256\n{hashlib.sha256(c.text().encode()).hexdigest()}", "sha256"
            )
        ),
    ),
    "SHA-1": (
        "HMAC-SHA1 instead of HMAC-SHA256",
        lambda: acs3(
            sign=lambda c: hexed(
                SECRET, f"ACS3-HMAC-SHA256\n{hashlib.sha256(c.text().encode()).hexdigest()}", "sha1"
            )
        ),
    ),
    "the canonical request not hashed": (
        "the canonical request itself",
        lambda: acs3(sign=lambda c: hexed(SECRET, f"ACS3-HMAC-SHA256\n{c.text()}")),
    ),
    "no first line": (
        "lacks its first line",
        lambda: acs3(sign=lambda c: hexed(SECRET, hashlib.sha256(c.text().encode()).hexdigest())),
    ),
}
