"""moto in threads: loaded at the first call, one call at a time, given up when it hangs, forgotten by a reset."""

from __future__ import annotations

import asyncio
import importlib
import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, TypeVar

from gateway.core.model import new_id
from gateway.core.offload import NotStarted, Offload
from gateway.providers.aws_ses.fake.call import Call, Refusal

if TYPE_CHECKING:
    from gateway.providers.aws_ses.fake.tail.backend import Moto

T = TypeVar("T")

log = logging.getLogger("gateway")

EXTRA = "connector-gateway[moto]"
PINNED = "5.2.5"
# Takes about one second of CPU; a machine that is busy otherwise may need many.
_LOADING_SECONDS = 45.0
_BACKEND = "gateway.providers.aws_ses.fake.tail.backend"


class NotInstalled(Exception):
    """There is no moto in this installation."""


@dataclass(slots=True)
class _State:
    id: str
    moto: Moto


class Engine:
    """All of moto in one gateway: a ``Moto`` for each account and region. It goes over to the settings that replace
    those that made it. What it keeps is in memory only; a record in the store says whether it still counts."""

    def __init__(self) -> None:
        self._threads = Offload(limit=1, stuck_limit=8)
        weakref.finalize(self, self._threads.close)
        self._turn = asyncio.Lock()
        self._make: Callable[[str, str], Moto] | None = None
        self._states: dict[tuple[str, str], _State] = {}

    @property
    def turn(self) -> asyncio.Lock:
        """Held for the whole of a call: nothing in moto is made for two at once."""
        return self._turn

    async def run(self, call: Call, job: Callable[[Moto], T], seconds: float) -> T:
        """What ``job`` returns or raises, in a thread. Raises NotInstalled, and Refusal where moto hangs."""
        moto = await self._of(call)
        loop = asyncio.get_running_loop()
        try:
            return await self._threads.run(lambda: job(moto), loop.time() + seconds)
        except NotStarted:
            raise _busy() from None
        except TimeoutError:
            # Its thread may still be at work in there, so nobody else may.
            self._states.pop((call.account_id, call.region), None)
            text = "aws-ses: moto was given up after %g s at %s; what it kept is gone"
            log.error(text, seconds, call.operation)  # noqa: TRY400  # no trace helps
            raise Refusal("InternalFailure", f"moto gave no answer in {seconds:g} s") from None

    async def _of(self, call: Call) -> Moto:
        """That of the call's account and region: a new one after a reset, which takes the records away."""
        make = self._make or await self._load()
        place, key = (call.account_id, call.region), call.key("moto")
        record = await call.context.records.get(key)
        known = self._states.get(place)
        if known is None or record is None or record.value["id"] != known.id:
            known = self._states[place] = _State(new_id("moto"), make(*place))
            await call.context.records.put(key, {"id": known.id})
        return known.moto

    async def _load(self) -> Callable[[str, str], Moto]:
        loop = asyncio.get_running_loop()
        try:
            module = await self._threads.run(
                lambda: importlib.import_module(_BACKEND), loop.time() + _LOADING_SECONDS
            )
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "moto" or _installed() is not None:
                raise
            raise NotInstalled from None
        except TimeoutError:
            log.error("aws-ses: moto was not loaded within %g s", _LOADING_SECONDS)  # noqa: TRY400  # no trace helps
            raise _busy() from None
        if _installed() != PINNED:
            log.warning("aws-ses: moto %s is here, made for is %s: install %s", _installed(), PINNED, EXTRA)
        make: Callable[[str, str], Moto] = module.Moto
        self._make = make
        return make


def _busy() -> Refusal:
    return Refusal("ServiceUnavailable", "moto is busy, or still loading: try again")


def _installed() -> str | None:
    try:
        return version("moto")
    except PackageNotFoundError:
        return None
