"""The config file: what it may say. What it may not: ``test_config_mistakes``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import Config, StoreConfig, load, load_config
from gateway.core.errors import ConfigError
from tests.support import toy
from tests.support.configs import ALIYUN, LOGTO, TOY_MAIL, providers

Load = Callable[[str | bytes], Config]
SECRET = "hunter2-secret"


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    def write_and_load(text: str | bytes) -> Config:
        path = tmp_path / "gateway.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_config(path, None, providers())

    return write_and_load


DEMO = ["sms", "email", "oauth2", "oidc", "huggingface"]


def test_without_a_file_there_is_a_sandbox_with_its_demo_connectors() -> None:
    config = load_config(None)
    assert (config.mode, config.server.host, config.server.port) == ("sandbox", "127.0.0.1", 4650)
    assert [connector.id for connector in config.connectors or ()] == DEMO


@pytest.mark.parametrize("text", ["", "# nothing\n", "mode: sandbox", "connectors: null", "---\n...\n"])
def test_a_file_that_says_nothing_of_connectors_has_the_demo_ones(load_text: Load, text: str) -> None:
    assert [connector.id for connector in load_text(text).connectors or ()] == DEMO


def test_in_mode_live_there_are_no_demo_connectors(load_text: Load) -> None:
    """Their credentials are known to fakes only."""
    assert load_text("mode: live").connectors == ()


def test_a_file_may_want_no_connectors(load_text: Load) -> None:
    assert load_text("connectors: []").connectors == ()


def test_the_command_line_wins_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("server: {port: 1, host: localhost}")
    server = load_config(path, {"server": {"port": 2}}).server
    assert (server.port, server.host) == (2, "localhost")


def test_values_are_those_of_yaml_1_2(load_text: Load) -> None:
    assert load_text("server: {port: 0o17}").server.port == 15
    assert load_text("server: {port: 010}").server.port == 10
    config = f"{{id: a, factory: {toy.FACTORY}, config: {{a: 2001-01-01, b: on, c: 12:30, d: !!str 1, e: .inf}}}}"
    (one,) = load_text(f"connectors: [{config}]").connectors or ()
    assert one.config == {"a": "2001-01-01", "b": "on", "c": "12:30", "d": "1", "e": float("inf")}


def test_json_is_yaml_also_beyond_the_first_plane(load_text: Load) -> None:
    document = {"connectors": [{"id": "a", "factory": toy.FACTORY, "config": {"k": "网关 😀"}}]}
    (one,) = load_text(json.dumps(document)).connectors or ()
    assert one.config == {"k": "网关 😀"}


def test_anchors_and_merge_keys_save_writing(load_text: Load) -> None:
    config = load_text(
        "connectors:\n"
        f"- &first {{id: a, factory: {toy.FACTORY}, config: {{k: 1}}, authorization: x}}\n"
        "- {<<: *first, id: b}\n"
        "- {<<: [{id: c, config: {k: 2}}, *first]}\n"
    )
    assert [(one.id, one.factory, one.config) for one in config.connectors or ()] == [
        ("a", toy.FACTORY, {"k": 1}),
        ("b", toy.FACTORY, {"k": 1}),
        ("c", toy.FACTORY, {"k": 2}),
    ]


def test_connectors_have_channels_and_the_file_chooses_their_defaults(load_text: Load) -> None:
    config = load_text(
        f"defaults: {{sms: b, email: m}}\n"
        "connectors:\n"
        f"- {{id: a, factory: {toy.FACTORY}, config: {{}}}}\n"
        f"- {{id: b, factory: {toy.FACTORY}, config: {{}}, live: true}}\n"
        f"- {{id: m, factory: {TOY_MAIL}, config: {{}}}}\n"
        "live: {allow: ['+8613800138000', '+86 139*', '*@example.com', ada@example.com, '*'], sends_per_day: 0}"
    )
    assert config.defaults == {"sms": "b", "email": "m"}
    assert [one.live for one in config.connectors or ()] == [False, True, False]
    assert config.live.sends_per_day == 0
    assert len(config.live.allow) == 5


def test_nobody_is_allowed_unless_the_file_says_so() -> None:
    live = load_config(None).live
    assert (live.allow, live.sends_per_day) == ((), 50)


def test_a_public_url_is_kept_without_its_last_slash(load_text: Load) -> None:
    url = "https://gateway.example.com:8443/sub"
    assert load_text(f"server: {{public_url: '{url}/'}}").server.public_url == url


# --- stores -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["store: memory", "store: 'memory:'", "{store: memory:}"])
def test_a_store_in_memory(load_text: Load, text: str) -> None:
    assert load_text(text).store_config == StoreConfig("memory")


def test_a_store_in_a_file_is_beside_the_config(load_text: Load, tmp_path: Path) -> None:
    config = load_text("store: sqlite:data/gateway.db")
    assert config.store == f"sqlite:{tmp_path}/data/gateway.db"
    assert config.store_config == StoreConfig("sqlite", tmp_path / "data" / "gateway.db")
    assert not (tmp_path / "data").exists()


def test_a_store_of_the_command_line_is_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "gateway.yaml").write_text("store: memory")
    config = load_config(tmp_path / "gateway.yaml", {"store": "sqlite:x.db"})
    assert config.store_config.path == tmp_path / "here" / "x.db"


def test_a_tilde_is_the_home_folder(load_text: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert load_text("store: sqlite:~/x.db").store_config.path == tmp_path / "home" / "x.db"


def test_an_absolute_path_stays(load_text: Load) -> None:
    assert load_text("store: sqlite:/data/x.db").store == "sqlite:/data/x.db"


def test_a_store_that_is_not_named_is_nobody_s_choice_yet() -> None:
    config = load_config(None)
    assert config.store is None
    assert config.store_config == StoreConfig("memory")


# --- files beside it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [LOGTO, {"id": "x1", "connectorId": ALIYUN, "config": LOGTO, "type": "Sms", "metadata": {}}],
    ids=["the config alone", "a connector of Logto's API"],
)
def test_a_connectors_config_file_is_found_beside_the_config(
    load_text: Load, tmp_path: Path, document: dict[str, object]
) -> None:
    (tmp_path / "aliyun.json").write_text(json.dumps(document, ensure_ascii=False))
    (one,) = load_text(f"connectors: [{{id: a, factory: {ALIYUN}, config_file: aliyun.json}}]").connectors or ()
    assert one.config == LOGTO
    assert one.config_file is None


def test_a_config_file_saved_by_notepad_is_read_too(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(b"\xef\xbb\xbf" + b'{"a": 1}')
    (one,) = load_text(f"connectors: [{{id: a, factory: {toy.FACTORY}, config_file: c.json}}]").connectors or ()
    assert one.config == {"a": 1}


def test_the_templates_folder_is_beside_the_config(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert load_text("templates: mine").templates == tmp_path / "mine"


def test_values_come_from_the_environment_as_a_whole(
    tmp_path: Path, load_text: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_PORT", "8080")
    monkeypatch.setenv("A_KEY", SECRET)
    config = load_text(
        "server: {port: '${env:A_PORT}'}\n"
        "connectors:\n"
        f"  - {{id: a, factory: {toy.FACTORY}, authorization: '${{env:A_KEY}}',\n"
        "     config: {k: ['${env:A_KEY}'], n: 'x${env:A_KEY}'}}\n"
    )
    (one,) = config.connectors or ()
    assert config.server.port == 8080
    assert one.authorization is not None
    assert one.authorization.get_secret_value() == SECRET
    assert one.config == {"k": [SECRET], "n": "x${env:A_KEY}"}
    assert SECRET not in repr(config.server)
    assert load(tmp_path / "gateway.yaml", None, providers()).ignored_variables == [
        ("connectors", 0, "config", "n")
    ]


# --- many ---------------------------------------------------------------------------------------------------


@pytest.mark.slow  # five seconds, most of them in the YAML parser
def test_ten_thousand_connectors_load(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(LOGTO))
    lines = "".join(f"- {{id: c{at}, factory: {ALIYUN}, config_file: c.json}}\n" for at in range(10_000))
    path = tmp_path / "gateway.yaml"
    path.write_text(f"connectors:\n{lines}")
    assert len(load_config(path).connectors or ()) == 10_000


def test_a_thousand_wrong_connectors_are_told_of_in_a_page(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    one = {"id": "same", "factory": "aliyun-short-mesage-service", "confg": {}}
    path.write_text(f"connectors: {json.dumps([one] * 1_000)}")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    *lines, last = caught.value.message.splitlines()
    assert len(lines) == 100
    assert last == "and 3,899 more"
