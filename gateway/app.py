"""Builds a gateway: the only module that picks concrete classes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.config import Config, ConnectorConfig, ServerConfig, is_loopback
from gateway.core import data_files
from gateway.core.clock import Clock, MovableClock
from gateway.core.errors import ConfigError, InvalidConfig, TooManyStreams, TooManyWaits, TooManyWaitsOfOne
from gateway.core.model import Channel
from gateway.delivery.allow_list import LiveGate
from gateway.delivery.connectors import Connectors, build
from gateway.delivery.delivery import Delivery
from gateway.delivery.messages import Messages
from gateway.delivery.mounted_fakes import Mounts
from gateway.delivery.sandbox_keys import PUBLISHED, SandboxKeys, random_keys
from gateway.faults.magic import Magic
from gateway.faults.rules import FaultBook
from gateway.inbox.exchanges import Exchanges
from gateway.inbox.fresh_recipients import FreshRecipients
from gateway.inbox.inbox import Inbox
from gateway.providers import registry
from gateway.providers.ports import Connector, Context, Provider
from gateway.providers.reviews import Reviews
from gateway.rendering import Renderer
from gateway.rendering.preview_service import Previews
from gateway.sign_in.sign_in import SignIn
from gateway.storage.jobs import Schedule
from gateway.storage.measured import MeasuredStore
from gateway.storage.memory import Bounds, MemoryStore
from gateway.storage.ports import Store
from gateway.verification import Settings, Verification
from gateway.web.api import ROUTES
from gateway.web.fakes.adapter import BoundFaults, FakeAdapter
from gateway.web.fakes.dispatch import Dispatch
from gateway.web.routing.api import Api
from gateway.web.routing.idempotency import Idempotency
from gateway.web.routing.services import About, Services
from gateway.web.server.access import Guard
from gateway.web.server.limits import DEFAULT_LIMITS, ConcurrencyLimit, Limits
from gateway.web.server.log import LogEvent, RequestLog
from gateway.web.server.metrics import Labels, Metrics
from gateway.web.server.server import SHUTDOWN_SECONDS, Listener

if TYPE_CHECKING:
    from gateway.web.server.tls import Authority


class Gateway:
    """A whole gateway. ``start`` binds it; ``stop`` (also from a signal handler) begins a graceful end."""

    def __init__(self, services: Services, listener: Listener, authority: Authority | None = None) -> None:
        self.services = services
        self._listener = listener
        self._authority = authority
        self._stop = asyncio.Event()

    @property
    def url(self) -> str:
        return self.services.about.url

    @property
    def mode(self) -> str:
        return self.services.about.mode

    @property
    def version(self) -> str:
        return self.services.about.version

    @property
    def fakes(self) -> list[Provider]:
        """The providers whose fakes are mounted."""
        return [self.services.providers[name] for name in self.services.mounts]

    @property
    def connectors(self) -> Mapping[str, Connector]:
        return self.services.connectors

    async def start(self) -> tuple[str, int]:
        """Host and port it is bound to. Raises ConfigError, for a port in use for instance."""
        about = self.services.about
        about.host, about.port = await self._listener.bind(about.host, about.port)
        if self._authority is not None:
            context = self._authority.context()
            about.tls_port = await self._listener.bind_tls(about.host, about.tls_port or 0, context)
        about.listening = True
        return about.host, about.port

    @property
    def tls(self) -> tuple[int, Path] | None:
        """The port, and the certificate of the authority to trust there."""
        if self._authority is None or self.services.about.tls_port is None:
            return None
        return self.services.about.tls_port, self._authority.certificate

    def stop(self) -> None:
        self._stop.set()

    async def stopped(self) -> None:
        """Until ``stop`` is called."""
        await self._stop.wait()


@asynccontextmanager
async def assemble(
    config: Config,
    providers: Mapping[str, Provider] | None = None,
    *,
    log: Callable[[LogEvent], None] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> AsyncIterator[Gateway]:
    """Everything of one gateway, wired. ``providers``: by name; all that there are unless given. ``log`` takes a
    line for each request. Raises ConfigError."""
    providers = providers if providers is not None else registry.load_providers()
    about = About(_version(), config.mode, config.server.shared, config.server.host, config.server.port)
    about.public_url = config.server.public_url
    about.tls_port = config.server.tls_port
    metrics = Metrics(Labels(providers), about.version, about.mode)
    store = await _store(config, metrics)
    try:
        async with _assembled(config, about, metrics, store, providers, RequestLog(log), limits) as gateway:
            yield gateway
    finally:
        await store.close()


@asynccontextmanager
async def _assembled(
    config: Config,
    about: About,
    metrics: Metrics,
    store: Store,
    providers: Mapping[str, Provider],
    request_log: RequestLog,
    limits: Limits,
) -> AsyncIterator[Gateway]:
    live = config.mode == "live"
    keys = PUBLISHED if live or config.server.api_token is None else await random_keys(store.records)
    declared = [_connector(one, providers, keys, live=live) for one in config.connectors or ()]

    clock = MovableClock()
    faults = FaultBook(magic=config.magic_recipients and not live)
    timeline = Messages(store.log, clock)
    schedule = Schedule(store, clock)
    clock.after_move(schedule.run_due)
    captures = Inbox(store, clock, timeline, schedule)
    exchanges = Exchanges(store.log)
    folders = [data_files.folder("templates")]
    if config.templates is not None:
        folders.insert(0, config.templates)
    renderer = Renderer(folders)
    config = _with_public_url(_with_templates(config, providers, renderer), providers)

    server = config.server
    guard = _guard(server)
    mounts = _mounts(config, [] if live else list(providers.values()), store, captures, clock, faults, metrics)
    connectors = Connectors(
        providers, declared, mounts, store.records, clock, defaults=_defaults(config), live=live, keys=keys
    )
    gate = LiveGate(config.live.allow, config.live.sends_per_day, store.records, clock)
    delivery = Delivery(
        timeline,
        clock,
        renderer.render,
        lambda connector: None if connector.live else about.address,
        gate.admit,
        metrics.sent,
        connectors.fallbacks,
    )
    verification = Verification(store, clock, delivery, _codes(config, live=live), metrics.verified)
    sign_in = SignIn(
        store,
        clock,
        lambda connector: (None, None) if connector.live else (about.address, about.seen_at),
        metrics.signed_in,
    )
    idempotency = Idempotency(store, clock)
    services = Services(
        about=about,
        guard=guard,
        store=store,
        clock=clock,
        schedule=schedule,
        faults=faults,
        messages=timeline,
        inbox=captures,
        exchanges=exchanges,
        fresh_recipients=FreshRecipients(store.records),
        reviews=Reviews(store.records),
        delivery=delivery,
        verification=verification,
        idempotency=idempotency,
        sign_in=sign_in,
        providers=providers,
        connectors=connectors,
        mounts=mounts,
        metrics=metrics,
        waits=ConcurrencyLimit(limits.waits, TooManyWaits, limits.waits_per_recipient, TooManyWaitsOfOne),
        streams=ConcurrencyLimit(limits.streams, TooManyStreams),
        stopping=asyncio.Event(),
        previews=Previews(renderer),
        forgetful={
            "captures": captures,
            "messages": timeline,
            "exchanges": exchanges,
            "verification": verification,
            "sign_in": sign_in,
            "fakes": mounts,
            "idempotency": idempotency,
        },
    )

    api = Api(services, ROUTES)
    mounted = {name: providers[name] for name in mounts}
    dispatch = Dispatch(mounted, FakeAdapter(mounts, exchanges, clock, metrics, faults), api, guard, clock)
    listener = Listener(dispatch.handle, limits, request_log, metrics.disconnect)
    authority = _authority(config, list(mounted.values()))
    metrics.watch("gateway_connections", "Open connections.", lambda: listener.open_connections)
    metrics.watch("gateway_waits_open", "Waits that are going on.", lambda: len(services.waits))
    metrics.watch("gateway_streams_open", "Event streams that are open.", lambda: len(services.streams))
    async with AsyncExitStack() as stack:
        # The last one in goes first; each goes, whatever another one raises.
        stack.push_async_callback(delivery.close)
        stack.push_async_callback(sign_in.close)
        stack.push_async_callback(listener.stop)
        try:
            await timeline.end_interrupted()
            await connectors.load()
            await schedule.load()
            jobs = asyncio.create_task(schedule.run())
            stack.push_async_callback(_ended, jobs)
            await services.idempotency.load()
            yield Gateway(services, listener, authority)
        finally:
            services.stopping.set()
            listener.begin_stop()
            await api.drained(SHUTDOWN_SECONDS)


def _guard(server: ServerConfig) -> Guard:
    token = server.api_token.get_secret_value() if server.api_token is not None else None
    exposed = token is None and not is_loopback(server.host)
    return Guard(token, server.allow_hosts, server.allow_origins, server.public_url, exposed=exposed)


def _authority(config: Config, mounted: Sequence[Provider]) -> Authority | None:
    server = config.server
    if server.tls_port is None:
        return None
    from platformdirs import user_data_path

    from gateway.web.server.tls import Authority

    folder = server.tls_folder or user_data_path("connector-gateway", appauthor=False) / "tls"
    own = frozenset(name.lower().rstrip(".") for name in server.allow_hosts)
    return Authority(folder, lambda name: name in own or any(one.answers_host(name) for one in mounted))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _with_templates(config: Config, providers: Mapping[str, Provider], renderer: Renderer) -> Config:
    """A folder of templates is also what the fake has registered, or an edited text would show nowhere."""
    if config.templates is None or config.mode == "live":
        return config
    fakes = dict(config.fakes)
    for name, provider in providers.items():
        if provider.with_templates is not None:
            fakes[name] = dict(provider.with_templates(fakes.get(name, {}), renderer))
    return config.model_copy(update={"fakes": fakes})


def _with_public_url(config: Config, providers: Mapping[str, Provider]) -> Config:
    """A fake that says where it is, is where the gateway is, unless its own part of the config says otherwise."""
    if config.server.public_url is None or config.mode == "live":
        return config
    fakes = dict(config.fakes)
    for name, provider in providers.items():
        if provider.fake_schema is not None and "public_url" in provider.fake_schema().model_fields:
            fakes[name] = {"public_url": config.server.public_url, **fakes.get(name, {})}
    return config.model_copy(update={"fakes": fakes})


async def _store(config: Config, metrics: Metrics) -> Store:
    kept = config.retention
    bound = Bounds(kept.count, kept.bytes, kept.hours * 3600)
    bounds = dict.fromkeys((*Inbox.streams, *Exchanges.streams, *Messages.streams), bound)
    where = config.store_config.path
    if where is None:
        # Not measured: that would take as long as the operation.
        return MemoryStore(bounds)
    from gateway.storage.sqlite import open_sqlite

    return MeasuredStore(await open_sqlite(where, bounds), metrics.store)


def _connector(
    config: ConnectorConfig, providers: Mapping[str, Provider], keys: SandboxKeys, *, live: bool
) -> Connector:
    secret = config.authorization
    live = live or config.live
    settings = config.config or {}
    try:
        return build(
            providers,
            config.id,
            config.factory,
            settings if live else keys.put_in(settings),
            config.options,
            authorization=secret.get_secret_value() if secret else None,
            live=live,
            fallback=config.fallback,
        )
    except InvalidConfig as error:
        raise ConfigError(f"connectors.{config.id}: {error.message}") from None


def _defaults(config: Config) -> dict[Channel, str]:
    return {Channel(channel): chosen for channel, chosen in config.defaults.items()}


def _codes(config: Config, *, live: bool) -> Settings:
    codes = config.codes
    key = codes.key.get_secret_value() if codes.key is not None else None
    return Settings(codes.effective_policy, codes.seed, codes.echo, key, live)


def _mounts(
    config: Config,
    providers: Sequence[Provider],
    store: Store,
    captures: Inbox,
    clock: Clock,
    faults: FaultBook,
    metrics: Metrics,
) -> Mounts:
    known = [provider.name for provider in providers]
    unknown = next((name for name in config.fakes if name not in known), None)
    if unknown is not None:
        raise ConfigError(f"fakes.{unknown}: unknown; known: {', '.join(sorted(known)) or 'none in mode live'}")

    def context(provider: Provider, settings: Any) -> Context:
        magic = Magic(provider.magic) if faults.magic else None
        bound = BoundFaults(faults, provider.name, metrics.fault, magic, provider.sends)
        closed = config.server.api_token is not None
        return Context(captures, store.records, clock, bound, settings, registered_only=closed)

    return Mounts(providers, config.fakes, context, store)


@cache
def _version() -> str:
    try:
        return version("connector-gateway")
    except PackageNotFoundError:
        return "unknown"
