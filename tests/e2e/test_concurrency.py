"""Two hundred senders and two hundred waiters at once: everybody gets the own code, and nobody another's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from connector_gateway import CodeTimeout, Gateway, Recipient
from tests.e2e import aliyun_sdk

PEOPLE = 200
PATIENCE = 40.0  # for a code that must come; never waited for when all is well


@contextmanager
def everybody(gateway: Gateway) -> Iterator[tuple[ThreadPoolExecutor, dict[str, Recipient]]]:
    """A thread for each sender and each waiter, and a recipient for each code."""
    with ThreadPoolExecutor(16) as few:
        phones = list(few.map(lambda _: gateway.phone(), range(PEOPLE)))
    assert len(set(phones)) == PEOPLE
    with ThreadPoolExecutor(2 * PEOPLE) as threads:
        yield threads, {f"{number:06}": phone for number, phone in enumerate(phones, 100_000)}


def send(gateway: Gateway, client: object, phone: Recipient, code: str) -> None:
    """By turns as an app with Aliyun's SDK, and as Logto with our driver."""
    if int(code) % 2:
        assert client.send_sms(aliyun_sdk.request(phone.digits, code)).body.code == "OK"  # type: ignore[attr-defined]  # the SDK has no types
    else:
        assert gateway.send(phone, code=code)["receipt"]["providerCode"] == "OK"


def test_each_of_two_hundred_waiters_gets_the_own_code(gateway: Gateway) -> None:
    client = aliyun_sdk.client(gateway.url, read_timeout=20_000)
    with everybody(gateway) as (threads, people):
        waits = {code: threads.submit(gateway.code, phone, timeout=PATIENCE) for code, phone in people.items()}
        sends = [threads.submit(send, gateway, client, phone, code) for code, phone in people.items()]
        for sent in sends:
            sent.result()
        assert {code: wait.result() for code, wait in waits.items()} == {code: code for code in people}
        found = {code: [capture.code for capture in gateway.captures(phone)] for code, phone in people.items()}
    assert found == {code: [code] for code in people}


def test_nobody_waits_for_a_code_that_is_there(gateway: Gateway) -> None:
    """A wait of no seconds finds what was sent before, of all two hundred at once, and finds it only once."""
    client = aliyun_sdk.client(gateway.url, read_timeout=20_000)
    with everybody(gateway) as (threads, people):
        list(threads.map(lambda pair: send(gateway, client, pair[1], pair[0]), people.items()))
        got = threads.map(lambda phone: gateway.code(phone, timeout=0), people.values())
        assert list(got) == list(people)
    with pytest.raises(CodeTimeout):
        gateway.code(next(iter(people.values())), timeout=0)


def test_waiters_for_one_recipient_share_its_codes(gateway: Gateway) -> None:
    """Each code wakes one of them, whichever, and nobody gets one that another has."""
    phone = gateway.phone()
    codes = [f"90000{number}" for number in range(8)]
    with ThreadPoolExecutor(len(codes)) as threads:
        waiting = {threads.submit(gateway.code, phone, timeout=PATIENCE) for _ in codes}
        for code in codes:
            gateway.send(phone, code=code)
            # The next goes out when this one is taken: one that nobody took would be retired by the one after it.
            [woken], waiting = futures.wait(waiting, return_when=futures.FIRST_COMPLETED, timeout=PATIENCE)
            assert woken.result() == code
