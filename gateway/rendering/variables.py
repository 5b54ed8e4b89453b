"""Which variables a template uses, and where: read from its syntax tree, without running it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import meta, nodes

# What every template has from Jinja itself: range(), dict() and so on.
from jinja2.defaults import DEFAULT_NAMESPACE


@dataclass(frozen=True, slots=True)
class Use:
    """``path`` as written (``user.name``). ``guarded``: the template itself asks whether it is there (``if``,
    ``or``, ``default``), so being absent is foreseen."""

    path: str
    line: int
    guarded: bool = False

    @property
    def root(self) -> str:
        return self.path.partition(".")[0]


def uses(tree: nodes.Template) -> list[Use]:
    """Every use of a variable that the template does not set itself, in the order of the source."""
    free = meta.find_undeclared_variables(tree) - set(DEFAULT_NAMESPACE)
    return [use for use in _uses(tree, frozenset()) if use.root in free]


def absent(path: str, payload: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """Where a path ends in a payload: the first part that is not there and the names that are beside it; None if
    the path leads somewhere."""
    value: Any = payload
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return part, []
        if value.get(part) is None:
            return part, list(value)
        value = value[part]
    return None


def _uses(node: nodes.Node, guards: frozenset[str]) -> Iterator[Use]:
    if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        path = _path(node)
        if path is not None:
            guarded = any(path == one or path.startswith(f"{one}.") for one in guards)
            yield Use(path, node.lineno, guarded)
            return
    if isinstance(node, nodes.If | nodes.CondExpr):
        tested = frozenset(use.path for use in _uses(node.test, guards))
        yield from _all([node.test], guards | tested)
        inner = node.body if isinstance(node, nodes.If) else [node.expr1]
        yield from _all(inner, guards | tested)
        others = [*node.elif_, *node.else_] if isinstance(node, nodes.If) else [node.expr2]
        yield from _all([one for one in others if one is not None], guards)
        return
    is_default = isinstance(node, nodes.Filter) and node.name in {"default", "d"}
    if is_default or isinstance(node, nodes.Or | nodes.And | nodes.Test):
        guards |= frozenset(use.path for use in _all(node.iter_child_nodes(), guards))
    yield from _all(node.iter_child_nodes(), guards)


def _all(found: Iterable[nodes.Node], guards: frozenset[str]) -> Iterator[Use]:
    for node in found:
        yield from _uses(node, guards)


def _path(node: nodes.Node) -> str | None:
    """``a.b.c`` or ``a["b"].c`` as one path; None for anything that is worked out."""
    if isinstance(node, nodes.Name):
        return node.name if node.ctx == "load" else None
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return f"{before}.{node.attr}" if before is not None else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        before = _path(node.node)
        return f"{before}.{node.arg.value}" if before is not None else None
    return None
