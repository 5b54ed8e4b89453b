"""A whole gateway with the fake of SES in it, in a thread of its own, for boto3: a client that blocks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import boto3
from botocore.config import Config as BotoConfig

from gateway.ports import Provider
from gateway.providers.aws_ses.fake import config, pipeline
from tests.aws_ses.signing import KEY_ID, SECRET
from tests.support.house import House, running

PROVIDER = Provider(
    name="aws-ses",
    title="Amazon SES",
    factories={},
    max_body=64 << 20,
    answers_host=lambda _: False,
    claims=lambda _: False,
    fake=pipeline.fake,
    fake_settings=config.read,
    recipes=lambda *_: (),
    environment=lambda *_: {},
)
_people = count(1)


@dataclass
class Ses:
    """Both clients of one account; each account is alone."""

    url: str
    v1: Any
    v2: Any

    def captures(self, to: str) -> list[dict[str, Any]]:
        """What arrived for somebody, oldest first."""
        with urlopen(f"{self.url}/api/captures?to={quote(to)}", timeout=10) as answer:
            found: list[dict[str, Any]] = json.loads(answer.read())["captures"]
        return sorted(found, key=lambda one: str(one["receivedAt"]))

    def exchange(self) -> dict[str, Any]:
        """The newest one."""
        with urlopen(f"{self.url}/api/exchanges?limit=1", timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())["exchanges"][0]
        return found

    def advance(self, seconds: float) -> None:
        body = json.dumps({"seconds": seconds}).encode()
        headers = {"Content-Type": "application/json"}
        request = HttpRequest(f"{self.url}/api/clock/advance", body, headers, method="POST")
        with urlopen(request, timeout=10):
            pass

    def somebody(self) -> str:
        return f"person{next(_people)}@example.net"


@contextmanager
def serving(**fake: Any) -> Iterator[Ses]:
    """``fake``: the fake's part of the config file."""
    accounts = [{"access_key_id": KEY_ID, "access_key_secret": SECRET}]
    loop = asyncio.new_event_loop()
    started: list[House] = []
    ready = threading.Event()
    stop = asyncio.Event()

    async def main() -> None:
        async with running(
            {PROVIDER.name: PROVIDER}, connectors=[], fakes={PROVIDER.name: {"accounts": accounts, **fake}}
        ) as house:
            started.append(house)
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            loop.run_until_complete(main())
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    try:
        url = f"http://127.0.0.1:{started[0].port}"
        v1, v2 = client("ses", url), client("sesv2", url)
        yield Ses(url, v1, v2)
        v1.close()
        v2.close()
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def client(service: str, url: str, key_id: str = KEY_ID, secret: str = SECRET) -> Any:
    return boto3.session.Session().client(
        service,
        region_name="us-east-1",
        endpoint_url=f"{url}/fakes/aws-ses",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=BotoConfig(retries={"total_max_attempts": 1}, parameter_validation=False, proxies={}),
    )
