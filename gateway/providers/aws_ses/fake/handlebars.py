"""The template language of SES, rendered: bounded in steps, depth and length, whatever the data is.

As SES does it, nothing is escaped, in HTML neither; a value that is not there makes the rendering fail, except as
what a block asks about. Sources: Amazon SES's "Advanced email personalization" and "Sending personalized email".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from gateway.providers.aws_ses.fake.handlebars_parsing import (
    DEEPEST,
    Block,
    Literal,
    Lookup,
    Node,
    Operand,
    Partial,
    Path,
    Template,
    Value,
    parse,
)
from gateway.providers.aws_ses.fake.handlebars_pieces import Malformed

__all__ = ["Malformed", "MissingAttribute", "check", "only_values", "render"]

MOST_STEPS = 100_000
MOST_CHARACTERS = 10 << 20
_ABSENT = object()


class MissingAttribute(Exception):
    """The template asks for what is not in the data: ``name``, as written in the template. ``message`` is AWS's."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.message = f"Attribute '{name}' is not present in the rendering data."
        super().__init__(self.message)


def check(source: str) -> None:
    """Raises Malformed."""
    _parsed(source)


def only_values(source: str) -> bool:
    """Has it values alone, no blocks and no partials? SES takes no others as a template inside of a request.
    Raises Malformed."""
    return _parsed(source).only_values


def render(source: str, data: Mapping[str, Any]) -> str:
    """``data`` is JSON. Raises Malformed and MissingAttribute."""
    if "{{" not in source:
        return source
    template = _parsed(source)
    run = _Run(template)
    run.nodes(template.nodes, _Context(data, None, {"root": data}), 0)
    return "".join(run.output)


@lru_cache(maxsize=64)
def _parsed(source: str) -> Template:
    return parse(source)


class _Context:
    """``this``, what was ``this`` around it, and ``@index`` and the like."""

    __slots__ = ("above", "data", "names", "this")

    def __init__(
        self, this: Any, above: _Context | None, data: Mapping[str, Any], names: Mapping[str, Any] | None = None
    ) -> None:
        self.this = this
        self.above = above
        self.data = data
        self.names = names or {}


class _Run:
    def __init__(self, template: Template) -> None:
        self.output: list[str] = []
        self._partials = template.partials
        self._steps = self._characters = 0

    def nodes(self, nodes: Sequence[Node], context: _Context, depth: int) -> None:
        if depth > 2 * DEEPEST:
            raise Malformed("The template's partials use each other without end.")
        for node in nodes:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise Malformed(f"The template takes more than {MOST_STEPS} steps to render.")
            if isinstance(node, str):
                self._write(node)
            elif isinstance(node, Value):
                self._write(_shown(_present(node.operand, context)))
            elif isinstance(node, Block):
                self._block(node, context, depth)
            elif isinstance(node, Partial):
                self._partial(node, context, depth)
            else:
                self._write(_shown(_looked_up(node, context)))

    def _write(self, text: str) -> None:
        self._characters += len(text)
        if self._characters > MOST_CHARACTERS:
            raise Malformed("The rendered message is too long.")
        self.output.append(text)

    def _block(self, block: Block, context: _Context, depth: int) -> None:
        value = _found(block.operand, context)
        if value is _ABSENT:
            value = None
        helper, truthy = block.helper, _is_truthy(value)
        if helper == "unless":
            truthy = not truthy
        if helper == "each" or (helper == "section" and isinstance(value, list)):
            self._each(block, value, context, depth)
        elif not truthy:
            self.nodes(block.otherwise, context, depth + 1)
        elif helper == "with" or (helper == "section" and value is not True):
            names = {block.names[0]: value} if block.names else None
            self.nodes(block.body, _Context(value, context, context.data, names), depth + 1)
        else:
            self.nodes(block.body, context, depth + 1)

    def _each(self, block: Block, value: Any, context: _Context, depth: int) -> None:
        """Over a list, or the values of an object."""
        pairs: list[tuple[Any, Any]] = []
        if isinstance(value, Mapping):
            pairs = list(value.items())
        elif isinstance(value, list):
            pairs = list(enumerate(value))
        if not pairs:
            self.nodes(block.otherwise, context, depth + 1)
            return
        for at, (key, item) in enumerate(pairs):
            data = {**context.data, "index": at, "key": key, "first": at == 0, "last": at == len(pairs) - 1}
            names = dict(zip(block.names, (item, key), strict=False))
            self._steps += 1
            self.nodes(block.body, _Context(item, context, data, names), depth + 1)

    def _partial(self, partial: Partial, context: _Context, depth: int) -> None:
        this = context.this if partial.context is None else _present(partial.context, context)
        if partial.values:
            own = {name: _present(operand, context) for name, operand in partial.values}
            this = {**this, **own} if isinstance(this, Mapping) else own
        inner = context if this is context.this else _Context(this, context, context.data)
        self.nodes(self._partials[partial.name], inner, depth + 1)


def _present(operand: Operand, context: _Context) -> Any:
    value = _found(operand, context)
    if value is _ABSENT or (value is None and isinstance(operand, Path)):
        raise MissingAttribute(operand.written if isinstance(operand, Path) else "")
    return value


def _looked_up(node: Lookup, context: _Context) -> Any:
    key = _present(node.key, context)
    value = _step(_present(node.container, context), _shown(key))
    if value is _ABSENT or value is None:
        raise MissingAttribute(_shown(key))
    return value


def _found(operand: Operand, context: _Context) -> Any:
    if isinstance(operand, Literal):
        return operand.value
    for _ in range(operand.up):
        if context.above is None:
            return _ABSENT
        context = context.above
    segments = operand.segments
    value = context.data if operand.data else context.this
    if segments and not operand.data and not operand.up:
        named: _Context | None = context
        while named is not None:
            if segments[0] in named.names:
                value = named.names
                break
            named = named.above
    for segment in segments:
        value = _step(value, segment)
        if value is _ABSENT:
            return _ABSENT
    return value


def _step(value: Any, segment: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(segment, _ABSENT)
    if isinstance(value, list):
        if segment == "length":
            return len(value)
        if segment.isascii() and segment.isdigit() and len(segment) < 10 and int(segment) < len(value):
            return value[int(segment)]
    return _ABSENT


def _is_truthy(value: Any) -> bool:
    """An empty object is something, an empty list is nothing."""
    return bool(value) or isinstance(value, Mapping)


def _shown(value: Any) -> str:
    """As JavaScript shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list):
        return ",".join(["" if isinstance(item, list) else _shown(item) for item in value])
    if isinstance(value, Mapping):
        return "[object Object]"
    return "" if value is None else str(value)
