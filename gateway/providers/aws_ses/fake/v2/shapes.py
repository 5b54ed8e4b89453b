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


class Mistyped(ValueError):
    """``message`` is AWS's text for the wrong type."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.message = message
        self.where = where


class Absent(ValueError):
    """A required member is not there; ``path`` as AWS writes it, in camelCase with dots."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Unlisted(ValueError):
    """A string that is none of those that AWS knows. ``message`` is AWS's text."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.message = message
        self.where = where


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


def check(value: Mapping[str, Any], shape: Struct, path: str = "") -> None:
    """Raises Mistyped, Unlisted or Absent. A null counts as not there."""
    types, others = shape.types, shape.others
    for name, member in value.items():
        if name in types:
            if type(member) is not types[name] and member is not None:
                raise Mistyped(_cannot(member, types[name]), f"{path}{name}")
        elif name in others and member is not None:
            _check(member, others[name], f"{path}{name}")
    for name in shape.required:
        if value.get(name) is None:
            raise Absent(f"{path}{name}")


def _check(member: Any, shape: Any, path: str) -> None:
    _CHECKS[type(shape)](member, shape, path)


def _struct(member: Any, shape: Struct, path: str) -> None:
    if type(member) is not dict:
        raise Mistyped("Unexpected field type", path)
    check(member, shape, f"{path}.")


def _list(member: Any, shape: list[Any], path: str) -> None:
    if type(member) is not list:
        raise Mistyped("Expected list or null", path)
    inner = shape[0]
    for at, one in enumerate(member, 1):
        if type(one) is not inner:
            _check(one, inner, f"{path}.{at}.member")


def _enum(member: Any, shape: Enum, path: str) -> None:
    if type(member) is not str:
        raise Mistyped(_cannot(member, str), path)
    if member not in shape.known:
        known = ", ".join(shape.known)
        raise Unlisted(
            f"Value '{member}' at '{camel(path)}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{known}]",
            path,
        )


def _scalar(member: Any, shape: type, path: str) -> None:
    if type(member) is not shape:
        raise Mistyped(_cannot(member, shape), path)


def _other(member: Any, shape: str, path: str) -> None:
    """``m`` and ``t``."""
    if shape == "t":
        if type(member) not in (int, float, str):
            raise Mistyped(_cannot(member, int), path)
        return
    if type(member) is not dict:
        raise Mistyped("Expected map or null", path)
    for one in member.values():
        _scalar(one, str, path)


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
