"""``gateway check``: what is wrong, what a config comes to, and whether a message arrives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import Run
from tests.support.configs import ALIYUN, LOGTO
from tests.support.tiers import examples

NUMBER = "13800138000"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("gateway.yaml")


def write(file: Path, **sections: Any) -> None:
    file.write_text(json.dumps(sections), "utf-8")


def connector(connector_id: str, **more: Any) -> dict[str, Any]:
    return {"id": connector_id, "factory": ALIYUN, "config": LOGTO, **more}


def test_all_that_is_wrong_is_told_a_line_each(run: Run, file: Path) -> None:
    file.write_text("mode: sandbx\nserver:\n  prot: 1")
    result = run("check", "gateway.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "Error: the config cannot work:",
        "  gateway.yaml:1: mode: must be 'sandbox' or 'live'",
        "  gateway.yaml:3: server.prot: unknown key; did you mean port?",
    ]


def test_one_thing_that_is_wrong_is_one_line(run: Run, file: Path) -> None:
    file.write_text("store: memory:")
    (line,) = run("check", "gateway.yaml").stderr.splitlines()
    assert line.startswith("Error: gateway.yaml:1: store: write memory, or put it in quotes")


def test_as_json_problems_are_values(run: Run, file: Path) -> None:
    file.write_text("server: {port: x}")
    result = run("check", "gateway.yaml", "--json")
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "config.invalid"
    assert error["data"] == {
        "problems": [{"path": ["server", "port"], "line": 1, "message": "must be a whole number"}]
    }


def test_the_effective_config_has_every_setting_and_no_secret(run: Run, file: Path) -> None:
    write(
        file,
        server={"api_token": "hunter2-token"},
        store="sqlite:x.db",
        connectors=[
            connector(
                "a",
                config={**LOGTO, "accessKeySecret": "hunter2-secret", "password": "hunter2-other"},
                options={"security_token": "hunter2-sts", "timeout_seconds": 3},
                authorization="hunter2-authorization",
            )
        ],
        fakes={"aliyun-sms": {"accounts": [{"access_key_id": "k2", "access_key_secret": "hunter2-fake"}]}},
    )
    shown, as_json = run("check", "gateway.yaml"), run("check", "gateway.yaml", "--json")
    assert (shown.exit_code, as_json.exit_code) == (0, 0)
    assert "hunter2" not in shown.output + as_json.output
    config = json.loads(as_json.stdout)["config"]
    assert config["server"] == {
        "host": "127.0.0.1",
        "port": 4650,
        "tls_port": None,
        "tls_folder": None,
        "public_url": None,
        "api_token": "********",
        "insecure_open": False,
        "shared": False,
        "allow_hosts": [],
        "allow_origins": [],
    }
    assert config["store"] == f"sqlite:{Path.cwd()}/x.db"
    (one,) = config["connectors"]
    assert one["config"] == {**LOGTO, "accessKeySecret": "********", "password": "********"}
    assert one["options"] == {"security_token": "********", "timeout_seconds": 3}
    assert one["authorization"] == "********"
    assert config["fakes"]["aliyun-sms"]["accounts"] == [{"access_key_id": "k2", "access_key_secret": "********"}]


def test_a_store_that_is_not_named_is_the_one_that_serve_would_take(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    file.write_text("")
    store = json.loads(run("check", "gateway.yaml", "--json").stdout)["config"]["store"]
    assert store.startswith("sqlite:")
    assert store.endswith("gateway.db")
    assert "connector-gateway" in store
    assert not (tmp_path / "data").exists()


def test_problems_come_before_the_settings(run: Run, file: Path) -> None:
    write(file, live={"allow": ["*"]})
    assert run("check", "gateway.yaml").output.startswith("Warning: live.allow: nothing is live")
    fakes = {"aliyun-sms": {"strict": True, "blacklist": [NUMBER]}}
    write(file, connectors=[connector("a")], fakes=fakes, live={"allow": ["*"]})
    refused = run("check", "gateway.yaml", "--send-to", NUMBER).output
    assert refused.index("Warning: ") < refused.index("Not sent") < refused.index("gateway.yaml can work")


def test_it_says_where_each_connector_sends_and_warns(run: Run, file: Path) -> None:
    write(
        file,
        connectors=[
            connector("a", config={**LOGTO, "region": "cn", "signName": "x${env:SIGN}"}),
            connector("b"),
            connector("c", live=True),
        ],
        defaults={"sms": "b"},
    )
    result = run("check", "gateway.yaml")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines() if line.startswith(("a ", "b ", "c "))]
    assert [row[:3] for row in rows] == [["a", "sms", "its"], ["b", "sms", "yes"], ["c", "sms", "the"]]
    assert result.stderr.splitlines() == [
        "Warning: connectors.0: a: config.region is ignored: nobody knows that key",
        "Warning: connectors.0: a: used by senders that name it only; b is the default for sms",
        "Warning: connectors.2: c: used by senders that name it only; b is the default for sms",
        "Warning: live.allow: is empty: live connectors may write to nobody",
        (
            "Warning: connectors.0.config.signName: ${env:NAME} is taken as it stands: only a whole value "
            "comes from the environment"
        ),
    ]
    found = json.loads(run("check", "gateway.yaml", "--json").stdout)
    assert [(one["sendsTo"], one["default"]) for one in found["connectors"]] == [
        ("fake", False),
        ("fake", True),
        ("live", False),
    ]


@pytest.mark.parametrize(
    ("sections", "warning"),
    [
        ({"live": {"allow": ["*"]}}, "live.allow: nothing is live: it has no effect"),
        (
            {"mode": "live", "connectors": [connector("a")]},
            "live.allow: is empty: live connectors may write to nobody",
        ),
        (
            {"mode": "live", "connectors": [connector("a")], "live": {"allow": ["*"], "sends_per_day": 0}},
            "live.sends_per_day: is 0: live connectors may write to nobody",
        ),
        (
            {"fakes": {"aliyun-sms": {"templates": [{"code": "SMS_5", "text": "验证码{{ code }}"}]}}},
            "fakes.aliyun-sms.templates: template SMS_5: {{code}} is sent as it stands; Aliyun fills ${code}",
        ),
    ],
)
def test_what_cannot_be_meant_is_a_warning(run: Run, file: Path, sections: dict[str, Any], warning: str) -> None:
    write(file, **sections)
    assert run("check", "gateway.yaml").stderr == f"Warning: {warning}\n"


# --- sending ------------------------------------------------------------------------------------------------


def test_the_test_code_arrives_at_the_fake_and_is_shown(run: Run, file: Path) -> None:
    write(file, server={"api_token": "x", "host": "0.0.0.0"}, connectors=[connector("a"), connector("b")])
    result = run("check", "gateway.yaml", "--send-to", NUMBER, "--connector", "b", "--json")
    assert result.exit_code == 0, result.output
    sent = json.loads(result.stdout)["sent"]
    assert (sent["type"], sent["code"], sent["connectorId"]) == ("Generic", "000000", "b")
    assert sent["receipt"]["providerCode"] == "OK"
    assert (sent["capture"]["code"], sent["capture"]["type"]) == ("000000", "Generic")


def test_for_people_the_message_is_shown_as_it_was_taken(run: Run, file: Path) -> None:
    file.write_text("")
    result = run("check", "gateway.yaml", "--send-to", NUMBER)
    assert result.exit_code == 0, result.output
    assert f"Sent Generic to {NUMBER} through sms" in result.stdout
    assert "验证码" in result.stdout.split("message  ")[1]


def test_a_send_that_fails_is_exit_code_1(run: Run, file: Path) -> None:
    """The number is on the fake's blacklist. Nothing here can leave the machine: no number is allowed."""
    write(file, connectors=[connector("a")], fakes={"aliyun-sms": {"strict": True, "blacklist": [NUMBER]}})
    refused = run("check", "gateway.yaml", "--send-to", NUMBER)
    assert refused.exit_code == 1
    assert "Not sent" in refused.stderr
    write(file, mode="live", connectors=[connector("a")])
    live = run("check", "gateway.yaml", "--send-to", NUMBER, "--json")
    assert live.exit_code == 1
    assert json.loads(live.stdout)["error"]["code"] == "connector.recipient_not_allowed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--connector", "sms"), "--send-to"),
        (("--send-to", NUMBER, "--connector", "nobody"), "there is no connector with that id"),
        (("--send-to", "ada@example.com"), "there is no connector for email"),
        (("--send-to", "nobody"), "to: must be a phone number"),
    ],
)
def test_a_send_that_makes_no_sense_is_exit_code_2(
    run: Run, file: Path, arguments: tuple[str, ...], said: str
) -> None:
    write(file, connectors=[connector("sms")])
    result = run("check", "gateway.yaml", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_name_with_control_characters_moves_no_cursor(run: Run, file: Path) -> None:
    result = run("check", "\x1b[2J.yaml")
    assert result.exit_code == 2
    assert "\x1b" not in result.output


# --- secrets ------------------------------------------------------------------------------------------------

SECRETS = st.from_regex(r"[a-zA-Z0-9+/]{12,40}", fullmatch=True).map(lambda text: f"zq{text}")
BREAKS = st.sampled_from(
    [{}, {"mode": "x"}, {"sever": {}}, {"store": "x:y"}, {"defaults": {"sms": "x"}}, {"fakes": {"zz": {}}}]
)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    secret=SECRETS,
    broken=BREAKS,
    wrapped=st.sampled_from(
        [lambda one: one, lambda one: [one], lambda one: {"x": one}, lambda one: f"{one} {one}"]
    ),
    place=st.sampled_from(
        ["api_token", "authorization", "accessKeySecret", "unknownKey", "token", "fake", "public"]
    ),
)
def test_no_part_of_a_secret_is_ever_printed(
    run: Run, file: Path, secret: str, broken: dict[str, Any], wrapped: Any, place: str
) -> None:
    given_ = wrapped(secret)
    account: dict[str, Any] = {"access_key_id": "k", "access_key_secret": "s"}
    server: dict[str, Any] = {}
    one = connector("a")
    if place == "api_token":
        server["api_token"] = given_
    elif place == "authorization":
        one["authorization"] = given_
    elif place in {"accessKeySecret", "unknownKey"}:
        one["config"] = {**LOGTO, place: given_}
    elif place == "token":
        one["options"] = {"security_token": given_}
    elif place == "public":
        server["public_url"] = f"https://user:{secret}@example.com"
    else:
        account["access_key_secret"] = given_
    write(
        file, **{"server": server, "connectors": [one], "fakes": {"aliyun-sms": {"accounts": [account]}}, **broken}
    )
    for arguments in ((), ("--json",)):
        result = run("check", "gateway.yaml", *arguments)
        assert result.exit_code in {0, 2}
        assert all(secret[at : at + 8] not in result.output for at in range(len(secret) - 7))


def test_a_live_connector_without_an_authorization_on_an_open_server_is_warned_about(run: Run, file: Path) -> None:
    live = connector("a", live=True)
    guarded = connector("b", live=True, authorization="Bearer x")
    for server, needed in (
        ({"host": "0.0.0.0", "api_token": "a-token"}, "its send takes the API token"),
        ({"host": "0.0.0.0", "insecure_open": True}, "nothing can send through it"),
        ({"api_token": "a-token"}, None),
    ):
        write(file, server=server, connectors=[live, guarded], live={"allow": ["*"]}, defaults={"sms": "b"})
        warnings = json.loads(run("check", "gateway.yaml", "--json").stdout)["warnings"]
        found = [one for one in warnings if "authorization" in one["message"]]
        assert [one["path"] for one in found] == ([["connectors", 0]] if needed else [])
        assert all(needed in one["message"] for one in found if needed)


def test_the_published_key_is_warned_about_if_a_random_one_replaces_it(run: Run, file: Path) -> None:
    published = {"accessKeyId": "sandbox-key-id", "accessKeySecret": "sandbox-key-secret"}
    connectors = [connector("a", config={**LOGTO, **published}), connector("b")]
    for server, places in (({"api_token": "a-token"}, [["connectors", 0]]), ({}, [])):
        write(file, server=server, connectors=connectors)
        warnings = json.loads(run("check", "gateway.yaml", "--json").stdout)["warnings"]
        assert [one["path"] for one in warnings if "published" in one["message"]] == places
