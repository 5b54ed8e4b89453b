"""What the config file may say: every key with its type, its default and its meaning.

Keys are in snake_case; only a connector's ``config`` is Logto's JSON, with keys in camelCase. The JSON schema and
the reference in docs/config.md are made from these classes, docstrings included. ``checks`` reports errors that
concern several keys with their places; the validators here repeat those checks for a config that is made in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gateway.core.hosts import host_name, normal_origin
from gateway.delivery.fallbacks import MOST
from gateway.verification.rules import PRESETS, By, Policy, Window
from gateway.verification.rules import problems as policy_problems

SEVERAL_KEYS = "several_keys"
"""The type of a validation error that concerns several keys."""
UNGUARDED = "is reachable from other machines: set an API token (--api-token), or say --insecure-open"

_NUMBERS = re.compile(r"\+?[0-9][0-9 ().-]*\*?", re.ASCII)
_ADDRESSES = re.compile(r"(\*|[^\s@*]+)@[^\s@*]+")
# Rules for which null means that there is no such limit.
_NO_LIMIT = frozenset({"lifetime_seconds", "tries_per_code", "tries_per_recipient", "lock_seconds"})


# An empty secret, of an empty environment variable for example, would protect nothing.
Secret = Annotated[SecretStr, Field(min_length=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """The parts of ``store``."""

    kind: Literal["memory", "sqlite"]
    path: Path | None = None
    """The file of a SQLite store."""

    @classmethod
    def parse(cls, text: str) -> StoreConfig:
        """Parse ``memory``, ``memory:`` or ``sqlite:PATH``. Raises ValueError that says what would be right."""
        if text in {"memory", "memory:"}:
            return cls("memory")
        kind, _, path = text.partition(":")
        if kind != "sqlite" or not path.strip() or "\0" in path:
            raise ValueError("must be memory, or sqlite:PATH such as sqlite:gateway.db")
        if path == ":memory:":
            raise ValueError("write memory for a store that goes with the process")
        if path.startswith("//"):
            # sqlite:///x is a relative path to some libraries and an absolute one to others.
            raise ValueError("write the path alone, such as sqlite:gateway.db or sqlite:/var/lib/gateway.db")
        return cls("sqlite", Path(path))

    def under(self, folder: Path) -> StoreConfig:
        """Return the store with its path resolved against ``folder``; ``~`` is the home folder."""
        if self.path is None:
            return self
        try:
            return StoreConfig(self.kind, folder / self.path.expanduser())
        except RuntimeError:  # no home folder
            return StoreConfig(self.kind, folder / self.path)

    def __str__(self) -> str:
        return "memory" if self.path is None else f"{self.kind}:{self.path}"


def _store(text: str) -> str:
    StoreConfig.parse(text)
    return text


def _public_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # raises where it is no number
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not text.isprintable() or " " in text:
        raise ValueError("must be a URL such as https://gateway.example.com")
    # "@" anywhere: after a password with a slash in it, the rest is not part of the host.
    if "@" in text or parts.query or parts.fragment:
        raise ValueError("must be scheme, host, port and path only")
    return text.rstrip("/")


def _host(text: str) -> str:
    """Check a name of ``server.allow_hosts``. Another form would match no ``Host``, silently."""
    name = text.strip().removeprefix("[").removesuffix("]")
    if host_name(f"[{name}]" if ":" in name else name) != name.lower().rstrip(".") or not name:
        raise ValueError("must be a host name or an IP address without a port, such as gateway.example.com")
    return name


def _origin(text: str) -> str:
    """Check an entry of ``server.allow_origins``, likewise."""
    origin = normal_origin(text)
    parts = urlsplit(text)
    if origin is None or parts.path not in {"", "/"} or parts.query or parts.fragment or not text.isprintable():
        raise ValueError("must be the scheme, host and port of a page, such as http://localhost:3000")
    return origin


def _allowed(text: str) -> str:
    """Check an entry of ``live.allow``. Another form would match no recipient, silently."""
    from gateway.core.recipients import phone_readings

    entry = text.strip()
    number = _NUMBERS.fullmatch(entry)
    if entry == "*" or _ADDRESSES.fullmatch(entry):
        return entry
    if number and (entry.endswith("*") or phone_readings(entry)[0].startswith("+")):
        return entry
    raise ValueError('must be a number such as "+8613800138000" or "+86139*", an address, "*@example.com", or "*"')


class ServerConfig(Section):
    """Where it listens and who may call."""

    host: str = Field(
        default="127.0.0.1", description="The address to listen on. Any other than loopback needs a token."
    )
    port: int = Field(default=4650, ge=0, le=65535, description="0 takes a free one.")
    tls_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Also listen there over TLS, under the names of the providers; 0 takes a free one.",
    )
    tls_folder: Path | None = Field(
        default=None, description="Where the authority of that is kept; else with the data of your programs."
    )
    public_url: Annotated[str, AfterValidator(_public_url)] | None = Field(
        default=None,
        description="Where others reach it, if that is not host and port: the URL of a proxy in front of it.",
    )
    api_token: Secret | None = Field(
        default=None, description="What the API and the pages ask for, as `Authorization: Bearer <token>`."
    )
    insecure_open: bool = Field(default=False, description="Listen beyond this machine without a token.")
    shared: bool = Field(default=False, description="Others use it too: nobody may move the clock or reset.")
    allow_hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = Field(
        default=(),
        description="Names, without a port, that `Host` may have besides `localhost`, IP addresses, names without "
        "a dot, and that of `public_url` ([access.md](access.md)).",
    )
    allow_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        default=(),
        description="Origins of web pages, such as `http://localhost:3000`, that may call the API and the fakes "
        "([access.md](access.md)).",
    )

    @model_validator(mode="after")
    def _guarded(self) -> ServerConfig:
        if not is_loopback(self.host) and self.api_token is None and not self.insecure_open:
            raise PydanticCustomError(SEVERAL_KEYS, "server.host: {reason}", {"reason": UNGUARDED})
        return self


class RetentionConfig(Section):
    """What is kept of captures, messages and exchanges each; the oldest go first."""

    count: int = Field(default=10_000, ge=1, description="So many entries.")
    bytes: int = Field(default=256 * 1024 * 1024, ge=1024, description="So many bytes.")
    hours: float = Field(default=24.0, gt=0, description="So many hours of real age.")


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


# The values that ``_one_or_many`` accepts, as JSON Schema.
_IDS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": MOST}]}


class ConnectorConfig(Section):
    """One configured use of a provider. Either ``config`` or ``config_file``."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = Field(
        description="Its name in paths: 1 to 64 of `A-Z a-z 0-9 . _ -`, a letter or digit first."
    )
    factory: str = Field(description="Logto's id of its type, such as `aliyun-short-message-service`.")
    config: dict[str, Any] | None = Field(default=None, description="Logto's JSON, keys in camelCase.")
    config_file: Path | None = Field(
        default=None, description="A file with that JSON, or with a whole connector as Logto's API gives it."
    )
    options: dict[str, Any] = Field(default_factory=dict, description="Our own settings of such a connector.")
    authorization: Secret | None = Field(
        default=None, description="What its `send` asks for, verbatim, as the header `Authorization`."
    )
    live: bool = Field(default=False, description="In a sandbox: this one sends for real.")
    fallback: Annotated[tuple[str, ...], BeforeValidator(_one_or_many), WithJsonSchema(_IDS)] = Field(
        default=(),
        max_length=MOST,
        description="Who stands in, in order, where this one certainly could not send: ids of the same channel.",
    )

    @model_validator(mode="after")
    def _one_config(self) -> ConnectorConfig:
        if (self.config is None) == (self.config_file is None):
            raise PydanticCustomError(SEVERAL_KEYS, "give either config or config_file")
        return self


class LiveConfig(Section):
    """What keeps live connectors from writing to strangers."""

    allow: tuple[Annotated[str, AfterValidator(_allowed)], ...] = Field(
        default=(),
        description='Whom they may send to: `"+8613800138000"`, `"+86139*"`, `"*@example.com"`; `"*"`: everybody.',
    )
    sends_per_day: int = Field(
        default=50, ge=0, description="Of all live connectors together; a day of UTC, real time."
    )


_Seconds = Annotated[float, Field(ge=0)]


class WindowConfig(Section):
    """At most so many sends in so many seconds."""

    by: Literal["recipient", "address", "country", "all"] = Field(
        description="Counted for each recipient, each client address, each country of a number, or all together."
    )
    sends: int = Field(ge=1, description="At most so many.")
    seconds: float = Field(gt=0, description="In any stretch of so many seconds.")


class RulesConfig(Section):
    """The policy's own rules. What is left out is as in the preset; ``null`` means that there is no such limit."""

    length: int | None = Field(default=None, ge=1, le=32, description="Characters of a code.")
    alphabet: str | None = Field(default=None, description="The characters, of `A-Z`, `a-z` and `0-9`.")
    lifetime_seconds: float | None = Field(default=None, gt=0, description="How long a code is valid.")
    tries_per_code: int | None = Field(default=None, ge=1, description="Wrong codes before one is over.")
    tries_per_recipient: int | None = Field(
        default=None, ge=1, description="Wrong codes in a row, over new codes too, before the recipient is locked."
    )
    lock_seconds: float | None = Field(
        default=None, gt=0, description="How long it is locked. `null`: until somebody lifts it."
    )
    try_waits: tuple[_Seconds, ...] | None = Field(
        default=None, description="Seconds to wait after the first, second, ... wrong code; the last repeats."
    )
    resend_waits: tuple[_Seconds, ...] | None = Field(
        default=None, description="Seconds to wait after the first, second, ... send; the last repeats."
    )
    windows: tuple[WindowConfig, ...] | None = Field(default=None, description="Limits of sends.")
    failed_send_keeps_older: bool | None = Field(
        default=None, description="After a send that certainly failed the older code is still valid."
    )

    def applied_to(self, preset: Policy) -> Policy:
        """Return the preset with the rules of this section in place of its own."""
        given: dict[str, Any] = {}
        for key in self.model_fields_set:
            value = getattr(self, key)
            if value is not None or key in _NO_LIMIT:
                given[key] = value
        if self.windows is not None:
            given["windows"] = tuple(Window(By(window.by), window.sends, window.seconds) for window in self.windows)
        return replace(preset, **given)


class CodesConfig(Section):
    """One-time codes that the gateway makes and checks."""

    policy: Literal["logto", "nist", "off"] = Field(
        default="logto", description="`logto`: as Logto does; `nist`: NIST SP 800-63B-4; `off`: no limits."
    )
    rules: RulesConfig = Field(
        default_factory=RulesConfig,
        description="The policy's own rules. What is left out is as in the preset; `null`: no such limit.",
    )
    seed: int | None = Field(
        default=None, description="In a sandbox: the same codes in every run, by recipient and usage type."
    )
    echo: bool = Field(default=False, description="In a sandbox: `POST /api/verifications` answers with the code.")
    key: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="For the hashes under which codes are kept. Left out: made once, in the store."
    )

    @property
    def effective_policy(self) -> Policy:
        """The preset with the rules of the file applied."""
        return self.rules.applied_to(PRESETS[self.policy])

    @model_validator(mode="after")
    def _policy_is_consistent(self) -> CodesConfig:
        for key, text in policy_problems(self.effective_policy):
            raise PydanticCustomError(SEVERAL_KEYS, "codes.rules.{key}: {reason}", {"key": key, "reason": text})
        return self


def exposed_in_live(codes: CodesConfig) -> Iterator[tuple[str, str]]:
    """Yield each setting that would reveal codes to others than their recipients, and the reason."""
    if codes.seed is not None:
        yield "seed", "not in mode live: others could work the codes out"
    if codes.echo:
        yield "echo", "not in mode live: a code is for who gets the message"


class Config(Section):
    """The whole file."""

    mode: Literal["sandbox", "live"] = Field(
        default="sandbox",
        description="`sandbox`: connectors send to their fakes. `live`: all send for real, no fakes.",
    )
    server: ServerConfig = Field(default_factory=ServerConfig, description="Where it listens and who may call.")
    store: Annotated[str, AfterValidator(_store)] | None = Field(
        default=None,
        description="`memory` (goes with the process) or `sqlite:PATH` (a file; PATH starts at the config file). "
        "Left out: `gateway serve` keeps a file in your data folder.",
    )
    templates: Path | None = Field(
        default=None, description="A folder of templates that overlay the built-in ones."
    )
    retention: RetentionConfig = Field(default_factory=RetentionConfig, description="What is kept, and how long.")
    connectors: tuple[ConnectorConfig, ...] | None = Field(
        default=None, description="Left out: the sandbox's own in mode sandbox, none in mode live."
    )
    defaults: dict[Literal["sms", "email"], str] = Field(
        default_factory=dict, description="The connector of a channel where none is named. Else the first one."
    )
    live: LiveConfig = Field(default_factory=LiveConfig, description="Whom live connectors may write to.")
    codes: CodesConfig = Field(
        default_factory=CodesConfig, description="One-time codes that the gateway makes and checks."
    )
    magic_recipients: bool = Field(
        default=True,
        description="Some numbers and addresses always behave in one way at the fakes ([faults.md]"
        "(faults.md#magic-recipients)).",
    )
    fakes: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Settings of the fakes, by provider."
    )

    @model_validator(mode="after")
    def _unique_ids(self) -> Config:
        seen = set[str]()
        for connector in self.connectors or ():
            if connector.id in seen:
                raise PydanticCustomError(SEVERAL_KEYS, "connectors: an id is given twice")
            seen.add(connector.id)
        return self

    @model_validator(mode="after")
    def _codes_stay_secret(self) -> Config:
        if self.mode == "live":
            for key, text in exposed_in_live(self.codes):
                raise PydanticCustomError(SEVERAL_KEYS, "codes.{key}: {reason}", {"key": key, "reason": text})
        return self

    @property
    def store_config(self) -> StoreConfig:
        """The parts of ``store``; memory if the file has no ``store``."""
        return StoreConfig.parse(self.store) if self.store is not None else StoreConfig("memory")


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
