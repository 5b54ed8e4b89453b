"""Read a YAML file as dicts, lists and scalars, with the line of every key.

ruamel.yaml composes the nodes; the values are built here, so that plain scalars follow the core schema of YAML
1.2.2 (section 10.3.2: dates, ``on`` and ``off`` are text), keys are text and unique, and other tags are refused. An
error has its line and quotes nothing of the file, because any value may be a secret.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64

Step: TypeAlias = str | int
Lines: TypeAlias = dict[int, dict[Step, int]]
"""Line numbers from 1: by the ``id`` of a dict or list, then by key or index."""

_CORE = "tag:yaml.org,2002:"
_STR, _MERGE = f"{_CORE}str", f"{_CORE}merge"
_NULL, _BOOL, _INT, _FLOAT = (f"{_CORE}{name}" for name in ("null", "bool", "int", "float"))
# Plain scalars are tried in this order; any other is text.
_CORE_SCHEMA = {
    _NULL: re.compile(r"~|null|Null|NULL|"),
    _BOOL: re.compile(r"true|True|TRUE|false|False|FALSE"),
    _INT: re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    _FLOAT: re.compile(
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
    _MERGE: re.compile(r"<<"),
}
_MAX_DIGITS = 400  # Python refuses to convert thousands

# The parser's messages quote single characters and its own terms, or else text of the file.
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_HARMLESS = re.compile(r"""['"](?:.|\\.|<[a-z ]+>)['"]""")
_TOO_DEEP = "is nested too deeply"
_FOREIGN_TAG = "tags are not understood here: take it out"
# How messages of the parser begin, and what is said instead.
_MESSAGES = {
    "mapping values are not allowed here": "a value with a colon in it needs quotes",
    "found character '\\t' that cannot start any token": "a tab; YAML wants spaces",
    "expected the node content, but found '<stream end>'": "the file ends too early: a bracket is not closed",
    "found unexpected end of stream": "the file ends too early: a quote is not closed",
    "found undefined alias": "an alias without its anchor: put a text that begins with * in quotes",
    "maximum depth": _TOO_DEEP,
}


class Broken(Exception):
    """A file that cannot be read, with the reason. ``line`` counts from 1; None if the error has no line."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


def read_file(path: Path) -> tuple[dict[str, Any], Lines]:
    """Read the mapping of a YAML file, an empty one for an empty file. Raises Broken."""
    try:
        text = content_of(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Broken("is not UTF-8") from None
    tree, lines = read(text)
    if tree is None:
        return {}, {}
    if not isinstance(tree, dict):
        raise Broken("must hold keys and values, such as server: {port: 4650}")
    return tree, lines


def content_of(path: Path) -> bytes:
    """Read a file of at most ``MAX_BYTES``. Raises Broken."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Broken(reason_of(error)) from None
    except ValueError:  # a NUL in the name
        raise Broken("is not the name of a file") from None
    if len(content) > MAX_BYTES:
        raise Broken("is larger than 1 MiB")
    return content


def reason_of(error: OSError) -> str:
    """Return the system's message for an error of a file, without the name of the file."""
    return (error.strerror or "cannot be read").lower()


def read(text: str) -> tuple[Any, Lines]:
    """Read the only document of a YAML text, None if there is none. An alias is the same object as its anchor.

    Raises Broken.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Resolver = _CoreSchema
    yaml.max_depth = MAX_DEPTH + 1  # a scalar is a level of ruamel's
    yaml.composer.warn_double_anchors = False  # the warning quotes the file
    try:
        documents = list(yaml.compose_all(text))
    except MarkedYAMLError as error:
        raise _translated(error, text) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Broken("is not YAML: a control character", line) from None
    except RecursionError:
        raise Broken(_TOO_DEEP) from None
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError):
        # Some errors in a text come out of the parser as errors of Python.
        raise Broken("is not YAML") from None
    if len(documents) > 1:
        raise Broken("holds more than one document", _line(documents[1]))
    builder = _Builder()
    return builder.value(documents[0]) if documents else None, builder.lines


class _CoreSchema(VersionedResolver):
    """Gives a plain scalar its tag by the core schema, whichever version of YAML the file names."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is ScalarNode and implicit[0]:
            return Tag(suffix=next((tag for tag, form in _CORE_SCHEMA.items() if form.fullmatch(value)), _STR))
        return super().resolve(kind, value, (False, True))


class _Builder:
    """Builds the values of nodes, each collection once."""

    def __init__(self) -> None:
        self.lines: Lines = {}
        self._built: dict[int, Any] = {}  # by the id of a node; keeps every collection alive, and so its id
        self._open: set[int] = set()  # ids of the nodes that contain the current one
        self._depths: dict[int, int] = {}  # levels of a collection, by its id

    def value(self, node: Node) -> Any:
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if id(node) in self._open:
            raise Broken("contains itself", _line(node))
        if id(node) not in self._built:
            is_mapping = isinstance(node, MappingNode)
            if str(node.tag) != f"{_CORE}{'map' if is_mapping else 'seq'}":
                raise Broken(_FOREIGN_TAG, _line(node))
            self._open.add(id(node))
            self._built[id(node)] = self._mapping(node) if is_mapping else self._sequence(node)
            self._open.remove(id(node))
        return self._built[id(node)]

    def _sequence(self, node: Node) -> list[Any]:
        items = [self.value(item) for item in node.value]
        self.lines[id(items)] = {index: _line(item) for index, item in enumerate(node.value)}
        self._set_depth(items, max(map(self._depth, items), default=0), node)
        return items

    def _mapping(self, node: Node) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[Step, int] = {}
        sources: list[tuple[Any, int]] = []
        for key_node, value_node in node.value:
            line = _line(key_node)
            if not isinstance(key_node, ScalarNode):
                raise Broken("a key must be text: put it in quotes", line)
            key = _text(key_node)
            if key in values:
                raise Broken("a key is given twice", line)
            value = self.value(value_node)
            if key_node.tag == _MERGE:
                sources += [(source, line) for source in (value if isinstance(value, list) else [value])]
            else:
                values[key], lines[key] = value, line
        for source, line in sources:
            if not isinstance(source, dict):
                raise Broken("<< must be followed by keys and values, or by a list of such", line)
            for key in source:
                if key not in values:
                    values[key], lines[key] = source[key], self.lines[id(source)][key]
        self.lines[id(values)] = lines
        self._set_depth(values, max(map(self._depth, values.values()), default=0), node)
        return values

    def _depth(self, value: Any) -> int:
        return self._depths.get(id(value), 0)

    def _set_depth(self, collection: Any, inner: int, node: Node) -> None:
        # Aliases within aliases make a tree that is deeper than the text.
        if inner >= MAX_DEPTH:
            raise Broken(_TOO_DEEP, _line(node))
        self._depths[id(collection)] = inner + 1


def _scalar(node: ScalarNode) -> Any:
    text, tag = _text(node), str(node.tag)
    if tag in {_STR, _MERGE}:
        return text
    if tag not in _CORE_SCHEMA:
        raise Broken(_FOREIGN_TAG, _line(node))
    if not _CORE_SCHEMA[tag].fullmatch(text):
        raise Broken(f"the value does not fit its tag !!{tag.removeprefix(_CORE)}", _line(node))
    if tag == _NULL:
        return None
    if tag == _BOOL:
        return text.lower() == "true"
    if len(text) > _MAX_DIGITS:
        raise Broken("a number of so many digits: put it in quotes if it is text", _line(node))
    if tag == _INT:
        return int(text[2:], {"0o": 8, "0x": 16}[text[:2]]) if text[:2] in {"0o", "0x"} else int(text)
    return float(text.replace(".", "") if text[-1] in "fFnN" else text)  # Python writes .inf and .nan without a dot


def _text(node: ScalarNode) -> str:
    r"""Return the text of a scalar. JSON writes a character beyond U+FFFF as two halves, ``"\ud83d\ude00"``."""
    text: str = node.value
    if text.isascii():
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise Broken("half a character (U+D800 to U+DFFF)", _line(node)) from None


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _translated(error: MarkedYAMLError, text: str) -> Broken:
    problem = error.problem or "is not YAML"
    mark = error.problem_mark
    line = mark.line + 1 if mark is not None else None
    written = text.split("\n")[mark.line].strip() if mark is not None and text else ""
    if problem.startswith("mapping values") and re.match(r"store\s*:\s*memory:", written):
        return Broken("store: write memory, or put it in quotes: a colon at the end begins a mapping", line)
    for kind, character in (("alias", "*"), ("anchor", "&")):
        if (error.context or "").endswith(f"an {kind}"):
            return Broken(f"a text that begins with {character} needs quotes", line)
    message = next((ours for theirs, ours in _MESSAGES.items() if problem.startswith(theirs)), None)
    return Broken(message or _QUOTED.sub(_unless_harmless, problem), line)


def _unless_harmless(quoted: re.Match[str]) -> str:
    return quoted[0] if _HARMLESS.fullmatch(quoted[0]) else "something else"
