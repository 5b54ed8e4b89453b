"""Answers what is not native: the seam ``FakeSettings.tail``."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gateway.core.model import Response
from gateway.providers.aws_ses.fake import answers, v1, v2
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.paging import page
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.tail import tags, translating
from gateway.providers.aws_ses.fake.tail.engine import EXTRA, Engine, NotInstalled
from gateway.providers.aws_ses.fake.tail.operations import v1_table, v2_table
from gateway.providers.aws_ses.fake.v2 import reading as v2_reading

if TYPE_CHECKING:
    from gateway.providers.aws_ses.fake.tail.backend import Moto

T = TypeVar("T")

log = logging.getLogger("gateway")

_NOTE = {"note": "answered by moto"}
# moto does not page these, or not by numbers of a query: the member, and the name of a row in it.
_PAGED: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "ListContactLists": ("ContactLists", lambda row: str(row["ContactListName"])),
    "ListContacts": ("Contacts", lambda row: str(row["EmailAddress"])),
    "ListDedicatedIpPools": ("DedicatedIpPools", str),
}


async def _never(_: Call) -> Outcome:
    """The rows are here for their shapes only."""
    raise NotImplementedError


_V1, _V2 = v1_table(_never), v2_table(_never)


@dataclass(frozen=True, slots=True)
class MotoTail:
    """``on`` false: moto is never asked. ``seconds``: how long one call may take."""

    on: bool
    seconds: float
    engine: Engine = field(default_factory=Engine)

    async def __call__(self, call: Call) -> Response:
        """Raises Refusal."""
        name, new = call.operation, call.path.startswith("/v2/")
        version = v2.VERSION if new else v1.VERSION
        if name not in (_V2 if new else _V1):
            raise _unknown(f"{name or 'this path'} is no operation that this fake or moto has")
        if not self.on:
            raise _unknown(f"{name} is moto's, and fakes.aws-ses.moto is off")
        fields = await (self._v2(call) if new else self._v1(call))
        return answers.done(call, version, Outcome(fields, explanation=_NOTE))

    async def _v1(self, call: Call) -> translating.Fields:
        form = dict(call.parameters)
        v1.VERSION.read(call, _V1[call.operation])
        request = translating.v1_request(form)
        async with self.engine.turn:
            return await self._run(call, lambda moto: translating.v1_fields(moto.answer(request)))

    async def _v2(self, call: Call) -> translating.Fields:
        operation = _V2[call.operation]
        v2.VERSION.read(call, operation)
        sent = call.parameters
        paged = _PAGED.get(call.operation)
        size = v2_reading.page_size(call) if paged else 0
        token = sent.get("NextToken")
        request = translating.v2_request(
            operation,
            {name: value for name, value in sent.items() if not paged or name not in ("PageSize", "NextToken")},
        )
        async with self.engine.turn:
            if call.operation in tags.OPERATIONS:
                return await self._tags(call, request)
            fields = await self._run(call, lambda moto: translating.v2_fields(moto.answer(request)))
        if paged:
            member, name_of = paged
            fields[member], fields["NextToken"] = page(sorted(fields[member], key=name_of), name_of, token, size)
        return fields

    async def _tags(self, call: Call, request: translating.Primitives) -> translating.Fields:
        """A native resource's tags are lent to moto and taken back."""
        resource = await tags.native(call)
        if resource is None:
            return await self._run(call, lambda moto: translating.v2_fields(moto.answer(request)))
        lent = resource

        def job(moto: Moto) -> tuple[translating.Fields, list[dict[str, str]]]:
            moto.put_tags(lent.arn, lent.tags)
            return translating.v2_fields(moto.answer(request)), moto.tags(lent.arn)

        fields, left = await self._run(call, job)
        if call.operation != "ListTagsForResource":
            await tags.keep(call, lent, left)
        return fields

    async def _run(self, call: Call, job: Callable[[Moto], T]) -> T:
        """Whatever goes wrong in moto is an error of AWS's."""
        try:
            return await self.engine.run(call, job, self.seconds)
        except Refusal:
            raise
        except NotInstalled:
            message = f"{call.operation} needs moto, which is not installed: install {EXTRA}"
            raise Refusal("UnknownOperation", f"install {EXTRA}", message=message) from None
        except NotImplementedError:
            raise _unknown(f"this moto has no {call.operation}") from None
        except Exception as error:  # noqa: BLE001  # moto's own code may raise anything
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            # Without the message: it may hold what was sent.
            log.error("aws-ses: moto failed at %s: %s in %s", call.operation, type(error).__name__, where)  # noqa: TRY400
            raise Refusal("InternalFailure", f"moto failed: {type(error).__name__}") from None


def _unknown(hint: str) -> Refusal:
    return Refusal("UnknownOperation", hint)
