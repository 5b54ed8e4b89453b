"""Files made to hurt, and files that nobody made: a config, or an error that names a place of the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import load_config
from gateway.config.problems import Place, has
from gateway.config.yaml_tree import MAX_DEPTH, Broken, read
from gateway.core.errors import ConfigError
from tests.support import toy
from tests.support.configs import ALIYUN, LOGTO, TOY_MAIL, places, providers
from tests.support.tiers import examples

PROVIDERS = providers()
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 500))


# The timeout of a test is the bound of time; most take a millisecond.
@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(CHAIN, "is nested too deeply", id="nested by aliases"),
        pytest.param("[" * 500_000, "is nested too deeply", id="brackets"),
        pytest.param("{a: " * 200_000, "is nested too deeply", id="braces", marks=pytest.mark.slow),
        pytest.param("- " * 400_000, "is nested too deeply", id="dashes"),
        pytest.param("? " * 400_000, "is nested too deeply", id="question marks", marks=pytest.mark.slow),
        pytest.param("a: !" + "x" * 1_000_000, "tags are not understood here: take it out", id="a long tag"),
    ],
)
def test_what_would_take_for_ever_is_refused_at_once(text: str, said: str) -> None:
    with pytest.raises(Broken) as caught:
        read(text)
    assert caught.value.text == said


@pytest.mark.slow  # some seconds each: the parser is at work
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("'" + "x " * 500_000, "the file ends too early: a quote is not closed"),
    ],
)
def test_what_is_large_without_end_is_refused_in_seconds(text: str, said: str) -> None:
    with pytest.raises(Broken) as caught:
        read(text)
    assert caught.value.text == said


def test_sixty_four_levels_are_enough_and_one_more_is_too_deep() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)[0]
    with pytest.raises(Broken, match="nested too deeply"):
        read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


def test_aliases_are_the_same_thing_and_not_copies() -> None:
    tree, _ = read("a: &a {x: [1]}\nb: [*a, *a]")
    assert tree["b"][0] is tree["a"]


# --- whatever it is -----------------------------------------------------------------------------------------

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("${env:NOT_SET_HERE}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
GOOD: dict[str, Any] = {
    "mode": "sandbox",
    "server": {"host": "127.0.0.1", "port": 0, "api_token": "x", "allow_hosts": ["a"], "public_url": "http://a"},
    "store": "memory",
    "retention": {"count": 1, "bytes": 2048, "hours": 1},
    "defaults": {"sms": "a", "email": "m"},
    "live": {"allow": ["*"], "sends_per_day": 1},
    "connectors": [
        {"id": "a", "factory": ALIYUN, "config": LOGTO, "options": {"timeout_seconds": 1}, "fallback": ["b"]},
        {"id": "b", "factory": toy.FACTORY, "config": {}, "fallback": "t"},
        {"id": "t", "factory": toy.FACTORY, "config": {}, "authorization": "x", "live": True},
        {"id": "m", "factory": TOY_MAIL, "config": {}},
    ],
    "fakes": {"aliyun-sms": {"strict": True, "accounts": [{"access_key_id": "a", "access_key_secret": "b"}]}},
}


def _places(node: Any, at: Place = ()) -> list[Place]:
    inner = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    return [at, *(place for step, one in inner for place in _places(one, (*at, step)))]


EVERY_PLACE = [place for place in _places(GOOD) if place]


def _changed(node: Any, place: Place, value: Any, *, key: str | None) -> Any:
    """With another value there; with ``key``: under another key."""
    step, rest = place[0], place[1:]
    if isinstance(node, list):
        return [
            _changed(one, rest, value, key=key) if at == step and rest else value if at == step else one
            for at, one in enumerate(node)
        ]
    found = dict(node)
    if rest:
        found[step] = _changed(node[step], rest, value, key=key)
    elif key is not None:
        found[key] = found.pop(step)
    else:
        found[step] = value
    return found


def _yaml(tree: Any) -> bytes:
    """Serialize to JSON that YAML reads alike: it does not join two escapes of surrogates into one character."""
    text = json.dumps(tree, ensure_ascii=False)
    return "".join(one if one.isascii() else f"\\U{ord(one):08x}" for one in text).encode()


def _load(path: Path, content: bytes) -> ConfigError | None:
    path.write_bytes(content)
    try:
        load_config(path, None, PROVIDERS)
    except ConfigError as error:
        return error
    return None


def _every_place_is_in(tree: Any, error: ConfigError) -> None:
    for place, problem in zip(places(error), error.data["problems"], strict=True):
        missing = problem["message"].startswith("is missing")
        assert has(tree, place) or (missing and has(tree, place[:-1])), (place, problem["message"])
    lines = error.message.split("\n")
    assert len(lines) == len(error.message.splitlines()) == len(error.data["problems"])
    assert all(line.isprintable() for line in lines)


def test_the_config_that_is_broken_below_is_a_good_one(tmp_path: Path) -> None:
    assert _load(tmp_path / "gateway.yaml", json.dumps(GOOD).encode()) is None


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(EVERY_PLACE), TREES, st.none() | st.text(max_size=8)), min_size=1, max_size=4
    )
)
def test_whatever_is_broken_every_error_names_a_place_of_the_file(
    tmp_path: Path, changes: list[tuple[Place, Any, str | None]]
) -> None:
    tree: Any = GOOD
    for place, value, key in changes:
        if has(tree, place) and isinstance(place[-1], str):
            tree = _changed(tree, place, value, key=key)
        elif has(tree, place):
            tree = _changed(tree, place, value, key=None)
    error = _load(tmp_path / "gateway.yaml", _yaml(tree))
    if error is not None and error.data["problems"][0]["path"]:
        _every_place_is_in(tree, error)


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=st.dictionaries(st.sampled_from([*GOOD, "templates", "other"]), TREES, max_size=3))
def test_any_tree_is_a_config_or_an_error(tmp_path: Path, tree: dict[str, Any]) -> None:
    error = _load(tmp_path / "gateway.yaml", _yaml(tree))
    if error is not None and error.data["problems"][0]["path"]:
        _every_place_is_in(tree, error)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_config_or_an_error(tmp_path: Path, text: bytes) -> None:
    error = _load(tmp_path / "gateway.yaml", text)
    assert error is None or error.message


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.sampled_from("&*a: \n-[]{},!<>|#'\"%?0x~\t"), max_size=40).map(
        lambda text: f"connectors: &a [x]\n{text}"
    )
)
def test_any_mess_of_yaml_s_own_characters_is_a_config_or_an_error(tmp_path: Path, text: str) -> None:
    error = _load(tmp_path / "gateway.yaml", text.encode())
    assert error is None or error.message


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | TREES.map(lambda tree: json.dumps(tree).encode()))
def test_any_config_file_is_logto_s_json_or_an_error_at_its_key(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.json").write_bytes(content)
    tree = {"connectors": [{"id": "a", "factory": ALIYUN, "config_file": "c.json"}]}
    error = _load(tmp_path / "gateway.yaml", json.dumps(tree).encode())
    assert error is not None
    assert set(places(error)) == {("connectors", 0, "config_file")}
