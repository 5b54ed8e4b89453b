"""The fake behind a real socket, in the gateway's own server, and boto3 in front of it: the client that judges.

One server serves a whole module. Tests keep apart by region: whatever an account makes is there in one region only.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import boto3
import botocore.session
import pytest
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError
from botocore.model import ServiceModel

from gateway.app import Gateway, assemble
from gateway.config import Config
from gateway.core.model import Document
from gateway.faults.rules import Effect, Match, Rule, Stage
from gateway.inbox.codes import entry_with_code
from gateway.providers.aws_ses import provider

T = TypeVar("T")

NAME = "aws-ses"
KEY_ID, SECRET, ACCOUNT = "AKIDEXAMPLE000000011", "made+up/secret", "111122223333"
OTHER_KEY_ID, OTHER_SECRET, OTHER_ACCOUNT = "AKIDEXAMPLE000000012", "another+secret", "444455556666"
ACCOUNTS = [
    {"access_key_id": KEY_ID, "access_key_secret": SECRET, "account_id": ACCOUNT},
    {"access_key_id": OTHER_KEY_ID, "access_key_secret": OTHER_SECRET, "account_id": OTHER_ACCOUNT},
]
SENDER = "otp@verified.example"
STRICT = {
    "strict": True,
    "configuration_sets": ["seeded"],
    "identities": ["verified.example", "friend@elsewhere.example"],
}

# What botocore reads of a service is most of the work of a client; nothing in it changes.
one_session = cache(boto3.Session)
_letters = itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=3)
_recipients = itertools.count(1)


@cache
def service_model(service: str) -> ServiceModel:
    """What AWS publishes about ``ses`` or ``sesv2``."""
    return botocore.session.get_session().get_service_model(service)


@dataclass
class Served:
    """``url`` is the fake's own."""

    gateway: Gateway
    loop: asyncio.AbstractEventLoop
    session: boto3.Session = field(default_factory=one_session)

    @property
    def url(self) -> str:
        return f"{self.gateway.url}/fakes/{NAME}"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """In the server's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def client(
        self,
        region: str,
        *,
        service: str = "sesv2",
        key_id: str = KEY_ID,
        secret: str = SECRET,
        checked: bool = False,
        attempts: int = 1,
        url: str | None = None,
    ) -> Any:
        """``checked``: does boto3 itself look at parameters before it sends them?"""
        return self.session.client(
            service,
            region_name=region,
            endpoint_url=url or self.url,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            config=ClientConfig(
                parameter_validation=checked,
                retries={"total_max_attempts": attempts, "mode": "standard"},
                proxies={},
                read_timeout=10,
            ),
        )

    def captures(self, address: str) -> list[Document]:
        """What arrived at an address, oldest first."""
        found = self.run(self.gateway.services.store.log.read("captures", key=f"to:{address.lower()}"))
        return [entry_with_code(entry).value for entry in found]

    def exchange(self) -> Document:
        """The newest one."""
        found = self.run(self.gateway.services.store.log.read("exchanges", limit=1, newest_first=True))
        return found[0].value

    def advance(self, seconds: float) -> None:
        self.run(self.gateway.services.clock.advance(seconds))

    @contextmanager
    def fault(self, effect: Effect, stage: Stage = "before", **match: Any) -> Iterator[None]:
        rule = Rule(Match(provider=NAME, **match), effect, stage, count=1)
        self.gateway.services.faults.add(rule)
        try:
            yield
        finally:
            self.gateway.services.faults.remove(rule.id)


@contextmanager
def serving(**fake: Any) -> Iterator[Served]:
    """``fake``: its part of the config file."""
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    found: list[Served] = []
    stop = asyncio.Event()

    async def main() -> None:
        settings = Config.model_validate(
            {"server": {"port": 0}, "connectors": [], "fakes": {NAME: {"accounts": ACCOUNTS, **fake}}}
        )
        async with assemble(settings, {NAME: provider}) as gateway:
            await gateway.start()
            found.append(Served(gateway, loop))
            ready.set()
            await stop.wait()

    def work() -> None:
        try:
            loop.run_until_complete(main())
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(20)
    try:
        assert found, "the server did not start"
        yield found[0]
    finally:
        if found:
            loop.call_soon_threadsafe(stop.set)
        thread.join(20)


def a_region() -> str:
    """One that nobody used yet."""
    return f"eu-{''.join(next(_letters))}-1"


def a_recipient() -> str:
    return f"user{next(_recipients)}@inbox.example"


def simple(to: str, **more: Any) -> dict[str, Any]:
    """SendEmail with a code in it."""
    return {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": [to]},
        "Content": {
            "Simple": {
                "Subject": {"Data": "Your code"},
                "Body": {
                    "Text": {"Data": "Your code is 246810."},
                    "Html": {"Data": "<p>Your code is <b>246810</b>.</p>"},
                },
            }
        },
        **more,
    }


@contextmanager
def refused(code: str, status: int, text: str | None = None) -> Iterator[None]:
    """boto3 must raise AWS's error."""
    with pytest.raises(ClientError) as caught:
        yield
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    if text is not None:
        assert answer["Error"]["Message"] == text
