"""The fallbacks of the connectors: ids that are there, that fit, and that do not go round in a circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.config.problems import Place, Problems, unknown
from gateway.delivery import fallbacks
from gateway.providers.ports import Connector


def check_fallbacks(raw: Any, built: Sequence[Connector], problems: Problems) -> None:
    """``raw``: the connectors as the file has them; ``built``: those of them that work otherwise."""
    entries = [(at, one) for at, one in enumerate(raw if isinstance(raw, list) else ()) if isinstance(one, Mapping)]
    entries = [(at, one) for at, one in entries if isinstance(one.get("id"), str)]
    known = [one["id"] for _, one in entries]
    named = {one["id"]: _named(one.get("fallback")) for _, one in entries}
    working = {one.id: one for one in built}
    places = {one["id"]: at for at, one in reversed(entries)}
    for at, one in entries:
        own, given = one["id"], one.get("fallback")
        for number, name in enumerate(_named(given)):
            place: Place = ("connectors", at, "fallback", *(() if isinstance(given, str) else (number,)))
            if name not in named:
                problems.add(place, unknown(name, known, "there is no such connector"))
            elif name in _named(given)[:number]:
                problems.add(place, "is named twice")
            elif own in working and name in working:
                text = fallbacks.unfit(working[own], working[name])
                if text is not None:
                    problems.add(place, text)
    for way in fallbacks.loops({name: [one for one in its if one in named] for name, its in named.items()}):
        problems.add(("connectors", places[way[0]], "fallback"), f"goes round in a circle: {' -> '.join(way)}")


def _named(given: Any) -> Sequence[str]:
    names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    # Too many are told of elsewhere.
    return [name for name in names if isinstance(name, str)] if len(names) <= fallbacks.MOST else ()
