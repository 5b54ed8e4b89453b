"""The client for tests that run in an event loop: every call of ``Gateway``, to be awaited."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar, cast, overload

from connector_gateway import waiting
from connector_gateway.client import Gateway
from connector_gateway.clock import Clock
from connector_gateway.faults import Fault
from connector_gateway.pins import Pin
from connector_gateway.social import Client
from connector_gateway.transport import Cancellation

__tracebackhide__ = True

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class _Face(Protocol[S_co]):
    """An asynchronous face of a synchronous object."""

    @property
    def _sync(self) -> S_co: ...


async def in_thread(call: Callable[[], T], cancel: Callable[[], None] | None = None) -> T:
    """Run a blocking call in a thread of its own, and call ``cancel`` if the awaiting task is cancelled.

    Not the loop's executor: it has few threads, and an app under test that sends in them would wait for our waits.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]  # there is one, unless there is an error
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as caught:  # noqa: BLE001 - it is raised in the awaiting task
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop is closed: its task was cancelled
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="connector-gateway", daemon=True).start()
    try:
        return await done
    except asyncio.CancelledError:
        if cancel is not None:
            cancel()
        raise


@overload
def awaited(
    call: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[_Face[S], P], Coroutine[Any, Any, T]]: ...


@overload
def awaited(
    call: Callable[Concatenate[S, P], T], wrap: Callable[[T], R]
) -> Callable[Concatenate[_Face[S], P], Coroutine[Any, Any, R]]: ...


def awaited(call: Callable[..., Any], wrap: Callable[[Any], Any] | None = None) -> Callable[..., Any]:
    """The same call as a coroutine function; ``wrap`` gives what it returns an asynchronous face, too."""

    @functools.wraps(call)
    async def run(self: _Face[Any], /, *args: Any, **kwargs: Any) -> Any:
        result = await in_thread(functools.partial(call, self._sync, *args, **kwargs))
        return result if wrap is None else wrap(result)

    return run


def waits(
    call: Callable[Concatenate[Gateway, P], T],
) -> Callable[Concatenate[AsyncGateway, P], Coroutine[Any, Any, T]]:
    """The same for a call that waits: if the task is cancelled, the wait ends and takes nothing."""

    @functools.wraps(call)
    async def run(self: AsyncGateway, /, *args: P.args, **kwargs: P.kwargs) -> T:
        cancellation = Cancellation()
        gateway = self._sync.cancellable(cancellation, waiting.calling_line())
        return await in_thread(functools.partial(call, gateway, *args, **kwargs), cancellation.cancel)

    return run


def asks(value: Callable[[S], T]) -> Callable[[_Face[S]], Coroutine[Any, Any, T]]:
    """A property that asks the gateway, as a coroutine function."""
    getter: Callable[[S], T] = cast("Any", value).fget
    return awaited(getter)


class AsyncFault:
    """One fault in force. An ``async with`` block removes it at its end."""

    def __init__(self, fault: Fault) -> None:
        self._sync = fault

    hits = asks(Fault.hits)
    seen = asks(Fault.seen)
    last_hit = asks(Fault.last_hit)
    last_exchange = asks(Fault.last_exchange)
    remove = awaited(Fault.remove)

    @property
    def id(self) -> str:
        """The gateway's name for it."""
        return self._sync.id

    @property
    def raw(self) -> Mapping[str, Any]:
        """The API's JSON, as last read."""
        return self._sync.raw

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.remove()

    def __repr__(self) -> str:
        return repr(self._sync)


class AsyncPin:
    """One pin in force. An ``async with`` block removes it at its end."""

    def __init__(self, pin: Pin) -> None:
        self._sync = pin

    remove = awaited(Pin.remove)

    @property
    def to(self) -> str:
        """The recipient, as it was given."""
        return self._sync.to

    @property
    def code(self) -> str:
        """The code that will be sent."""
        return self._sync.code

    @property
    def until(self) -> datetime | None:
        """When it ends, on the gateway's clock."""
        return self._sync.until

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.remove()

    def __repr__(self) -> str:
        return repr(self._sync)


class AsyncClient(Client):
    """An application that may ask at the fake of OAuth2. It *is* the ``client_id``."""

    __slots__ = ()

    async def rotate(self, secret: str | None = None, *, keep: bool = True) -> str:  # type: ignore[override]
        """Give it a new secret, a made one unless it is given, and return it. ``keep``: the one before works on."""
        return await in_thread(functools.partial(super().rotate, secret, keep=keep))


def _async_client(client: Client) -> AsyncClient:
    transport = client._transport  # noqa: SLF001 - the same package's
    return AsyncClient(client, transport, client.secret, client.raw)


class AsyncClock:
    """The gateway's clock. What is a property of ``Clock`` is a call here: ``await agateway.clock.now()``."""

    def __init__(self, clock: Clock) -> None:
        self._sync = clock

    now = asks(Clock.now)
    next_job = asks(Clock.next_job)
    offset = asks(Clock.offset)
    advance = awaited(Clock.advance)
    set = awaited(Clock.set)
    freeze = awaited(Clock.freeze)
    unfreeze = awaited(Clock.unfreeze)
    reset = awaited(Clock.reset)
    undo = awaited(Clock.undo)


class AsyncGateway:
    """A gateway, over HTTP, for code that runs in an event loop of asyncio.

    It has every call of ``Gateway``, with the same arguments, to be awaited. A cancelled wait takes nothing. As an
    asynchronous context manager it undoes at the end what was done to the gateway through it.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._bind(Gateway(url, token))

    def _bind(self, gateway: Gateway) -> None:
        self._sync = gateway
        self.clock = AsyncClock(gateway.clock)

    @classmethod
    def of(cls, gateway: Gateway) -> Self:
        """The asynchronous face of a ``Gateway``: they share reading positions, and what is to be undone."""
        self = cls.__new__(cls)
        self._bind(gateway)
        return self

    @property
    def url(self) -> str:
        """The gateway's address, without a slash at the end."""
        return self._sync.url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncGateway {self.url}>"

    close = awaited(Gateway.close)
    undo = awaited(Gateway.undo)

    phone = awaited(Gateway.phone)
    email = awaited(Gateway.email)
    code = waits(Gateway.code)
    message = waits(Gateway.message)
    link = waits(Gateway.link)
    assert_none = waits(Gateway.assert_none)

    captures = awaited(Gateway.captures)
    eml = awaited(Gateway.eml)
    attachment = awaited(Gateway.attachment)
    exchanges = awaited(Gateway.exchanges)
    sends = awaited(Gateway.sends)

    send = awaited(Gateway.send)
    request_code = awaited(Gateway.request_code)
    verify = awaited(Gateway.verify)
    pin = awaited(Gateway.pin, AsyncPin)

    fault = awaited(Gateway.fault, AsyncFault)
    faults = awaited(Gateway.faults, lambda faults: [AsyncFault(fault) for fault in faults])
    known_errors = awaited(Gateway.known_errors)
    magic = awaited(Gateway.magic)
    reset = awaited(Gateway.reset)

    persona = awaited(Gateway.persona)
    client = awaited(Gateway.client, _async_client)
    personas = awaited(Gateway.personas)
    clients = awaited(Gateway.clients)
    oauth_requests = waits(Gateway.oauth_requests)

    env = awaited(Gateway.env)
    providers = awaited(Gateway.providers)
    status = awaited(Gateway.status)
    health = awaited(Gateway.health)
