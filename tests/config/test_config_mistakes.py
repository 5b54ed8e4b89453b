"""Files that cannot work, and every word that is said about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import load_config
from gateway.core.errors import ConfigError
from tests.support import toy
from tests.support.configs import ALIYUN, LOGTO, TOY_MAIL, messages, providers
from tests.support.tiers import nth_fast

SECRET = "hunter2-secret"
Refused = Callable[[str | bytes], list[str]]


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """``line: path: what`` of each problem of a file."""
    path = tmp_path / "gateway.yaml"

    def told(text: str | bytes) -> list[str]:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ConfigError) as caught:
            load_config(path, None, providers())
        return messages(caught.value, path)

    return told


TOY = f"factory: {toy.FACTORY}, config: {{}}"
KNOWN = f"known: {ALIYUN}, aws-ses-mail, huggingface-universal, oauth2, oidc, {TOY_MAIL}, {toy.FACTORY}"
OPEN = "is reachable from other machines: set an API token (--api-token), or say --insecure-open"
SECTIONS = (
    "known: mode, server, store, templates, retention, connectors, defaults, live, codes, magic_recipients, fakes"
)
EIGHT = "must be at most 8 seconds, which is what a whole send has"
QUOTES = "must be text: put it in quotes"
ALLOW = 'must be a number such as "+8613800138000" or "+86139*", an address, "*@example.com", or "*"'
STORE = "1: store: must be memory, or sqlite:PATH such as sqlite:gateway.db"
ID = "must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or a digit"
ALIAS = "1: an alias without its anchor: put a text that begins with * in quotes"
URL = "1: server.public_url: must be"
TAGS = "1: tags are not understood here: take it out"


MISTAKES = [
    # Keys
    ("sever: {}", ["1: sever: unknown key; did you mean server?"]),
    ("mode: sandbox\nserver:\n  prot: 1", ["3: server.prot: unknown key; did you mean port?"]),
    (
        "server: {zzz: 1}",
        [
            (
                "1: server.zzz: unknown key; known: host, port, tls_port, tls_folder, public_url, api_token, "
                "insecure_open, shared, allow_hosts, allow_origins"
            )
        ],
    ),
    ("retention: {cuont: 1}", ["1: retention.cuont: unknown key; did you mean count?"]),
    ("live: {alow: []}", ["1: live.alow: unknown key; did you mean allow?"]),
    ("defaults: {voice: a}", ["1: defaults.voice: unknown key; known: sms, email"]),
    ('"a.b\\n": 1', [f'1: "a.b\\n": unknown key; {SECTIONS}']),
    ("1: x", [f"1: 1: unknown key; {SECTIONS}"]),
    # Values
    ("mode: real", ["1: mode: must be 'sandbox' or 'live'"]),
    ("server: {port: 65536}", ["1: server.port: must be at most 65535"]),
    ("server: {port: -1}", ["1: server.port: must be at least 0"]),
    ("server: {port: x}", ["1: server.port: must be a whole number"]),
    ("server: {port: 1.5}", ["1: server.port: must be a whole number"]),
    ("server: {port: }", ["1: server.port: must be a whole number"]),
    ("server: {shared: banana}", ["1: server.shared: must be true or false"]),
    ("server: {allow_hosts: a}", ["1: server.allow_hosts: must be a list"]),
    ("server: []", ["1: server: must hold keys and values"]),
    ("server: {api_token: ''}", ["1: server.api_token: must not be empty"]),
    ("server: {api_token: 12345}", [f"1: server.api_token: {QUOTES}"]),
    ("server: {host: 0.0.0.0}", [f"1: server.host: {OPEN}"]),
    ("server: {host: 0.0.0.0, port: x}", [f"1: server.host: {OPEN}", "1: server.port: must be a whole number"]),
    ("server: {host: ''}", [f"1: server.host: {OPEN}"]),
    ("server: {host: '::'}", [f"1: server.host: {OPEN}"]),
    ('server: {host: "a\\nb"}', [f"1: server.host: {OPEN}"]),
    ("server: {public_url: gateway}", [f"{URL} a URL such as https://gateway.example.com"]),
    ("server: {public_url: 'http://['}", [f"{URL} a URL such as https://gateway.example.com"]),
    ("server: {public_url: 'https://u:p@h'}", [f"{URL} scheme, host, port and path only"]),
    ("retention: {count: 0}", ["1: retention.count: must be at least 1"]),
    ("retention: {hours: .nan}", ["1: retention.hours: must be a finite number"]),
    ("retention: {hours: 0}", ["1: retention.hours: must be more than 0"]),
    ("templates: no/such", ["1: templates: no/such: must be a folder"]),
    ("templates: gateway.yaml", ["1: templates: gateway.yaml: must be a folder"]),
    ("templates: [a]", ["1: templates: must be a path"]),
    (f"templates: {'x' * 300}", [f"1: templates: {'x' * 300}: file name too long"]),
    ("store: disk", [STORE]),
    ("store: 'sqlite:'", [STORE]),
    ("store: 5", [f"1: store: {QUOTES}"]),
    ("store: 'sqlite::memory:'", ["1: store: write memory for a store that goes with the process"]),
    (
        "store: sqlite:///x.db",
        ["1: store: write the path alone, such as sqlite:gateway.db or sqlite:/var/lib/gateway.db"],
    ),
    ("live: {sends_per_day: -1}", ["1: live.sends_per_day: must be at least 0"]),
    ("live: {allow: [+8613800138000]}", [f"1: live.allow.0: {QUOTES}"]),
    ("live: {allow: ['*', x, 'a*@b.c']}", [f"1: live.allow.1: {ALLOW}", f"1: live.allow.2: {ALLOW}"]),
    ("live: {allow: ['5']}", [f"1: live.allow.0: {ALLOW}"]),
    # Connectors
    ("connectors: {}", ["1: connectors: must be a list"]),
    ("connectors: [x]", ["1: connectors.0: must hold keys and values"]),
    (
        f"connectors:\n- {{id: a, factory: {toy.FACTORY}}}",
        ["2: connectors.0: give either config or config_file"],
    ),
    (
        f"connectors:\n- {{id: a, {TOY}, config_file: x}}",
        ["2: connectors.0: give either config or config_file"],
    ),
    (f"connectors: [{{id: '-', {TOY}}}]", [f"1: connectors.0.id: {ID}"]),
    (f"connectors: [{{{TOY}}}]", ["1: connectors.0.id: is missing"]),
    (
        f"connectors: [{{id: a, {TOY}, authorization: ''}}]",
        ["1: connectors.0.authorization: must not be empty"],
    ),
    (f"connectors: [{{id: a, {TOY}, live: perhaps}}]", ["1: connectors.0.live: must be true or false"]),
    (
        f"connectors:\n- {{id: a, {TOY}}}\n- {{id: b, {TOY}}}\n- {{id: a, {TOY}}}",
        ["4: connectors.2.id: is taken by connectors.0"],
    ),
    (
        "connectors: [{id: a, factory: toy-sm, config: {}}]",
        ["1: connectors.0.factory: unknown; did you mean toy-sms?"],
    ),
    ("connectors: [{id: a, factory: zzz, config: {}}]", [f"1: connectors.0.factory: unknown; {KNOWN}"]),
    (
        f"connectors: [{{id: a, factory: {toy.FACTORY}, config: {{bad: 1}}}}]",
        ["1: connectors.0.config.bad: must not be there"],
    ),
    (
        (
            "connectors:\n"
            f"- {{id: a, {TOY}}}\n"
            f"- id: b\n  factory: {ALIYUN}\n  config:\n    accessKey: a\n    signName: 5\n    templates: [1]\n"
            "  options:\n    timeout: 5\n    timeout_seconds: 9"
        ),
        [
            "5: connectors.1.config.accessKeyId: is missing",
            "5: connectors.1.config.accessKeySecret: is missing",
            "6: connectors.1.config.accessKey: is called accessKeyId",
            "7: connectors.1.config.signName: must be a string",
            "8: connectors.1.config.templates.0: must be an object",
            "10: connectors.1.options.timeout: is unknown: did you mean timeout_seconds?",
            f"11: connectors.1.options.timeout_seconds: {EIGHT}",
        ],
    ),
    (
        f"connectors:\n- id: a\n  factory: {ALIYUN}\n  config: {json.dumps({**LOGTO, 'templates': []})}",
        [
            (
                "4: connectors.0.config.templates: add one for each usageType of Register, SignIn, "
                "ForgotPassword, Generic, which Logto demands"
            )
        ],
    ),
    (
        f"connectors: [{{id: a, factory: {toy.FACTORY}, config: {{key: '********'}}}}]",
        ["1: connectors.0.config.key: is masked: ******** is what a secret is shown as"],
    ),
    # Defaults
    (
        f"connectors: [{{id: mine, {TOY}}}]\ndefaults: {{sms: mien}}",
        ["2: defaults.sms: there is no such connector; did you mean mine?"],
    ),
    ("connectors: []\ndefaults: {sms: a}", ["2: defaults.sms: there is no such connector; known: none"]),
    (
        f"connectors: [{{id: a, {TOY}}}]\ndefaults: {{email: a}}",
        ["2: defaults.email: that connector sends sms, not email"],
    ),
    ("defaults: {sms: 5}", [f"1: defaults.sms: {QUOTES}"]),
    # Fallbacks
    (
        f"connectors:\n- {{id: first, {TOY}, fallback: secnd}}\n- {{id: second, {TOY}}}",
        ["2: connectors.0.fallback: there is no such connector; did you mean second?"],
    ),
    (
        f"connectors:\n- {{id: a, {TOY}, fallback: [b, x]}}\n- {{id: b, {TOY}}}",
        ["2: connectors.0.fallback.1: there is no such connector; known: a, b"],
    ),
    (
        f"connectors: [{{id: a, {TOY}, fallback: a}}]",
        ["1: connectors.0.fallback: goes round in a circle: a -> a"],
    ),
    (
        "connectors:\n" + "".join(f"- {{id: {a}, {TOY}, fallback: {b}}}\n" for a, b in ("ab", "bc", "cb")),
        ["3: connectors.1.fallback: goes round in a circle: b -> c -> b"],
    ),
    (
        f"connectors:\n- {{id: a, {TOY}, fallback: [b, b]}}\n- {{id: b, {TOY}}}",
        ["2: connectors.0.fallback.1: is named twice"],
    ),
    (
        f"connectors:\n- {{id: a, {TOY}, fallback: m}}\n- {{id: m, factory: {TOY_MAIL}, config: {{}}}}",
        ["2: connectors.0.fallback: m sends email, not sms"],
    ),
    (
        f"connectors:\n- {{id: a, {TOY}, live: true, fallback: b}}\n- {{id: b, {TOY}}}",
        ["2: connectors.0.fallback: b is not live: what it takes reaches nobody"],
    ),
    (
        f"connectors: [{{id: a, {TOY}, fallback: 5}}]",
        ["1: connectors.0.fallback: must be the id of a connector, or a list of ids"],
    ),
    (f"connectors: [{{id: [], {TOY}, fallback: b}}]", ["1: connectors.0.id: must be text"]),
    (f"connectors: [{{id: a, {TOY}, fallback: [5]}}]", [f"1: connectors.0.fallback.0: {QUOTES}"]),
    (
        f"connectors: [{{id: a, {TOY}, fallback: {list('bcdefghij')}}}]".replace("'", ""),
        ["1: connectors.0.fallback: must be at most 8 ids"],
    ),
    # Fakes
    ("fakes: {aliyun: {}}", ["1: fakes.aliyun: unknown; did you mean aliyun-sms?"]),
    ("fakes: {aliyun-sms: 5}", ["1: fakes.aliyun-sms: must hold keys and values"]),
    (
        "fakes:\n  aliyun-sms:\n    strct: true\n    freshness_seconds: 0\n    accounts: [{access_key_id: a}]",
        [
            "3: fakes.aliyun-sms.strct: unknown key; did you mean strict?",
            "4: fakes.aliyun-sms.freshness_seconds: must be more than 0",
            "5: fakes.aliyun-sms.accounts.0.access_key_secret: is missing",
        ],
    ),
    (
        "fakes:\n  aliyun-sms:\n    check_order: [nonce]",
        [
            (
                "3: fakes.aliyun-sms.check_order: must name each of version, action, access_key, timestamp, "
                "signature, nonce once"
            )
        ],
    ),
    (
        "mode: live\nfakes: {aliyun-sms: {}}",
        ["2: fakes.aliyun-sms: there are no fakes in mode live: take it out"],
    ),
    # YAML
    ("- 1", [" must hold keys and values, such as server: {port: 4650}"]),
    ("just text", [" must hold keys and values, such as server: {port: 4650}"]),
    ("server: {port: 1\n", ["2: expected ',' or '}', but got '<stream end>'"]),
    ("a: 'x", ["1: the file ends too early: a quote is not closed"]),
    ("a: [", ["1: the file ends too early: a bracket is not closed"]),
    ("store: memory:", ["1: store: write memory, or put it in quotes: a colon at the end begins a mapping"]),
    (
        "store: memory: # so",
        ["1: store: write memory, or put it in quotes: a colon at the end begins a mapping"],
    ),
    ("mode: sandbox: x", ["1: a value with a colon in it needs quotes"]),
    ("\tmode: sandbox", ["1: a tab; YAML wants spaces"]),
    ("mode: sandbox\nmode: sandbox", ["2: a key is given twice"]),
    ("? [a]\n: b", ["1: a key must be text: put it in quotes"]),
    ("a: \x01", ["1: is not YAML: a control character"]),
    ("a: b\n---\nc: d", ["3: holds more than one document"]),
    ("a: !!bool x", ["1: the value does not fit its tag !!bool"]),
    ("a: !!python/object/apply:os.system [true]", [TAGS]),
    ("a: !secret x", [TAGS]),
    ("a: !e!secret x", ["1: found undefined tag handle something else"]),
    (f"a: !{'x' * 2000}", [TAGS]),
    ("live: {allow: [*@example.com]}", [ALIAS]),
    ("live: {allow: [*]}", ["1: a text that begins with * needs quotes"]),
    ("a: *nowhere", [ALIAS]),
    ("a: &", ["1: a text that begins with & needs quotes"]),
    ("connectors: &a [*a]", ["1: contains itself"]),
    ("fakes: &a {x: *a}", ["1: contains itself"]),
    ("a: {<<: 1}", ["1: << must be followed by keys and values, or by a list of such"]),
    ('a: "\\ud83d"', ["1: half a character (U+D800 to U+DFFF)"]),
    (f"a: {'9' * 500}", ["1: a number of so many digits: put it in quotes if it is text"]),
    (b"a: \xff\xfe", [" is not UTF-8"]),
    (b"#" * (1024 * 1024 + 1), [" is larger than 1 MiB"]),
]


@pytest.mark.parametrize(("text", "said"), nth_fast(MISTAKES, 3, several=True))
def test_what_is_wrong_is_said_with_line_path_and_fix(refused: Refused, text: str | bytes, said: list[str]) -> None:
    assert refused(text) == said


def test_everything_is_told_at_once(refused: Refused, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    text = f"""\
mode: sandbx
server: {{port: x, prot: 1, api_token: '${{env:NOT_SET}}'}}
store: cassandra:x
templates: nowhere
defaults: {{sms: nobody}}
connectors:
  - {{id: a, factory: {ALIYUN}, config_file: nowhere.json}}
  - {{id: a, factory: {toy.FACTORY}, config: {{bad: '${{env:NOT_SET_EITHER}}'}}}}
fakes: {{aliyun-sms: {{strict: perhaps}}}}
"""
    assert [line.partition(": ")[2].partition(": ")[0] for line in refused(text)] == [
        "mode",
        "server.api_token",
        "server.port",
        "server.prot",
        "store",
        "templates",
        "defaults.sms",
        "connectors.0.config_file",
        "connectors.1.config.bad",
        "connectors.1.id",
        "fakes.aliyun-sms.strict",
    ]


def test_every_variable_that_is_not_set_is_named_and_nothing_else_is_said_there(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ONE", "TWO", "THREE"):
        monkeypatch.delenv(name, raising=False)
    assert refused(
        "server: {port: '${env:ONE}', host: '${env:TWO}'}\n"
        "connectors: [{id: a, factory: '${env:THREE}', config: {k: ['${env:ONE}']}}]"
    ) == [
        "1: server.port: the environment variable ONE is not set",
        "1: server.host: the environment variable TWO is not set",
        "2: connectors.0.factory: the environment variable THREE is not set",
        "2: connectors.0.config.k.0: the environment variable ONE is not set",
    ]


def test_what_the_command_line_says_wrongly_is_its_own_fault(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text("mode: sandbox\nserver:\n  port: x")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {"server": {"host": "0.0.0.0"}, "store": "cassandra:x"})
    assert caught.value.message.splitlines() == [
        "command line: store: must be memory, or sqlite:PATH such as sqlite:gateway.db",
        f"command line: server.host: {OPEN}",
        f"{path}:3: server.port: must be a whole number",
    ]


def test_without_a_file_the_command_line_is_the_place() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, {"server": {"host": "0.0.0.0"}})
    assert caught.value.message == f"command line: server.host: {OPEN}"


def test_a_file_that_is_not_there_or_a_directory_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: no such file or directory$"):
        load_config(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match=r": is a directory$"):
        load_config(tmp_path)
    with pytest.raises(ConfigError, match=r": is larger than 1 MiB$"):
        load_config(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file or directory"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b'{"a": NaN}', "is not JSON"),
        (b"[1]", "must be a JSON object"),
        (b"[" * 200_000, "is nested too deeply"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "is nested too deeply"),
        (b'{"a": "\\ud83d"}', "has half a character (U+D800 to U+DFFF)"),
        (b" " * (1024 * 1024 + 1), "is larger than 1 MiB"),
        (b"{}", "accessKeyId: is missing"),
        (b'{"connectorId": "toy-sms", "config": {}}', "is a connector of another factory than this one"),
    ],
)
def test_a_config_file_that_cannot_be_used_is_named_with_the_reason(
    refused: Refused, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "c.json").write_bytes(content)
    found = refused(f"connectors:\n- id: a\n  factory: {ALIYUN}\n  config_file: c.json")
    assert found[0] == f"4: connectors.0.config_file: c.json: {reason}"


@pytest.mark.parametrize(("name", "reason"), [("/dev/zero", "must be a file"), (".", "is a directory")])
def test_a_config_file_that_is_none_is_not_waited_for(refused: Refused, name: str, reason: str) -> None:
    found = refused(f"connectors: [{{id: a, factory: {toy.FACTORY}, config_file: {name}}}]")
    assert found == [f"1: connectors.0.config_file: {name}: {reason}"]


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
        f"connectors: [{{id: a, factory: {ALIYUN}, config: {{accessKeySecret: '{SECRET} x'}}}}]",
        f"connectors: [{{id: a, factory: {ALIYUN}, config: {{}}, options: {{security_token: [{SECRET}]}}}}]",
        f"fakes: {{aliyun-sms: {{accounts: [{{access_key_secret: {SECRET}}}]}}}}",
        f"live: {{allow: [{SECRET}]}}",
        f"connectors: {SECRET}",
        f"server: {{api_token: '{SECRET}",
        f"connectors: [{{id: a, factory: f, config: {{accessKeySecret: {SECRET}, accessKeySecret: x}}}}]",
        f"server: {{api_token: *{SECRET}}}",
        f"server: {{api_token: !{SECRET}}}",
        f"server: {{api_token: !{SECRET}!x y}}",
        f"server: {{api_token: &{SECRET}}} x",
        f"server: {{public_url: 'http://u:{SECRET}@x/'}}",
        f"store: sqlte:{SECRET}",
    ],
)
def test_no_message_holds_a_secret(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert SECRET not in caught.value.message
    assert SECRET not in repr(caught.value.data)
