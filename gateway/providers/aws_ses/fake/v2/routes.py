"""From method and path to an operation of v2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.plan import Act
from gateway.providers.aws_ses.fake.v2 import shapes


@dataclass(frozen=True, slots=True)
class V2Operation:
    """``path`` below ``/v2/email``, with ``{Member}`` for what it holds. ``shape``: all members, wherever they
    travel. ``query``: by name in the query, how it is read (``s``, ``i``, ``list``) and which member it is."""

    name: str
    method: str
    path: str
    plan: Callable[[Call], Awaitable[Act]]
    shape: shapes.Struct
    query: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Route:
    name: str
    members: tuple[str | None, ...]
    operation: V2Operation | None

    def fits(self, steps: list[str], pattern: tuple[str, ...]) -> bool:
        return all(
            member is not None or step == own
            for step, own, member in zip(steps, pattern, self.members, strict=True)
        )


_PREFIX = "/v2/email/"


class Routes:
    """Every path of v2, native or not. ``others``: name, method and path of those that are not native."""

    def __init__(self, native: tuple[V2Operation, ...], others: tuple[tuple[str, str, str], ...]) -> None:
        self._exact: dict[tuple[str, str], tuple[str, V2Operation | None]] = {}
        self._patterns: dict[tuple[str, int], list[tuple[tuple[str, ...], _Route]]] = {}
        for operation in native:
            self._add(operation.name, operation.method, operation.path, operation)
        for name, method, path in others:
            self._add(name, method, path, None)

    def _add(self, name: str, method: str, path: str, operation: V2Operation | None) -> None:
        if "{" not in path:
            self._exact[method, f"{_PREFIX}{path}"] = (name, operation)
            return
        steps = tuple(path.split("/"))
        members = tuple(step[1:-1] if step.startswith("{") else None for step in steps)
        route = _Route(name, members, operation)
        self._patterns.setdefault((method, len(steps)), []).append((steps, route))

    def find(self, call: Call) -> V2Operation | None:
        """Names ``call.operation`` and fills in the members of the path; None for what is not native."""
        path = call.path
        found = self._exact.get((call.request.method, path))
        if found is None and path.endswith("/"):
            path = path.rstrip("/")
            found = self._exact.get((call.request.method, path))
        if found is not None:
            call.operation, operation = found
            return operation
        steps = path.removeprefix(_PREFIX).split("/") if path.startswith(_PREFIX) else []
        for pattern, route in self._patterns.get((call.request.method, len(steps)), ()):
            if route.fits(steps, pattern):
                call.operation = route.name
                call.parameters = _members(route, steps)
                return route.operation
        return None


def _members(route: _Route, steps: list[str]) -> dict[str, Any]:
    return {
        member: unquote(step, errors="replace")
        for member, step in zip(route.members, steps, strict=True)
        if member is not None
    }
