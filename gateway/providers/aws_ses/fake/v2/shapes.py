"""What the members of a body may be, and what AWS says to one that is none of it. Pure.

A shape is written as plain data: ``"s"`` a string, ``"b"`` a boolean, ``"i"`` an integer, ``"t"`` a timestamp,
``"blob"`` base64, ``"m"`` a map of strings, ``[shape]`` a list, ``{"Name": shape}`` a structure, where ``"Name!"``
is required, ``Enum`` a string out of some.
Members that nobody knows are ignored, as AWS does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Written: TypeAlias = "str | Enum | list[Any] | Mapping[str, Any]"


class Misshapen(ValueError):
    """``path`` is the member's, with dots; it grows on the way out."""

    def __init__(self) -> None:
        super().__init__()
        self.path = ""

    def below(self, step: str) -> None:
        self.path = f"{step}.{self.path}" if self.path else step


class Mistyped(Misshapen):
    """``message`` is AWS's text for the wrong type."""

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message


class Absent(Misshapen):
    """A required member is not there."""


class Unlisted(Misshapen):
    """A string that is none of those that AWS knows."""

    def __init__(self, value: str, known: tuple[str, ...]) -> None:
        super().__init__()
        self.value = value
        self.known = known


@dataclass(frozen=True, slots=True)
class Enum:
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Struct:
    """A structure, made ready for checking: a type for each scalar member, a shape for each other one."""

    types: Mapping[str, type] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()


_SCALARS: Mapping[str, type] = {"s": str, "blob": str, "b": bool, "i": int}
_NAMES = {str: "String", bool: "Boolean", int: "Integer"}


def struct(written: Mapping[str, Any]) -> Struct:
    """Make a shape ready."""
    types: dict[str, type] = {}
    others: dict[str, Any] = {}
    required = []
    for name, shape in written.items():
        own = name.rstrip("!")
        if own != name:
            required.append(own)
        if isinstance(shape, str) and shape in _SCALARS:
            types[own] = _SCALARS[shape]
        else:
            others[own] = _ready(shape)
    return Struct(types, others, tuple(required))


def _ready(shape: Written) -> Any:
    if isinstance(shape, Mapping):
        return struct(shape)
    if isinstance(shape, list):
        return [_ready(shape[0])]
    return _SCALARS.get(shape, shape) if isinstance(shape, str) else shape


def check(value: Mapping[str, Any], shape: Struct) -> None:
    """Raises Mistyped, Unlisted or Absent. A null counts as not there."""
    types, others = shape.types, shape.others
    for name, member in value.items():
        try:
            if name in types:
                if type(member) is not types[name] and member is not None:
                    raise Mistyped(_cannot(member, types[name]))
            elif name in others and member is not None:
                inner = others[name]
                _CHECKS[type(inner)](member, inner)
        except Misshapen as problem:
            problem.below(name)
            raise
    for name in shape.required:
        if value.get(name) is None:
            raise _absent(name)


def _absent(name: str) -> Absent:
    problem = Absent()
    problem.below(name)
    return problem


def _struct(member: Any, shape: Struct) -> None:
    if type(member) is not dict:
        raise Mistyped("Unexpected field type")
    check(member, shape)


def _list(member: Any, shape: list[Any]) -> None:
    if type(member) is not list:
        raise Mistyped("Expected list or null")
    inner = shape[0]
    for at, one in enumerate(member, 1):
        if type(one) is not inner:
            try:
                _CHECKS[type(inner)](one, inner)
            except Misshapen as problem:
                problem.below(f"{at}.member")
                raise


def _enum(member: Any, shape: Enum) -> None:
    if type(member) is not str:
        raise Mistyped(_cannot(member, str))
    if member not in shape.known:
        raise Unlisted(member, shape.known)


def _scalar(member: Any, shape: type) -> None:
    if type(member) is not shape:
        raise Mistyped(_cannot(member, shape))


def _other(member: Any, shape: str) -> None:
    """``m`` and ``t``."""
    if shape == "t":
        if type(member) not in (int, float, str):
            raise Mistyped(_cannot(member, int))
        return
    if type(member) is not dict:
        raise Mistyped("Expected map or null")
    for one in member.values():
        _scalar(one, str)


_CHECKS: Mapping[type, Any] = {Struct: _struct, list: _list, Enum: _enum, type: _scalar, str: _other}


def camel(path: str) -> str:
    """As AWS writes the place of a member: ``content.simple.subject``."""
    return ".".join([step[:1].lower() + step[1:] for step in path.split(".")])


def _cannot(value: Any, kind: type) -> str:
    if isinstance(value, list):
        return "Start of list found where not expected"
    if isinstance(value, dict):
        return "Start of structure or map found where not expected."
    if value is None:
        return f"null can not be converted to {_article(kind)}"
    word = "TRUE_VALUE" if value is True else "FALSE_VALUE" if value is False else ""
    word = word or ("STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE")
    if isinstance(value, float):
        word = "DECIMAL_VALUE"
    return f"{word} can not be converted to {_article(kind)}"


def _article(kind: type) -> str:
    name = _NAMES.get(kind, "String")
    return f"{'an' if name == 'Integer' else 'a'} {name}"
