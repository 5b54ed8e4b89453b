"""The list of error codes is neither too short nor too long: it is held against the code that raises them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import gateway
from gateway.core import errors
from gateway.web.routing.error_codes import CODES
from gateway.web.routing.send_reasons import REASONS

PACKAGE = Path(gateway.__file__).parent
# They only name classes, for the description: nothing is raised there.
DESCRIBING = {"errors.py", "web/error_codes.py"}
NAMING = {"Route", "isinstance", "issubclass"}
BY_CODE = {one.code: one for one in CODES}


@cache
def texts() -> dict[str, str]:
    return {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def sources() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in texts().items()}


@cache
def all_classes() -> dict[str, type[errors.GatewayError]]:
    """Every error class of the package, wherever it is defined, by name."""
    for name, tree in sources().items():
        if any(isinstance(node, ast.ClassDef) and node.name.endswith("Error") for node in tree.body):
            import_module("gateway." + name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    found: dict[str, type[errors.GatewayError]] = {}
    todo = [errors.GatewayError]
    while todo:
        one = todo.pop()
        found[one.__name__] = one
        todo += one.__subclasses__()
    return {name: one for name, one in found.items() if one.__module__.startswith("gateway")}


@cache
def raised() -> set[str]:
    """Names of classes that some module makes, or passes on to be made (a table of a driver), not in a Route."""
    found: set[str] = set()
    for name, tree in sources().items():
        if name not in DESCRIBING:
            found |= set(_named(tree))
    return found & set(all_classes())


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMING:
        return
    if isinstance(node, ast.ExceptHandler):
        # The type that is caught is not raised thereby.
        for inner in node.body:
            yield from _named(inner)
        return
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    for child in ast.iter_child_nodes(node):
        yield from _named(child)


@cache
def by_hand() -> set[str]:
    """Codes that are written out: ``code="..."`` of an error, the second argument of ``error_answer``."""
    found: set[str] = set()
    # A walk through every module takes a second.
    for name in [name for name, text in texts().items() if "code=" in text or "error_answer" in text]:
        for node in ast.walk(sources()[name]):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            if called == "error_answer":
                given += node.args[1:2]
            elif called not in all_classes():
                continue
            found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def answered() -> set[str]:
    return by_hand() | {all_classes()[name].code for name in raised()}


def test_every_code_that_can_be_answered_is_listed() -> None:
    assert sorted(answered() - BY_CODE.keys()) == []


def test_every_code_that_is_listed_can_be_answered() -> None:
    assert sorted(BY_CODE.keys() - answered()) == []


def test_the_search_finds_what_it_is_for() -> None:
    assert {"code.not_found", "request.malformed", "gateway.internal", "template.unknown_variable"} <= by_hand()
    assert {"Gone", "Throttled", "DailyCap", "TemplateError", "StoreFailed"} <= raised()
    assert "NotImplementedYet" not in raised()


def test_a_code_has_the_status_of_its_class() -> None:
    statuses: dict[str, set[int]] = {}
    for one in all_classes().values():
        statuses.setdefault(one.code, set()).add(one.status)
    for code, listed in BY_CODE.items():
        if listed.status is not None and code in statuses and code not in by_hand():
            assert listed.status in statuses[code], code


@pytest.mark.parametrize("one", CODES, ids=lambda one: one.code)
def test_cause_and_cure_are_sentences(one: object) -> None:
    code, cause, cure = (getattr(one, name) for name in ("code", "cause", "cure"))
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", code)
    for text in (cause, cure):
        assert re.fullmatch(r"[A-Z`].+\.", text), text


def test_no_code_is_listed_twice() -> None:
    assert len(BY_CODE) == len(CODES)


def test_every_reason_of_a_failed_send_is_listed_and_no_other() -> None:
    classes = [all_classes()[name] for name in raised()]
    reasons = {one.reason for one in classes if issubclass(one, errors.ConnectorError)}
    # The tree's own branches; who raises one of them names nothing better.
    branches = {one.reason for one in (errors.ConnectorError, errors.Refused, errors.Uncertain)}
    assert {one.reason for one in REASONS} == reasons - branches


def test_whether_a_fallback_is_tried_is_told_as_it_is_and_why() -> None:
    decided = {one.reason: one.fallback for one in all_classes().values() if issubclass(one, errors.ConnectorError)}
    for one in REASONS:
        assert one.fallback.startswith("Yes: " if decided[one.reason] else "No: "), one.reason
        assert one.fallback.endswith("."), one.reason


def test_no_fallback_is_tried_where_a_message_may_have_been_sent_or_nobody_knows_more() -> None:
    for one in all_classes().values():
        if issubclass(one, errors.ConnectorError) and one.fallback:
            assert not one.maybe_sent, one.__name__
            assert one not in (errors.ConnectorError, errors.Refused), one.__name__
