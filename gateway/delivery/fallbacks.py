"""Which connectors stand in for one that could not send, and why some may not. Pure.

Whether a fallback is tried at all depends on the error: ``errors.ConnectorError.fallback``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.providers.ports import Connector

MOST = 8
"""How many fallbacks a connector may name."""


def order(first: Connector, connectors: Mapping[str, Connector]) -> list[Connector]:
    """Return the fallbacks of a connector in order: its own first, then their fallbacks, each once.

    Ids without a connector and connectors that may not stand in are left out.
    """
    ids = {first.id}
    ordered = [first]
    for connector in ordered:  # it grows meanwhile
        for name in connector.fallback:
            other = connectors.get(name)
            if other is not None and name not in ids and unfit(first, other) is None:
                ids.add(name)
                ordered.append(other)
    return ordered[1:]


def unfit(connector: Connector, other: Connector) -> str | None:
    """Return why the other connector cannot stand in for this one, or None if it can."""
    channel, other_channel = connector.factory.channel, other.factory.channel
    if other_channel is None:
        return f"{other.id} signs people in, and sends nothing"
    if channel is not other_channel:
        return f"{other.id} sends {other_channel}, not {channel}"
    if connector.live and not other.live:
        return f"{other.id} is not live: what it takes reaches nobody"
    return None


def loops(fallback: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield paths that end where they began, such as ``[a, b, a]``: at least one through each circle.

    ``fallback`` has the ids of the fallbacks by id. A depth-first search, in linear time.
    """
    unvisited: set[str] = set(fallback)
    for start in fallback:
        if start not in unvisited:
            continue
        path, nexts, places = [start], [iter(fallback[start])], {start: 0}
        unvisited.discard(start)
        while path:
            name = next(nexts[-1], None)
            if name is None:
                nexts.pop()
                del places[path.pop()]
            elif name in places:
                yield [*path[places[name] :], name]
            elif name in unvisited:
                unvisited.discard(name)
                places[name] = len(path)
                path.append(name)
                nexts.append(iter(fallback[name]))
