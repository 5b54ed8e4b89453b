"""Which connectors stand in for one that could not send, and what keeps them from it. Pure.

When one is used at all is decided by the error: ``errors.ConnectorError.fallback``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.providers.ports import Connector

MOST = 8
"""So many that one connector may name."""


def order(first: Connector, known: Mapping[str, Connector]) -> list[Connector]:
    """Its own, in their order, then theirs, each once. An id that nobody has (any more) is left out, and so is who
    may not stand in."""
    found = {first.id: first}
    near = [first]
    for one in near:
        for name in one.fallback:
            other = known.get(name)
            if other is not None and name not in found and unfit(first, other) is None:
                found[name] = other
                near.append(other)
    return near[1:]


def unfit(connector: Connector, other: Connector) -> str | None:
    """Why the other one cannot stand in for it."""
    mine, its = connector.factory.channel, other.factory.channel
    if its is None:
        return f"{other.id} signs people in, and sends nothing"
    if mine is not its:
        return f"{other.id} sends {its}, not {mine}"
    if connector.live and not other.live:
        return f"{other.id} is not live: what it takes reaches nobody"
    return None


def loops(fallback: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """``fallback``: ids by id. Ways back to where they began, ``[a, b, a]``: at least one through each circle that
    there is. Costs what the mapping holds."""
    left_to_see: set[str] = set(fallback)
    for start in fallback:
        if start not in left_to_see:
            continue
        way, nexts, places = [start], [iter(fallback[start])], {start: 0}
        left_to_see.discard(start)
        while way:
            name = next(nexts[-1], None)
            if name is None:
                nexts.pop()
                del places[way.pop()]
            elif name in places:
                yield [*way[places[name] :], name]
            elif name in left_to_see:
                left_to_see.discard(name)
                places[name] = len(way)
                way.append(name)
                nexts.append(iter(fallback[name]))
