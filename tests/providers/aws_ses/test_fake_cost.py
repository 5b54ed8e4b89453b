"""Hostile mails and requests: each costs what its length says, and a long one is read in a thread.

Costs are CPU time, the best of three tries, under a generous ceiling: quadratic work would be minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from gateway.core.model import Response
from gateway.providers.aws_ses.fake import mime, stored_templates
from gateway.providers.aws_ses.fake.call import Refusal
from gateway.providers.aws_ses.fake.draft import shown
from gateway.providers.aws_ses.fake.mime_text import split_addresses, transferred, words
from gateway.providers.aws_ses.fake.pipeline import fake
from gateway.providers.aws_ses.fake.sending import raw
from gateway.providers.aws_ses.wire.addresses import IllegalAddress, mailbox
from tests.providers.aws_ses.direct_fake import FORM, DirectFake, error_of
from tests.providers.aws_ses.signed_requests import SECRET, URL, signed
from tests.support.threads import Counted, threads

__all__ = ["threads"]

CEILING = 5.0
HEADER = 250_000
BODY = 2_000_000


def filled(piece: bytes, length: int = BODY) -> bytes:
    return (piece * (length // len(piece) + 1))[:length]


def cost(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    tries = []
    for _ in range(3):
        began = time.process_time()
        work()
        tries.append(time.process_time() - began)
        if tries[-1] < CEILING:
            break
    return min(tries)


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(30_000))
PARTS = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"".join(
    b"--b\nContent-Type: text/%s\n\n" % (b"html", b"plain")[at % 2] + b"<p><a href='x'>" * 200 + b"\n"
    for at in range(498)
)


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(NESTED, id="nesting"),
        pytest.param(PARTS, id="parts"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\n\n" + (b"--b\n" + b"a: b\n" * 680 + b"\nx\n") * 498,
            id="headers of parts",
        ),
        pytest.param(b'Content-Type: multipart/mixed; boundary="-"\n\n---\n' + filled(b"-"), id="boundaries"),
        pytest.param(filled(b"a:\n", HEADER) + b"\n\n", id="headers"),
        pytest.param(b"a:" + filled(b" x\n", HEADER) + b"\n", id="folds"),
        pytest.param(b"Subject: " + filled(b"=?a?q?=41?= ", HEADER) + b"\n\n", id="encoded words"),
        pytest.param(b"Subject: " + filled(b"=?", HEADER) + b"\n\n", id="no encoded words"),
        pytest.param(b"Subject: =?punycode?q?" + b"a" * 1000 + b"?=\n\n", id="words of an odd charset"),
        pytest.param(b"Content-Type: text/plain; charset=punycode\n\n" + filled(b"a"), id="odd charset"),
        pytest.param(
            b"Content-Type: text/plain" + b"".join(b"; charset*%d*=a" % at for at in range(15_000)) + b"\n\n",
            id="RFC 2231",
        ),
        pytest.param(b"Content-Transfer-Encoding: base64\n\n" + filled(b"!A"), id="base64"),
        pytest.param(b"Content-Transfer-Encoding: quoted-printable\n\n" + filled(b"="), id="quoted-printable"),
    ],
)
def test_a_hostile_mail_costs_what_its_length_says(mail: bytes) -> None:
    assert cost(lambda: mime.read(mail)) < CEILING


def refused(text: str) -> None:
    with pytest.raises(IllegalAddress):
        mailbox(text)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda: split_addresses("x" * HEADER + "@" + ":" * HEADER), id="groups"),
        pytest.param(lambda: split_addresses("(" * HEADER), id="comments"),
        pytest.param(lambda: refused('"' + '\\"' * (BODY // 2) + " <a@x.test>"), id="quotes"),
        pytest.param(lambda: refused('"' + '\\"' * 4_000 + " <a@x.test>"), id="quotes of a shorter one"),
        pytest.param(lambda: refused("a@" + "a." * BODY), id="labels"),
        pytest.param(lambda: shown('=?"' + '\\"' * HEADER + " <a@x.test>"), id="shown"),
        pytest.param(lambda: words("=?a?q?" * HEADER), id="words"),
        pytest.param(lambda: transferred(filled(b"!A"), "base64"), id="base64"),
    ],
)
def test_a_hostile_header_costs_what_its_length_says(work: Callable[[], object]) -> None:
    assert cost(work) < 1


async def answered(bare: DirectFake, body: bytes, secret: str = SECRET) -> Response:
    request = signed(url=f"{URL}/", body=body, headers={"Content-Type": FORM}, secret=secret)
    return await fake(request, bare.context)


async def test_a_long_mail_is_read_in_a_thread(threads: Counted) -> None:
    head = b"From: a@x.test\nTo: b@x.test\n\n"
    assert (await raw.draft(head + b"hello")).text == "hello"
    assert threads.jobs == 0
    assert (await raw.draft(head + b"a" * 20_000)).text == "a" * 20_000
    assert threads.jobs == 1
    with pytest.raises(Refusal, match="InvalidParameterValue"):
        await raw.draft(b"To: b@x.test\n\n" + b"a" * 20_000)


async def test_a_long_request_is_read_in_a_thread(threads: Counted) -> None:
    bare = DirectFake()
    short = urlencode({"Action": "GetSendQuota", "Version": "2010-12-01"}).encode()
    assert (await answered(bare, short)).status == 200
    assert threads.jobs == 0
    refusal = await answered(bare, short + b"&Source=" + b"%41" * 30_000, secret="another")
    assert error_of(refusal)[1] == "SignatureDoesNotMatch"
    assert threads.jobs == 1


async def test_a_long_template_is_read_in_a_thread(threads: Counted) -> None:
    await stored_templates.check({"Subject": "s", "Text": "{{x}}"})
    assert threads.jobs == 0
    await stored_templates.check({"Subject": "s", "Text": "{{x}}" * 10_000, "Html": None})
    assert threads.jobs == 1
    with pytest.raises(Refusal, match="InvalidTemplate"):
        await stored_templates.check({"Text": "{{#if x}}" * 10_000})
    with pytest.raises(Refusal) as raised:
        await stored_templates.check({"Text": "{{" + "a." * 200_000 + "a}}"})
    assert raised.value.message == "line 1: a tag has at most 10000 characters"


async def test_a_json_body_with_too_many_values_is_refused() -> None:
    bare = DirectFake()
    request = signed("POST", f"{URL}/v2/email/outbound-emails", b"[" + b"1," * 200_000 + b"1]")
    answer = await fake(request, bare.context)
    assert answer.verdict.code == "SerializationException"
    assert b"too many values" in answer.body
