"""A YAML text as a tree of dicts, lists and scalars, with the line of every key.

ruamel.yaml reads the text; the tree is built here, from its events: what a file may cost is bounded (aliases that
multiply, nesting), an error has its line and never a value, since any value may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from gateway.config.scalars import CORE, plain, tagged, whole

MAX_DEPTH = 64
MAX_VALUES = 120_000  # the parser takes some 40 us for each
MAX_EXPANDED = 1_000_000  # with every alias written out
_TEXT_WEIGHT = 64  # characters that weigh as much as one value more

Step: TypeAlias = str | int
Lines: TypeAlias = dict[int, dict[Step, int]]
"""By the ``id`` of a dict or list: the line of each of its keys or items, from 1."""

# What the parser's messages have in quotes: single characters and its own words, or else text of the file.
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_HARMLESS = re.compile(r"""['"](?:.|\\.|<[a-z ]+>)['"]""")
# The parser needs a quarter of a minute for a tag of a megabyte.
_LONG_TAG = re.compile(r"(?:^|[\s\[{,:-])!\S{1000}")
_FIXES = {
    "mapping values are not allowed here": "a value with a colon in it needs quotes",
    "found character '\\t' that cannot start any token": "a tab; YAML wants spaces",
    "expected the node content, but found '<stream end>'": "the file ends too early: a bracket is not closed",
    "found unexpected end of stream": "the file ends too early: a quote is not closed",
}


class Broken(Exception):
    """``line`` (from 1) where it is known."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


@dataclass(slots=True)
class _Node:
    """``weight``: values with aliases written out; ``height``: levels."""

    value: Any
    line: int
    weight: int = 1
    height: int = 0


@dataclass(slots=True)
class _Open:
    """A collection that has not ended yet. ``key`` waits for its value, ``merged`` for the end."""

    node: _Node
    anchor: str | None
    key: _Node | None = None
    merged: list[tuple[_Node, int]] = field(default_factory=list)


def read(text: str) -> tuple[Any, Lines]:
    """The tree of the one document in the text, None for none. Raises Broken."""
    tag = _LONG_TAG.search(text)
    if tag is not None:
        raise Broken("tags are not understood here: take it out", text.count("\n", 0, tag.end()) + 1)
    tree = _Tree()
    try:
        for event in _events(text):
            tree.take(event)
    except MarkedYAMLError as error:
        raise _translated(error, text) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Broken("is not YAML: a control character", line) from None
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        # What goes wrong inside the parser comes out as whatever it is.
        raise Broken("is not YAML") from None
    return tree.root.value if tree.root is not None else None, tree.lines


def _events(text: str) -> Iterator[Any]:
    yield from YAML(typ="safe", pure=True).parse(text)


class _Tree:
    def __init__(self) -> None:
        self.root: _Node | None = None
        self.lines: Lines = {}
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Node | None] = {}
        self._values = 0
        self._expanded = 0

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is ScalarEvent:
            self._add(self._scalar(event), event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            self._begin(event, {} if kind is MappingStartEvent else [])
        elif kind is AliasEvent:
            self._add(self._aliased(event), None)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self._end()

    def _begin(self, event: Any, value: Any) -> None:
        line = event.start_mark.line + 1
        if self.root is not None:
            raise Broken("holds more than one document", line)
        if len(self._stack) >= MAX_DEPTH:
            raise Broken("is nested too deeply", line)
        expected = f"{CORE}{'map' if isinstance(value, dict) else 'seq'}"
        if event.tag is not None and str(event.tag) not in {expected, "!"}:
            raise Broken("tags are not understood here: take it out", line)
        self._count(line)
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # not whole before its end
        self._stack.append(_Open(_Node(value, line), event.anchor))

    def _end(self) -> None:
        ended = self._stack.pop()
        for source, line in ended.merged:
            self._merge(ended, source, line)
        if ended.anchor is not None:
            self._anchors[ended.anchor] = ended.node
        self._put(ended.node)

    def _add(self, node: _Node, event: Any) -> None:
        if event is not None and event.anchor is not None:
            self._anchors[event.anchor] = node
        self._put(node)

    def _put(self, node: _Node) -> None:
        """Into the collection that is open, or as the root."""
        if not self._stack:
            if self.root is not None:
                raise Broken("holds more than one document", node.line)
            self.root = node
            return
        parent = self._stack[-1]
        held = parent.node.value
        if isinstance(held, list):
            self._hold(parent, len(held), node)
            held.append(node.value)
        elif parent.key is None:
            if not isinstance(node.value, str):
                raise Broken("a key must be text: put it in quotes", node.line)
            parent.key = node
        else:
            key, parent.key = parent.key, None
            if key.height < 0:  # a plain <<
                parent.merged.append((node, key.line))
                return
            if key.value in held:
                raise Broken("a key is given twice", key.line)
            self._hold(parent, key.value, _Node(node.value, key.line, node.weight, node.height))
            held[key.value] = node.value

    def _hold(self, parent: _Open, step: Step, node: _Node) -> None:
        self.lines.setdefault(id(parent.node.value), {})[step] = node.line
        parent.node.weight += node.weight
        parent.node.height = max(parent.node.height, node.height + 1)
        if len(self._stack) + node.height > MAX_DEPTH:
            raise Broken("is nested too deeply", node.line)

    def _merge(self, into: _Open, source: _Node, line: int) -> None:
        """``<<: *other``, as YAML 1.1 had it: keys that are there win, then the first source."""
        sources = source.value if isinstance(source.value, list) else [source.value]
        for one in sources:
            if not isinstance(one, dict):
                raise Broken("<< must be followed by keys and values, or by a list of such", line)
            self._expand(len(one), line)
            for key in one.keys() - into.node.value.keys():
                self.lines.setdefault(id(into.node.value), {})[key] = self.lines[id(one)][key]
                into.node.value[key] = one[key]
        into.node.weight += source.weight
        into.node.height = max(into.node.height, source.height)

    def _scalar(self, event: Any) -> _Node:
        line = event.start_mark.line + 1
        self._count(line)
        try:
            text = whole(event.value)
            is_key = bool(self._stack) and isinstance(self._stack[-1].node.value, dict) and not self._stack[-1].key
            if is_key:
                # A key is text, whatever it looks like. The height marks a merge.
                return _Node(text, line, height=-1 if text == "<<" and event.implicit[0] else 0)
            if event.tag is not None:
                value = tagged(str(event.tag), text)
            else:
                value = plain(text) if event.implicit[0] else text
        except ValueError as wrong:
            raise Broken(str(wrong), line) from None
        return _Node(value, line, 1 + len(text) // _TEXT_WEIGHT)

    def _aliased(self, event: Any) -> _Node:
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            raise Broken("an alias without its anchor: put a text that begins with * in quotes", line)
        found = self._anchors[event.anchor]
        if found is None:
            raise Broken("contains itself", line)
        self._count(line)
        self._expand(found.weight, line)
        return _Node(found.value, line, found.weight, max(found.height, 0))

    def _count(self, line: int) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise Broken(f"holds more than {MAX_VALUES:,} values", line)
        self._expand(1, line)

    def _expand(self, values: int, line: int) -> None:
        self._expanded += values
        if self._expanded > MAX_EXPANDED:
            raise Broken(f"its aliases make more than {MAX_EXPANDED:,} values", line)


def _translated(error: MarkedYAMLError, text: str) -> Broken:
    problem = error.problem or "is not YAML"
    mark = error.problem_mark
    line = mark.line + 1 if mark is not None else None
    written = text.split("\n")[mark.line].strip() if mark is not None and text else ""
    if problem.startswith("mapping values") and re.match(r"store\s*:\s*memory:", written):
        return Broken("store: write memory, or put it in quotes: a colon at the end begins a mapping", line)
    for mark_name, character in (("alias", "*"), ("anchor", "&")):
        if (error.context or "").endswith(f"an {mark_name}"):
            return Broken(f"a text that begins with {character} needs quotes", line)
    return Broken(_FIXES.get(problem) or _QUOTED.sub(_unless_harmless, problem), line)


def _unless_harmless(quoted: re.Match[str]) -> str:
    return quoted[0] if _HARMLESS.fullmatch(quoted[0]) else "something else"
