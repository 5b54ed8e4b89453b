"""What the config file may say: every key with its type, its default and its meaning.

Keys are in snake_case; only a connector's ``config`` is Logto's JSON, camelCase and all. The JSON schema and the
reference in docs/config.md are made of these classes. What several keys say together is checked in ``loading``.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from gateway.config.codes import CodesConfig, not_in_live
from gateway.config.section import TOGETHER, Secret, Section
from gateway.config.store import StoreConfig
from gateway.delivery.fallbacks import MOST

UNGUARDED = "is reachable from other machines: set an API token (--api-token), or say --insecure-open"

_NUMBERS = re.compile(r"\+?[0-9][0-9 ().-]*\*?", re.ASCII)
_ADDRESSES = re.compile(r"(\*|[^\s@*]+)@[^\s@*]+")


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
    # Anywhere: a password may have a slash in it, and then what follows is no part of the host.
    if "@" in text or parts.query or parts.fragment:
        raise ValueError("must be scheme, host, port and path only")
    return text.rstrip("/")


def _allowed(text: str) -> str:
    """What ``gateway.live`` understands; other entries would allow nobody, without a word."""
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
    allow_hosts: tuple[str, ...] = Field(
        default=(), description="Names beside the loopback ones that `Host` and `Origin` may have."
    )

    @model_validator(mode="after")
    def _guarded(self) -> ServerConfig:
        if not is_loopback(self.host) and self.api_token is None and not self.insecure_open:
            raise PydanticCustomError(TOGETHER, "server.host: {why}", {"why": UNGUARDED})
        return self


class RetentionConfig(Section):
    """What is kept of captures, messages and exchanges each; the oldest go first."""

    count: int = Field(default=10_000, ge=1, description="So many entries.")
    bytes: int = Field(default=256 * 1024 * 1024, ge=1024, description="So many bytes.")
    hours: float = Field(default=24.0, gt=0, description="So many hours of real age.")


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


# As JSON Schema has what ``_one_or_many`` takes.
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
            raise PydanticCustomError(TOGETHER, "give either config or config_file")
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
                raise PydanticCustomError(TOGETHER, "connectors: an id is given twice")
            seen.add(connector.id)
        return self

    @model_validator(mode="after")
    def _no_known_codes(self) -> Config:
        if self.mode == "live":
            for key, text in not_in_live(self.codes):
                raise PydanticCustomError(TOGETHER, "codes.{key}: {why}", {"key": key, "why": text})
        return self

    @property
    def store_config(self) -> StoreConfig:
        """``store`` in parts; memory where the file says nothing."""
        return StoreConfig.parse(self.store) if self.store is not None else StoreConfig("memory")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
