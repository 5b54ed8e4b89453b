"""The template language of SES, read: Handlebars with its built-in helpers and inline partials, none other.

Sources: Amazon SES's "Advanced email personalization", handlebarsjs.com. Pure; the cost is that of one pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from gateway.providers.aws_ses.fake.handlebars_pieces import Malformed, Tag, pieces

DEEPEST = 50
HELPERS = frozenset({"if", "unless", "each", "with"})

_SEGMENT = re.compile(r"\[([^\]]*)\]|([^./\[\]]+)")
_NAME = re.compile(r"[^\s!\"#%&'()*+,;<=>@\\^`{|}~]+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}


class Path(NamedTuple):
    """``up``: how many contexts to leave; ``data``: it is one of ``@index`` and the like. No segments: ``this``."""

    written: str
    up: int
    segments: tuple[str, ...]
    data: bool = False


class Literal(NamedTuple):
    value: str | float | bool | None


Operand: TypeAlias = Path | Literal


class Value(NamedTuple):
    operand: Operand


class Lookup(NamedTuple):
    """``{{lookup map key}}``."""

    container: Operand
    key: Operand


class Partial(NamedTuple):
    name: str
    context: Operand | None
    values: tuple[tuple[str, Operand], ...]


@dataclass(slots=True)
class Block:
    """``helper``: one of HELPERS, or ``section`` for ``{{#name}}``. ``names``: those of ``as |item index|``."""

    helper: str
    operand: Operand
    names: tuple[str, ...] = ()
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)


Node: TypeAlias = "str | Value | Lookup | Partial | Block"


@dataclass(slots=True)
class Template:
    nodes: list[Node]
    partials: dict[str, list[Node]]
    only_values: bool


@dataclass(slots=True)
class _Open:
    """A block that is not closed yet. ``chained``: how many ``else if`` are closed with it."""

    name: str
    line: int
    block: Block | None
    into: list[Node]
    chained: int = 0


def parse(source: str) -> Template:
    """Raises Malformed."""
    reader = _Reader()
    for piece in pieces(source):
        if isinstance(piece, str):
            if piece:
                reader.into.append(piece)
        else:
            reader.tag(piece)
    return reader.finished()


class _Reader:
    """Puts pieces together."""

    def __init__(self) -> None:
        self.into: list[Node] = []
        self._nodes = self.into
        self._open: list[_Open] = []
        self._partials: dict[str, list[Node]] = {}
        self._used: dict[str, int] = {}
        self._only_values = True

    def tag(self, tag: Tag) -> None:
        if tag.kind != "":
            self._only_values = False
        if not tag.words and tag.kind != "else":
            raise Malformed(f"line {tag.line}: there is nothing between the braces")
        if tag.kind == "":
            self.into.append(_value(tag))
        elif tag.kind == ">":
            self._partial(tag)
        elif tag.kind == "else":
            self._else(tag)
        elif tag.kind == "/":
            self._close(tag)
        else:
            self._begin(tag)

    def finished(self) -> Template:
        if self._open:
            last = self._open[-1]
            raise Malformed(f"line {last.line}: {{{{#{last.name}}}}} is not closed")
        for name, line in self._used.items():
            if name not in self._partials:
                raise Malformed(f"line {line}: the partial {name} does not exist")
        return Template(self._nodes, self._partials, self._only_values)

    def _begin(self, tag: Tag) -> None:
        if len(self._open) >= DEEPEST:
            raise Malformed(f"line {tag.line}: blocks nest at most {DEEPEST} deep")
        if tag.kind == "#*":
            if tag.words[0] != "inline" or len(tag.words) != 2:
                raise Malformed(f'line {tag.line}: a partial is {{{{#*inline "name"}}}}')
            self._open.append(_Open("inline", tag.line, None, self.into))
            self.into = self._partials.setdefault(_unquoted(tag.words[1]), [])
            return
        block = _block(tag)
        self.into.append(block)
        self._open.append(_Open(tag.words[0], tag.line, block, self.into))
        self.into = block.body
        if tag.kind == "^":
            block.body, block.otherwise = block.otherwise, block.body

    def _else(self, tag: Tag) -> None:
        block = self._open[-1].block if self._open else None
        if block is None:
            raise Malformed(f"line {tag.line}: {{{{else}}}} stands outside of a block")
        self.into = block.body if self.into is block.otherwise else block.otherwise
        if not tag.words:
            return
        inner = _block(tag)
        self.into.append(inner)
        opened = self._open[-1]
        opened.chained += 1
        if opened.chained > DEEPEST:
            raise Malformed(f"line {tag.line}: {{{{else if}}}} is chained at most {DEEPEST} times")
        opened.block = inner
        self.into = inner.body

    def _close(self, tag: Tag) -> None:
        if not self._open or self._open[-1].name != tag.words[0]:
            wanted = f": {{{{/{self._open[-1].name}}}}} is due" if self._open else ""
            raise Malformed(f"line {tag.line}: {{{{/{tag.words[0]}}}}} closes nothing{wanted}")
        self.into = self._open.pop().into

    def _partial(self, tag: Tag) -> None:
        name, *rest = tag.words
        context: Operand | None = None
        if rest and rest[1:2] != ["="]:
            context = _operand(rest.pop(0), tag.line)
        if len(rest) % 3 or any(equals != "=" for equals in rest[1::3]):
            raise Malformed(f"line {tag.line}: a partial takes one context, then name=value")
        values = tuple([(key, _operand(value, tag.line)) for key, value in zip(rest[::3], rest[2::3], strict=True)])
        self._used.setdefault(_unquoted(name), tag.line)
        self.into.append(Partial(_unquoted(name), context, values))


def _value(tag: Tag) -> Node:
    name, *arguments = tag.words
    if not arguments:
        return Value(_operand(name, tag.line))
    if name == "lookup" and len(arguments) == 2:
        return Lookup(_operand(arguments[0], tag.line), _operand(arguments[1], tag.line))
    raise Malformed(f'line {tag.line}: Missing helper: "{name}"')


def _block(tag: Tag) -> Block:
    words = tag.words
    names: tuple[str, ...] = ()
    if len(words) > 2 and words[-2] == "as" and words[-1].startswith("|"):
        words, names = words[:-2], tuple(words[-1].strip("|").split())
    name, *arguments = words
    if name in HELPERS:
        if len(arguments) != 1:
            raise Malformed(f"line {tag.line}: #{name} requires exactly one argument")
        return Block(name, _operand(arguments[0], tag.line), names)
    if arguments:
        raise Malformed(f'line {tag.line}: Missing helper: "{name}"')
    return Block("section", _operand(name, tag.line), names)


def _operand(word: str, line: int) -> Operand:
    if word[0] in "\"'":
        return Literal(_unquoted(word))
    if word in _CONSTANTS:
        return Literal(_CONSTANTS[word])
    if _NUMBER.fullmatch(word):
        return Literal(float(word) if "." in word else int(word[:20]))
    return _path(word, line)


def _path(word: str, line: int) -> Path:
    rest, up = word, 0
    while rest.startswith("../"):
        rest, up = rest[3:], up + 1
    if rest == "..":
        rest, up = "", up + 1
    data = rest.startswith("@")
    rest = rest[data:]
    for own in ("this.", "this/", "./"):
        rest = rest.removeprefix(own)
    if rest in ("this", ".", ""):
        return Path(word, up, ())
    segments = []
    at = -1
    while at < len(rest):
        found = _SEGMENT.match(rest, at + 1)
        if (
            found is None
            or (found[2] and not _NAME.fullmatch(found[2]))
            or rest[found.end() : found.end() + 1] not in {"", ".", "/"}
        ):
            raise Malformed(f"line {line}: {word} is no name")
        segments.append(found[1] if found[2] is None else found[2])
        at = found.end()
    return Path(word, up, tuple(segments), data)


def _unquoted(word: str) -> str:
    return word[1:-1] if word[0] in "\"'" else word
