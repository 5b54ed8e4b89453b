"""The config file: what it may say, and one line that names place and fix for what it may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import Config, load_config
from gateway.errors import ConfigError

Load = Callable[[str | bytes], Config]
SECRET = "hunter2-secret"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def write_and_load(text: str | bytes) -> Config:
        path = tmp_path / "gateway.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_config(path)

    return write_and_load


@pytest.fixture
def refused(load: Load, tmp_path: Path) -> Callable[[str | bytes], str]:
    """The message about a file, without the file's own name."""

    def message(text: str | bytes) -> str:
        with pytest.raises(ConfigError) as caught:
            load(text)
        found = caught.value.message
        assert "\n" not in found
        assert found.startswith(f"{tmp_path / 'gateway.yaml'}: ")
        return found.removeprefix(f"{tmp_path / 'gateway.yaml'}: ")

    return message


# --- what it may say ----------------------------------------------------------------------------------------


def test_without_a_file_there_is_a_sandbox_with_its_demo_connector() -> None:
    config = load_config(None)
    assert (config.mode, config.server.host, config.server.port) == ("sandbox", "127.0.0.1", 4650)
    assert [connector.id for connector in config.connectors or ()] == ["sms"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "mode: sandbox", "connectors: null"])
def test_a_file_that_says_nothing_of_connectors_has_the_demo_ones(load: Load, text: str) -> None:
    assert [connector.id for connector in load(text).connectors or ()] == ["sms"]


def test_a_file_may_want_no_connectors(load: Load) -> None:
    assert load("connectors: []").connectors == ()


def test_the_command_line_wins_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("server: {port: 1, host: localhost}")
    server = load_config(path, {"server": {"port": 2}}).server
    assert (server.port, server.host) == (2, "localhost")


def test_numbers_are_those_of_yaml_1_2(load: Load) -> None:
    assert load("server: {port: 0o17}").server.port == 15
    with pytest.raises(ConfigError):
        load("server: {shared: banana}")


def test_a_connectors_config_file_is_found_beside_the_config(load: Load, tmp_path: Path) -> None:
    (tmp_path / "aliyun.json").write_text(json.dumps({"signName": "网关", "deep": {"a": [1]}}))
    (one,) = load("connectors: [{id: a, factory: f, config_file: aliyun.json}]").connectors or ()
    assert one.config == {"signName": "网关", "deep": {"a": [1]}}
    assert one.config_file is None


def test_a_config_file_saved_by_notepad_is_read_too(load: Load, tmp_path: Path) -> None:
    (tmp_path / "aliyun.json").write_bytes(b"\xef\xbb\xbf" + b'{"a": 1}')
    (one,) = load("connectors: [{id: a, factory: f, config_file: aliyun.json}]").connectors or ()
    assert one.config == {"a": 1}


def test_values_come_from_the_environment_as_a_whole(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PORT", "8080")
    monkeypatch.setenv("A_KEY", SECRET)
    config = load(
        "server: {port: '${env:A_PORT}'}\n"
        "connectors:\n"
        "  - {id: a, factory: f, authorization: '${env:A_KEY}',\n"
        "     config: {k: ['${env:A_KEY}'], n: 'x${env:A_KEY}'}}\n"
    )
    (one,) = config.connectors or ()
    assert config.server.port == 8080
    assert one.authorization is not None
    assert one.authorization.get_secret_value() == SECRET
    assert one.config == {"k": [SECRET], "n": "x${env:A_KEY}"}
    assert SECRET not in repr(config.server)


def test_the_templates_folder_is_beside_the_config(load: Load, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert load("templates: mine").templates == tmp_path / "mine"


# --- what it may not ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sever: {}", "sever: unknown key; did you mean server?"),
        ("server: {prot: 1}", "server.prot: unknown key; did you mean port?"),
        ("server: {zzz: 1}", "server.zzz: unknown key; known: host, port, api_token, "),
        ("retention: {cuont: 1}", "retention.cuont: unknown key; did you mean count?"),
        (
            "connectors: [{id: a, factory: f, config: {}}, {id: b, factry: f, config: {}}]",
            "connectors.1.factory: Field required; connectors.1.factry: unknown key; did you mean factory?",
        ),
        ("mode: real", "mode: must be 'sandbox' or 'live'"),
        ("server: {port: 65536}", "server.port: must be less than or equal to 65535"),
        ("server: {port: -1}", "server.port: must be greater than or equal to 0"),
        ("server: {port: x}", "server.port: must be a valid integer"),
        ("server: []", "server: must be a valid dictionary"),
        ("connectors: [{id: a, factory: f}]", "connectors.0: give either config or config_file"),
        ("connectors: [{id: a, factory: f, config: {}, config_file: x}]", "connectors.0: give either config or"),
        ("connectors: [{id: '-', factory: f, config: {}}]", "connectors.0.id: String should match pattern"),
        (
            "connectors: [{id: a, factory: f, config: {}}, {id: a, factory: f, config: {}}]",
            "connectors: the id a is given twice",
        ),
        ("- 1", "must hold keys and values, such as server: {port: 4650}"),
        ("just text", "must hold keys and values"),
        ("server: {port: 1\n", "line 2, column 1: "),
        ("a: 1\na: 2", "line 2, column 1: "),
        ("\x00", "is not YAML"),
        ("a: !!bool x", "is not YAML"),
        ("a: !!python/object/apply:os.system [true]", "line 1, column 4: "),
        (b"a: \xff\xfe", "is not UTF-8"),
        (b"#" * (1024 * 1024 + 1), "is larger than 1 MiB"),
        ("server: {host: 0.0.0.0}", "server: host 0.0.0.0 is reachable from other machines: set an API token"),
        ("server: {host: ''}", "server: host  is reachable from other machines"),
        ("server: {host: '::'}", "server: host :: is reachable from other machines"),
        ("server: {api_token: ''}", "server.api_token: must not be empty"),
        ("connectors: [{id: a, factory: f, config: {}, authorization: ''}]", "connectors.0.authorization: "),
        ("connectors: &a [*a]", "is nested too deeply, or contains itself"),
        ("fakes: &a {x: *a}", "is nested too deeply, or contains itself"),
        ("fakes: " + "[" * 5000, "is not YAML"),
        ("fakes: {1: {}}", "fakes.1"),
        ('server: {host: "a\\nb"}', "server: host "),
        ('"a\\nb": 1', "a"),
        ("templates: no/such/folder", "templates: "),
    ],
)
def test_what_is_wrong_is_one_line_with_place_and_fix(
    refused: Callable[[str | bytes], str], text: str | bytes, message: str
) -> None:
    assert refused(text).startswith(message)


def test_all_problems_are_named_at_once(refused: Callable[[str | bytes], str]) -> None:
    found = refused("mode: x\nserver: {port: x, prot: 1}")
    assert found.count(";") >= 2
    for place in ("mode: ", "server.port: ", "server.prot: "):
        assert place in found


def test_a_variable_that_is_not_set_is_named_with_its_place(
    refused: Callable[[str | bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    found = refused("connectors: [{id: a, factory: f, config: {k: ['${env:NOT_SET}']}}]")
    assert found == "connectors.0.config.k.0: the environment variable NOT_SET is not set"


def test_a_file_that_is_not_there_or_a_directory_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: no such file or directory$"):
        load_config(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match=r": is a directory$"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file or directory"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[1]", "must be a JSON object"),
        (b"[" * 200_000, "is not JSON"),
    ],
)
def test_a_config_file_that_cannot_be_used_is_one_line(
    refused: Callable[[str | bytes], str], tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "c.json"
    if content is not None:
        path.write_bytes(content)
    found = refused("connectors: [{id: a, factory: f, config_file: c.json}]")
    assert found == f"connectors.a.config_file: {path}: {reason}"


@pytest.mark.parametrize(
    "text",
    [
        f"server: {{api_token: {SECRET}, api_token: other}}",
        f"server:\n  api_token: other\n  api_token: {SECRET}\n",
        f"server: {{api_token: [{SECRET}]}}",
        f"server: {{api_token: {{{SECRET}: 1}}}}",
        f"server: {{api_token: {SECRET}, host: 0.0.0.0, port: x, nonsense: 1}}",
        f"connectors: [{{id: a, factory: f, authorization: [{SECRET}], config: {{accessKeySecret: {SECRET}}}}}]",
        f"connectors: [{{id: a, factory: f, config: [{SECRET}]}}]",
        f"connectors: {SECRET}",
        f"server: {{api_token: '{SECRET}",
        f"connectors: [{{id: a, factory: f, config: {{accessKeySecret: {SECRET}, accessKeySecret: x}}}}]",
        f"server: {{api_token: *{SECRET}}}",
        f"server: {{api_token: !{SECRET}}}",
    ],
)
def test_no_message_holds_a_secret(refused: Callable[[str | bytes], str], text: str) -> None:
    assert SECRET not in refused(text)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SECTIONS = st.sampled_from(["mode", "server", "store", "templates", "retention", "connectors", "fakes", "other"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(SECTIONS, TREES, max_size=3))
def test_any_tree_is_a_config_or_one_line(tmp_path: Path, tree: dict[str, Any]) -> None:
    _is_a_config_or_one_line(tmp_path, json.dumps(tree).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_config_or_one_line(tmp_path: Path, text: bytes) -> None:
    _is_a_config_or_one_line(tmp_path, text)


def _is_a_config_or_one_line(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_bytes(text)
    try:
        load_config(path)
    except ConfigError as error:
        assert len(error.message.splitlines()) == 1  # noqa: PT017  # it need not be raised
