"""``gateway demo``: start a gateway in this process and show what it can do, in a story for each subject.

A story uses the gateway over HTTP and returns facts, in the order in which they are shown. ``STORIES`` lists them.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import click

from gateway.cli import options
from gateway.cli.exits import BadConfig
from gateway.cli.http import Client, segment
from gateway.cli.output import console, emit, visible
from gateway.core.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

WIDTH, LABEL_WIDTH = 80, 14  # columns; the same for all tables
OVERRIDES = {"server": {"host": "127.0.0.1", "port": 0}, "store": "memory"}
CALLBACK = "http://localhost:3000/callback"


@click.command("demo")
@options.as_json
def command(as_json: bool) -> None:
    """Send sign-in codes, read them back and check them, on a gateway of its own, and print what happened.

    The provider's official SDK sends them over HTTP to the fake. Nothing leaves the machine, nothing is kept.

    \b
    Example:
      gateway demo
    """
    try:
        asyncio.run(run(as_json=as_json))
    except ConfigError as wrong:
        raise BadConfig(wrong.message) from wrong


async def run(*, as_json: bool) -> None:
    """Run the stories and print each as soon as it is over; as JSON, all of them at the end."""
    from gateway.app import assemble
    from gateway.config import load_config

    results: dict[str, dict[str, object]] = {}
    async with assemble(load_config(None, OVERRIDES)) as gateway:
        await gateway.start()
        client = Client(gateway.url)
        for story in STORIES:
            facts = await asyncio.to_thread(story.run, client)
            results[story.name] = {fact.key: fact.value for fact in facts}
            if not as_json:
                console().print(table(story.title, facts))
    if as_json:
        emit(results)
    else:
        click.echo("\nKeep one running:  make serve  (or: gateway serve)")


def table(title: str, facts: list[Fact]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    result = Table(title=title, title_justify="left", title_style="bold", show_header=False, box=box.ROUNDED)
    result.width = min(WIDTH, console().width)
    result.add_column(no_wrap=True, style="dim", width=LABEL_WIDTH)
    result.add_column(overflow="fold", ratio=1)
    for fact in facts:
        result.add_row(fact.label, Text(visible(fact.shown), style="bold green" if fact.key == "code" else ""))
    return result


@dataclass(frozen=True)
class Fact:
    """A row: ``key`` and ``value`` for JSON, ``label`` and ``unit`` for people."""

    key: str
    label: str
    value: str | float | None
    unit: str = ""

    @property
    def shown(self) -> str:
        return "-" if self.value is None else f"{self.value}{self.unit}"


@dataclass(frozen=True)
class Story:
    """One subject of the demo."""

    name: str
    """The key in the output of ``gateway demo --json``."""
    title: str
    run: Callable[[Client], list[Fact]]


def code_by_sms(client: Client) -> list[Fact]:
    """Send a sign-in code through the connector ``sms`` with Aliyun's SDK, and read it back from the fake."""
    fresh = _phone(client)
    number, code = fresh["digits"], f"{secrets.randbelow(1_000_000):06d}"
    message = {"to": number, "type": "SignIn", "payload": {"code": code}}

    start = time.perf_counter()
    sent = client.ask("POST", "/api/connectors/sms/send", body=message).document()
    between = time.perf_counter()
    taken = client.ask("POST", f"/api/codes/{segment(fresh['to'])}", query={"type": "SignIn", "timeout": 10})
    end = time.perf_counter()
    if not taken.ok:
        raise taken.problem()

    capture = client.ask("GET", f"/api/captures/{taken.headers['X-Gateway-Capture']}").document()
    exchange = client.ask("GET", f"/api/exchanges/{capture['exchangeId']}").document()
    details = capture["details"]
    return [
        Fact("connector", "connector", capture["connectorId"]),
        Fact("type", "usage type", capture["type"]),
        Fact("to", "recipient", fresh["to"]),
        Fact("text", "on the phone", capture["text"]),
        Fact("code", "code read back", taken.body.decode()),
        Fact("bizId", "BizId", details.get("BizId")),
        Fact("requestId", "RequestId", sent["receipt"]["requestId"]),
        Fact("signature", "signature", exchange["signature"]),
        Fact("sendMilliseconds", "send", round((between - start) * 1000), " ms, loading the SDK included"),
        Fact("waitMilliseconds", "wait", round((end - between) * 1000), " ms"),
    ]


def code_by_email(client: Client) -> list[Fact]:
    """Send a sign-up code through the connector ``email`` with boto3, and read it back from the fake of SES."""
    fresh = client.ask("POST", "/api/recipients", body={"channel": "email"}).document()
    message = {"to": fresh["to"], "type": "Register", "payload": {"code": f"{secrets.randbelow(1_000_000):06d}"}}

    start = time.perf_counter()
    client.ask("POST", "/api/connectors/email/send", body=message).document()
    between = time.perf_counter()
    taken = client.ask("POST", f"/api/codes/{segment(fresh['to'])}", query={"type": "Register", "timeout": 10})
    end = time.perf_counter()
    if not taken.ok:
        raise taken.problem()

    capture = client.ask("GET", f"/api/captures/{taken.headers['X-Gateway-Capture']}").document()
    exchange = client.ask("GET", f"/api/exchanges/{capture['exchangeId']}").document()
    return [
        Fact("connector", "connector", capture["connectorId"]),
        Fact("type", "usage type", capture["type"]),
        Fact("to", "recipient", fresh["to"]),
        Fact("from", "from", capture["mail"]["from"]),
        Fact("subject", "subject", capture["subject"]),
        Fact("code", "code read back", taken.body.decode()),
        Fact("mailId", "MessageId", capture["details"].get("MessageId")),
        Fact("signature", "signature", exchange["signature"]),
        Fact("sendMilliseconds", "send", round((between - start) * 1000), " ms, loading the SDK included"),
        Fact("waitMilliseconds", "wait", round((end - between) * 1000), " ms"),
    ]


def code_checked(client: Client) -> list[Fact]:
    """Let the gateway make a code, and check a wrong code, the right one, and the right one again."""
    fresh = _phone(client)
    asked = client.ask("POST", "/api/verifications", body={"to": fresh["to"], "type": "SignIn"}).document()
    code = _code(client, fresh)
    wrong = _check(client, fresh, "000000" if code != "000000" else "111111")
    right = _check(client, fresh, code)
    again = _check(client, fresh, code)
    return [
        Fact("to", "recipient", fresh["to"]),
        Fact("expiresAt", "good until", asked["expiresAt"]),
        Fact("code", "code read back", code),
        Fact("wrong", "a wrong code", wrong[0]),
        Fact("triesLeft", "tries left", wrong[1].get("triesLeft")),
        Fact("right", "the right code", right[0]),
        Fact("replay", "the same again", again[0]),
    ]


def code_expired(client: Client) -> list[Fact]:
    """Move the gateway's clock by ten minutes, and check a code that has expired."""
    fresh = _phone(client)
    asked = client.ask("POST", "/api/verifications", body={"to": fresh["to"], "type": "SignIn"}).document()
    code = _code(client, fresh)
    start = time.perf_counter()
    moved = client.ask("POST", "/api/clock", body={"advance": 601}).document()
    end = time.perf_counter()
    late = _check(client, fresh, code)
    client.ask("POST", "/api/clock", body={"reset": True}).document()
    return [
        Fact("expiresAt", "good until", asked["expiresAt"]),
        Fact("now", "the clock", moved["now"]),
        Fact("clockMilliseconds", "moved in", round((end - start) * 1000, 1), " ms"),
        Fact("late", "the right code", late[0]),
    ]


def bad_day(client: Client) -> list[Fact]:
    """Let sends fail in three ways: a limit, a closed account, a broken connection. The second uses a fallback."""
    first, second = "main", "backup"
    config = client.ask("GET", "/api/connectors/sms").document()
    for name, more in ((second, {}), (first, {"fallback": second})):
        own = {**config["config"], "accessKeyId": f"{name}-key-id", "accessKeySecret": f"{name}-key-secret"}
        made = {"connectorId": config["connectorId"], "id": name, "config": own, **more}
        client.ask("POST", "/api/connectors", body=made).document()

    def sent(**fault: str | bool) -> tuple[dict[str, Any], str]:
        """Send through the first connector with a fault for its key. Return the answer and the recipient."""
        to = _phone(client)["to"]
        client.ask("POST", "/api/faults", body={"keyId": f"{first}-key-id", "count": 1, **fault}).document()
        body = {"to": to, "type": "SignIn", "connectorId": first}
        answer = client.ask("POST", "/api/verifications", body=body)
        return answer.error() or answer.document(), to

    limited, _ = sent(error="isv.BUSINESS_LIMIT_CONTROL")
    helped, to = sent(error="isv.OUT_OF_SERVICE")
    broken, _ = sent(reset=True)
    return [
        Fact("limit", "Aliyun says", limited["data"]["providerCode"]),
        Fact("limitCode", "your app gets", limited["code"]),
        Fact("down", "account shut", helped["failed"][0]["providerCode"]),
        Fact("fallback", "stepped in", helped["connectorId"]),
        Fact("code", "code read back", _code(client, {"to": to})),
        Fact("broken", "line cut", broken["data"]["reason"]),
        Fact("stoodIn", "stepped in", "nobody: it may have been sent" if broken["data"]["maybeSent"] else second),
    ]


def social_sign_in(client: Client) -> list[Fact]:
    """Sign a persona in through each social connector, as an app with its own callback does."""
    start = time.perf_counter()
    generic = _signed_in(client, "oauth2", "ada")
    openid = _signed_in(client, "oidc", "liwei")
    hugging_face = _signed_in(client, "huggingface", "ada")
    end = time.perf_counter()
    exchanges = client.ask("GET", "/api/exchanges", query={"provider": "oauth2", "order": "asc"}).document()
    last_sign_in = [item for item in exchanges["exchanges"] if item["explanation"].get("issuer") == "huggingface"]
    organizations = hugging_face["rawData"]["orgs"]
    return [
        Fact("oauth2", "oauth2", _summary(generic)),
        Fact("oidc", "oidc", _summary(openid)),
        Fact("huggingface", "huggingface", _summary(hugging_face)),
        Fact("organizations", "its orgs", ", ".join(item["name"] for item in organizations)),
        Fact("calls", "its calls", ", ".join(item["operation"] for item in last_sign_in)),
        Fact("milliseconds", "all three", round((end - start) * 1000), " ms"),
    ]


def _summary(profile: Mapping[str, Any]) -> str:
    return f"{profile['name']} <{profile['email']}>, id {profile['id']}"


def _signed_in(client: Client, connector: str, persona: str) -> dict[str, Any]:
    """Sign in and return the profile. ``login_hint`` names the persona instead of a click on the login page."""
    path = f"/api/connectors/{segment(connector)}"
    begun = {"state": secrets.token_urlsafe(16), "redirectUri": CALLBACK}
    page = client.ask("POST", f"{path}/authorization-uri", body=begun).document()["redirectTo"]
    target = f"{urlsplit(page).path}?{urlsplit(page).query}&{urlencode({'login_hint': persona})}"
    back = client.ask("GET", target).headers["Location"]
    return client.ask("POST", f"{path}/user-info", body=dict(parse_qsl(urlsplit(back).query))).document()


def _phone(client: Client) -> dict[str, Any]:
    return client.ask("POST", "/api/recipients", body={"channel": "sms", "region": "CN"}).document()


def _code(client: Client, fresh: Mapping[str, Any]) -> str:
    taken = client.ask("POST", f"/api/codes/{segment(fresh['to'])}", query={"timeout": 10})
    if not taken.ok:
        raise taken.problem()
    return taken.body.decode()


def _check(client: Client, fresh: Mapping[str, Any], code: str) -> tuple[str, dict[str, Any]]:
    """Check a code. Return ``verified`` or the error code, and the data of the error."""
    body = {"to": fresh["to"], "type": "SignIn", "code": code}
    answer = client.ask("POST", "/api/verifications/check", body=body)
    error = answer.error()
    if error is not None:
        return error["code"], error.get("data") or {}
    return ("verified" if answer.document()["verified"] else "-"), {}


STORIES = (
    Story("sms", "A sign-in code by SMS: Aliyun's own SDK, an offline Aliyun", code_by_sms),
    Story("email", "A sign-up code by email: boto3, an offline Amazon SES", code_by_email),
    Story("codes", "Codes that the gateway makes and checks, by Logto's rules", code_checked),
    Story("clock", "Ten minutes later, at once", code_expired),
    Story("social", "Sign-in with three providers: our drivers, an offline OAuth2 and OIDC", social_sign_in),
    Story("faults", "A bad day at the provider, and a second connector", bad_day),
)
