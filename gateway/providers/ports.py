"""What a provider is: the protocols of its driver and its fake, and the values that describe it. No code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias

from gateway.core.clock import Clock
from gateway.core.model import (
    Capture,
    Channel,
    Content,
    Masked,
    Message,
    Receipt,
    Recipient,
    Request,
    Response,
)
from gateway.faults.rules import Effect, Stage
from gateway.providers.directory import Directory
from gateway.providers.social import SocialDriver
from gateway.storage.ports import Entry, Records

if TYPE_CHECKING:
    from pydantic import BaseModel

    from gateway.core.errors import ConnectorError
    from gateway.rendering import Renderer


class Captures(Protocol):
    """The inbox as a fake sees it."""

    async def add(self, captures: Sequence[Capture], effect: Effect | None = None) -> tuple[str, ...]:
        """All of them, or none. They are there for every waiter when this returns. ``effect``: what the fault rules
        said *before*; some may then be lost, come later or come twice. The ids of those that are there, for the
        verdict."""

    async def of_recipient(self, provider: str, reading: str, limit: int) -> list[Entry]:
        """What this provider took for a recipient, newest first; also what a fault has lost or holds back, as the
        document's ``delivery`` says, and once what it doubles."""

    async def of_provider(self, provider: str, limit: int) -> list[Entry]:
        """All that this provider took, newest first, likewise. Costs what the inbox holds."""


class Faults(Protocol):
    """The fault rules as the fake of one provider sees them. ``stage`` is before or after acceptance."""

    def at(
        self,
        stage: Stage,
        operation: str | None,
        recipients: Sequence[Recipient] = (),
        key_id: str | None = None,
    ) -> Effect | None: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a fake works with. ``settings`` is what its provider's ``fake_settings`` made. ``registered_only``: the
    gateway has an API token, so a lenient fake too accepts registered access keys only."""

    inbox: Captures
    records: Records
    clock: Clock
    faults: Faults
    settings: Any
    registered_only: bool = False


Fake: TypeAlias = Callable[[Request, Context], Awaitable[Response]]


class Driver(Protocol):
    """The client half of a provider, for one connector."""

    async def send(self, message: Message, render: Callable[[], Content], deadline: float) -> Receipt:
        """One attempt, over by ``deadline`` (the event loop's time). Raises ``errors.ConnectorError`` only.
        ``render`` is for providers that take finished text."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class FormItem:
    """One key of a connector's config, as Logto's console asks for it. ``secret``: masked whenever it is shown;
    for a Json item ``secret`` means all of it. ``choices``: the values of a Select."""

    key: str
    label: str
    type: Literal["Text", "Number", "MultilineText", "Switch", "Select", "Json"]
    required: bool = False
    secret: bool = False
    placeholder: str | None = None
    description: str | None = None
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a factory says of itself, in Logto's terms: ``name`` and ``description`` by locale (``en`` at least),
    ``readme`` in Markdown. ``wrong_names``: keys that people write because Logto's pages have them, and what they
    are called in truth; ``options`` names our own settings of such a connector."""

    target: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    readme: str
    form: tuple[FormItem, ...] = ()
    wrong_names: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    secret_options: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConnectorFactory:
    """One of Logto's connector types. ``settings(config, options)`` reads Logto's JSON and ours, and raises
    ``errors.InvalidConfig`` that names the key; ``driver(settings, address)`` talks to the fake at ``address``
    (``host:port``), or to the provider itself where that is None. A social one has no ``channel`` and no
    ``driver``, but ``social``, also told at which URL browsers reach the fake. ``warnings``: what is to be known of
    such settings, though they work. ``options_schema``: a model of our options, for editors and docs/config.md.
    ``standard``: a protocol that many providers speak, Logto's ``isStandard``."""

    id: str
    channel: Channel | None
    settings: Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
    driver: Callable[[Any, str | None], Driver] | None
    metadata: Metadata
    warnings: Callable[[Any], Sequence[str]] = lambda _: ()
    options_schema: Callable[[], type[BaseModel]] | None = None
    social: Callable[[Any, str | None, str | None], SocialDriver] | None = None
    standard: bool = False


@dataclass(frozen=True, slots=True)
class Connector:
    """One configured use of a provider. ``settings`` is what its factory made of ``config`` (Logto's JSON) and
    ``options`` (ours). ``live``: it sends for real. ``declared``: the config file has it, so the API may not
    change it; ``version`` is that of its record otherwise. ``fallback``: the ids of those that stand in for it, in
    order, where it certainly did not send."""

    id: str
    provider: str
    factory: ConnectorFactory
    settings: Any
    config: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    authorization: str | None = None
    live: bool = False
    declared: bool = True
    version: int = 0
    fallback: tuple[str, ...] = ()


class KnownError(NamedTuple):
    """One error that a provider's fake knows by its own code. ``status`` is that of HTTP, ``operations`` those that
    answer it, none for any. ``means``: what a driver raises for it, None where the provider has no driver."""

    code: str
    status: int
    message: str
    operations: tuple[str, ...] = ()
    means: type[ConnectorError] | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """All that the house knows of a provider.

    ``answers_host``: is this name (lower case, no port) the provider's own? ``claims``: does the request bear the
    provider's marks? Its ``body`` is empty unless it is a form. ``fake_settings(config, connectors, previous)``:
    the fake's part of the config file, joined with the credentials of the connectors that use it; ``previous`` are
    the settings that these replace, None at first, whose state (nonces seen, say) goes on; raises
    ``errors.ConfigError``. ``recipes(host, port, connectors)``: title and the exact lines to paste into a client;
    ``environment`` likewise: variables for a process. ``max_body`` is in bytes. ``fake_schema``: a model of the
    fake's part of the config file; ``writeOnly`` in it marks a secret. ``with_templates``: the fake's part of the
    config file, with what a folder of templates makes registered at the provider; raises ``errors.ConfigError``.
    ``operations``: those that the fake knows; others are ``other`` in logs and metrics: strangers name them.
    ``sends``: those that send a message, which magic recipients and faults of delivery are about; none: all that
    have a recipient. ``errors``: all that the fake can say, for whoever makes a fault; a code that is not among
    them needs a status. None: nobody knows them. ``magic``: its errors for the meanings of ``gateway.magic``, by
    name. ``fake_warnings``: what somebody should know of the fake's settings: the path below the fake's part of the
    config file, and the text. ``masked`` keeps secrets from exchanges. ``mutations``: a model of ``mutate``.
    ``directories``: ``personas``, ``clients``. ``fake_hosts``: further names, by its settings.
    ``browsers``: whether browsers may make this request for any page, because the fake checks origins, forms or
    links itself. ``forbid``: the fake's answer to a request that the access rules refuse, in the provider's
    dialect, with a verdict; called with the reason, which names the setting that would allow the request. None:
    the answer of the gateway's own API."""

    name: str
    title: str
    factories: Mapping[str, ConnectorFactory]
    max_body: int
    answers_host: Callable[[str], bool]
    claims: Callable[[Request], bool]
    fake: Fake
    fake_settings: Callable[[Mapping[str, Any], Sequence[Connector], Any], Any]
    recipes: Callable[[str, int, Sequence[Connector]], Sequence[tuple[str, str]]]
    environment: Callable[[str, int, Sequence[Connector]], Mapping[str, str]]
    fake_schema: Callable[[], type[BaseModel]] | None = None
    operations: frozenset[str] = frozenset()
    with_templates: Callable[[Mapping[str, Any], Renderer], Mapping[str, Any]] | None = None
    sends: frozenset[str] = frozenset()
    errors: Callable[[], Sequence[KnownError]] | None = None
    magic: Mapping[str, Effect] = field(default_factory=dict)
    fake_warnings: Callable[[Any], Sequence[tuple[tuple[str, ...], str]]] = lambda _: ()
    masked: Masked | None = None
    mutations: Callable[[], type[BaseModel]] | None = None
    directories: Callable[[], Mapping[str, Directory]] | None = None
    fake_hosts: Callable[[Any], Collection[str]] = lambda _: ()
    browsers: Callable[[Request], bool] = lambda _: False
    forbid: Callable[[Request, Context, str], Awaitable[Response]] | None = None
