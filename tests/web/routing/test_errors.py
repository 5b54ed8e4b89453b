"""The list of documented errors is complete and has nothing else, compared with the source that raises them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import gateway
from gateway.core.errors import ConfigError, ConnectorError, GatewayError, Refused, Uncertain
from gateway.verification.errors import NoSuchConnector
from gateway.web.routing.errors import ERRORS, SEND_FAILURES

PACKAGE = Path(gateway.__file__).parent
ROOT = Path(__file__).resolve().parents[3]
NAMING_CODES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("connector_gateway/*.py")])
NOT_CODES = {"gateway.clock", "gateway.db", "gateway.yaml"}
# The command line prints ConfigError; docs/errors.md has it too.
DOCUMENTED: tuple[type[GatewayError], ...] = (*ERRORS, ConfigError)
BY_CODE = {error.code: error for error in DOCUMENTED}
BY_REASON = {error.reason: error for error in SEND_FAILURES}
# Raised only if nothing better is known, so their reasons have no row of their own.
BASES = (ConnectorError, Refused, Uncertain)
# These modules only define and list classes: nothing is raised there.
DESCRIBING = {"core/errors.py", "web/routing/errors.py"}
# Calls that name a class without raising it.
NAMING = {"Route", "isinstance", "issubclass"}


@cache
def texts() -> dict[str, str]:
    return {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def sources() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in texts().items()}


@cache
def all_classes() -> dict[str, type[GatewayError]]:
    """Return every error class of the package by name, wherever it is defined."""
    for file in _files_with_errors():
        import_module("gateway." + file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    classes: dict[str, type[GatewayError]] = {}
    todo = [GatewayError]
    while todo:
        one = todo.pop()
        if one.__module__.startswith("gateway."):
            assert classes.setdefault(one.__name__, one) is one, f"two classes are called {one.__name__}"
        todo += one.__subclasses__()
    return classes


def _files_with_errors() -> set[str]:
    """Follow the class statements from GatewayError down, through every file."""
    files, names, before = set(), {"GatewayError"}, 0
    while len(names) > before:
        before = len(names)
        for file, tree in sources().items():
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and any(_last_name(base) in names for base in node.bases):
                    names.add(node.name)
                    files.add(file)
    return files


def _last_name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


@cache
def raised() -> dict[str, type[GatewayError]]:
    """Return the classes that a module raises, or passes on to be raised (the error table of a driver)."""
    names: set[str] = set()
    for file, tree in sources().items():
        if file not in DESCRIBING:
            names |= set(_named(tree))
    return {name: one for name, one in all_classes().items() if name in names}


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


def with_a_code() -> list[type[GatewayError]]:
    """Return every class but the base classes that have no code and are never raised."""
    return [one for one in all_classes().values() if hasattr(one, "code")]


def answered() -> set[str]:
    return {one.code for one in raised().values() if hasattr(one, "code")}


def test_every_code_that_can_be_answered_is_documented() -> None:
    assert sorted(answered() - BY_CODE.keys()) == []


def test_every_documented_code_can_be_answered() -> None:
    assert sorted(BY_CODE.keys() - answered()) == []


def test_every_class_with_a_code_of_its_own_is_documented() -> None:
    assert sorted({one.code for one in with_a_code()} ^ BY_CODE.keys()) == []


def test_the_search_finds_what_is_raised() -> None:
    assert {"NoCodeArrived", "MalformedRequest", "InternalError", "UnknownVariable"} <= raised().keys()
    assert {"Gone", "Throttled", "DailyCap", "TemplateError", "StoreFailed"} <= raised().keys()
    assert {"SessionNotFound", "KeyReused", "Blocked"} <= all_classes().keys()


def test_the_search_skips_classes_that_are_only_named() -> None:
    text = "Route(errors=(Gone,))\nisinstance(error, ReadOnly)\ntry: ask()\nexcept Conflict: raise NotFound()"
    assert all_classes().keys() & set(_named(ast.parse(text))) == {"NotFound"}


def test_a_class_without_a_code_is_never_raised() -> None:
    bases = all_classes().keys() - {one.__name__ for one in with_a_code()}
    assert {"GatewayError", "RequestError"} <= bases
    call = re.compile(rf"(?<!class )\b({'|'.join(sorted(bases))})\(")
    assert {file: call.findall(text) for file, text in texts().items() if call.search(text)} == {}


def test_classes_that_share_a_code_have_one_status_cause_and_cure() -> None:
    for one in with_a_code():
        shown = BY_CODE[one.code]
        # Logto's connector.not_found has two statuses: a channel has no connector, or a test names no factory.
        status = 404 if one is NoSuchConnector else shown.status
        assert (one.status, one.cause, one.cure) == (status, shown.cause, shown.cure), one.__name__


@pytest.mark.parametrize("error", DOCUMENTED, ids=lambda error: error.code)
def test_cause_and_cure_are_sentences(error: type[GatewayError]) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", error.code)
    assert 400 <= error.status < 600
    for text in (error.cause, error.cure):
        assert re.fullmatch(r"[A-Z`].+\.", text), text


def test_no_code_is_listed_twice() -> None:
    assert len(BY_CODE) == len(DOCUMENTED)


def test_every_reason_of_a_failed_send_is_documented_and_no_other() -> None:
    reasons = {one.reason for one in raised().values() if issubclass(one, ConnectorError)}
    assert BY_REASON.keys() == reasons - {base.reason for base in BASES}
    assert len(BY_REASON) == len(SEND_FAILURES)


def test_classes_that_share_a_reason_have_one_text_and_one_fallback_rule() -> None:
    texts_of = ("reason_cause", "reason_cure", "fallback", "fallback_why")
    for one in all_classes().values():
        if issubclass(one, ConnectorError) and one not in BASES:
            shown = BY_REASON[one.reason]
            assert [getattr(one, name) for name in texts_of] == [getattr(shown, name) for name in texts_of], one


@pytest.mark.parametrize("error", SEND_FAILURES, ids=lambda error: error.reason)
def test_a_reason_has_sentences_and_says_why_a_fallback_is_tried_or_not(error: type[ConnectorError]) -> None:
    for text in (error.reason_cause, error.reason_cure):
        assert re.fullmatch(r"[A-Z`].+\.", text), text
    assert re.fullmatch(r"[a-z].+\.", error.fallback_why)


def test_no_fallback_is_tried_if_a_message_may_have_been_sent_or_the_cause_is_unknown() -> None:
    for one in all_classes().values():
        if issubclass(one, ConnectorError) and one.fallback:
            assert not one.maybe_sent, one.__name__
            assert one not in BASES, one.__name__


@pytest.mark.parametrize("file", NAMING_CODES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_docs_and_kit_name_codes_that_exist(file: Path) -> None:
    families = "|".join(sorted({code.partition(".")[0] for code in BY_CODE}))
    named = set(re.findall(rf"`((?:{families})\.[a-z_]+)`", file.read_text("utf-8")))
    assert sorted(named - BY_CODE.keys() - NOT_CODES) == []
