"""What an account made in a region: documents by kind and name, in the store's records.

Keys: ``fakes/aws-ses/<account>/<region>/<kind>/<name>``. Kinds: ``identity``, ``template``, ``set``,
``suppressed``, ``account``, ``usage``, ``statistics``; ``waiting`` and ``moto`` (which of what is kept in memory
still counts).
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.core.errors import Conflict
from gateway.core.model import Document
from gateway.providers.aws_ses.fake.call import Call, Refusal

_TRIES = 5


async def get(call: Call, kind: str, name: str = "") -> Document | None:
    """Nobody changes what comes back: it is the store's own."""
    record = await call.context.records.get(call.key(kind, name))
    return None if record is None else record.value


async def create(call: Call, kind: str, name: str, value: Document) -> bool:
    """False where it is there already."""
    try:
        await call.context.records.put(call.key(kind, name), value, 0)
    except Conflict:
        return False
    return True


async def version(call: Call, kind: str) -> int:
    """Of the one record of that kind; 0 where there is none. A reset leaves none, and no version comes twice."""
    record = await call.context.records.get(call.key(kind))
    return 0 if record is None else record.version


async def put(call: Call, kind: str, name: str, value: Document) -> int:
    """The version of the record."""
    return await call.context.records.put(call.key(kind, name), value)


async def change(
    call: Call, kind: str, name: str, edit: Callable[[Document], Document], new: Document | None = None
) -> Document | None:
    """Replace it by what ``edit`` makes of it, whoever else is at it. ``new``: what is edited where there is
    nothing; without it, None comes back. Raises Refusal where the others are too many."""
    records, key = call.context.records, call.key(kind, name)
    for _ in range(_TRIES):
        record = await records.get(key)
        before = new if record is None else record.value
        if before is None:
            return None
        after = edit(before)
        try:
            await records.put(key, after, record.version if record else 0)
        except Conflict:
            continue
        return after
    raise Refusal("ConcurrentModificationException", "others change it all the time: try again")


async def delete(call: Call, kind: str, name: str) -> bool:
    return await call.context.records.delete(call.key(kind, name))


async def listing(call: Call, kind: str) -> list[Document]:
    """All of that kind, by key."""
    return [record.value for _, record in await call.context.records.scan(call.key(kind))]
