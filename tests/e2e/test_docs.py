"""docs/aliyun-sms.md: every example in it, run as it stands but for the port; and what the gateway itself prints to
paste."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from connector_gateway import Gateway, Server
from tests.e2e import accounts, aliyun_sdk
from tests.e2e.node_clients import HERE, Node
from tests.e2e.test_node_social import OWN_URLS
from tests.support.tiers import rest_slow

PAGE = Path(__file__).parents[2] / "docs" / "aliyun-sms.md"
BLOCKS: list[tuple[str, str]] = re.findall(
    r"^```(\w+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
)
PHONE = "13800138000"

PYTHON = ("246810", "135790", "112233")
NODE = ("998877", "887766")
"""The codes that the examples send: each block is found by its own."""


def block(language: str, mark: str) -> str:
    found = [text for kind, text in BLOCKS if kind == language and mark in text]
    assert len(found) == 1, f"{PAGE.name} should have one {language} block with {mark!r}"
    return found[0]


def here(text: str, gateway: Gateway, phone: str = PHONE) -> str:
    return text.replace("127.0.0.1:4650", aliyun_sdk.address(gateway.url)).replace(PHONE, phone)


def bash(text: str) -> str:
    assert shutil.which("curl"), "the examples need curl"
    done = subprocess.run(["bash", "-euc", text], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_block_of_the_page_is_under_test() -> None:
    kinds = [kind for kind, _ in BLOCKS]
    assert sorted(kinds) == sorted(["python"] * 3 + ["js"] * 3 + ["sh"] * 2 + ["yaml", "json"])


@pytest.mark.parametrize("code", rest_slow(PYTHON, 1))
def test_a_python_example_sends_its_code(gateway: Gateway, code: str) -> None:
    phone = gateway.phone()
    script = here(block("python", code), gateway, phone.digits)
    # Without -W error: the first SDK leaves its connection open, in the example too.
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "OK"), done.stderr
    assert gateway.code(phone) == code
    assert gateway.exchanges(phone)[0]["signature"] == "valid"


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("code", NODE)
def test_a_node_example_sends_its_code(gateway: Gateway, node: Node, code: str) -> None:
    phone = gateway.phone()
    script = node.folder / f"example_{code}.mjs"
    script.write_text(here(block("js", code), gateway, phone.digits), encoding="utf-8")
    assert node.run(script.name) == "OK\n"
    assert gateway.code(phone) == code


def test_the_preload_for_logto_is_the_one_that_the_tests_use() -> None:
    assert block("js", "node --require") == (HERE / "to_gateway.cjs").read_text(encoding="utf-8")


def test_preload_and_config_for_social_sign_in_are_those_that_the_tests_use(tmp_path: Path) -> None:
    page = PAGE.with_name("social-clients.md").read_text("utf-8")
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
    assert blocks.keys() == {"js", "yaml"}
    assert blocks["js"] == (HERE / "social_hosts.cjs").read_text(encoding="utf-8")
    path = tmp_path / "gateway.yaml"
    path.write_text(blocks["yaml"], encoding="utf-8")
    with Server(config=path) as server:
        for issuer, calls_itself in OWN_URLS.items():
            url = f"{server.url}/fakes/oauth2/{issuer}/.well-known/openid-configuration"
            assert requests.get(url, timeout=10).json()["issuer"] == calls_itself


def test_the_curl_example_sends_its_code(gateway: Gateway) -> None:
    phone = gateway.phone()
    answer = json.loads(bash(here(block("sh", "424242"), gateway, phone.digits)))
    assert answer["Code"] == "OK"
    assert gateway.code(phone) == "424242"
    assert gateway.exchanges(phone)[0]["signature"] == "unverified"


def test_the_example_of_a_refused_signature_is_what_the_gateway_says(gateway: Gateway) -> None:
    from tests.e2e import independent_signer as signer
    from tests.e2e.raw_http import call, written

    phone = gateway.phone()
    parameters = signer.rpc_parameters(accounts.KEY_ID, "SendSms", {"PhoneNumbers": phone.digits})
    text = signer.rpc_string_to_sign("GET", parameters)
    parameters["Signature"] = signer.base64_of_hmac(accounts.SECRET, text)  # without the &
    call(gateway.url, written("GET", f"/?{signer.wire(parameters.items())}", [("Host", "dysmsapi.aliyuncs.com")]))
    shown = json.loads(bash(here(block("sh", "/api/exchanges"), gateway)))["exchanges"][0]
    example: dict[str, Any] = json.loads(block("json", "SignatureDoesNotMatch"))["exchanges"][0]
    explained, told = example.pop("explanation"), shown["explanation"]
    assert {name: shown[name] for name in example} == example
    assert explained.keys() <= told.keys()
    assert (explained["diagnosis"], explained["scheme"]) == (told["diagnosis"], told["scheme"])
    assert told["stringToSign"].startswith(explained["stringToSign"].removesuffix("..."))


@pytest.mark.slow  # a server of its own
def test_the_strict_example_applies_its_rules(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text(block("yaml", "strict: true"), encoding="utf-8")
    with Server(config=config) as server, Gateway(server.url) as gateway:
        client = aliyun_sdk.client(gateway.url, "my-key-id", "my-key-secret")
        phone = gateway.phone()
        mine = {"sign_name": "我的应用", "template_code": "SMS_1"}
        assert client.send_sms(aliyun_sdk.request(phone.digits, "101010", **mine)).body.code == "OK"
        assert gateway.message(phone).text == "【我的应用】您的验证码为101010。"
        other = client.send_sms(aliyun_sdk.request(phone.digits, "101010", **{**mine, "template_code": "SMS_2"}))
        assert other.body.code == "isv.SMS_TEMPLATE_ILLEGAL"


# --- what `gateway providers` prints --------------------------------------------------------------------------


def recipe(gateway: Gateway, title: str) -> str:
    [provider] = [one for one in gateway.providers() if one["name"] == "aliyun-sms"]
    [text] = [str(one["text"]) for one in provider["recipes"] if title in one["title"]]
    return text


def test_the_printed_lines_for_python_work_as_they_are(gateway: Gateway) -> None:
    scope: dict[str, Any] = {}
    exec(recipe(gateway, "Python SDK"), scope)  # noqa: S102 (what users paste is what is tested)
    phone = gateway.phone()
    assert scope["client"].send_sms(aliyun_sdk.request(phone.digits, "606060")).body.code == "OK"
    assert gateway.code(phone) == "606060"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_printed_lines_for_node_work_as_they_are(gateway: Gateway, node: Node) -> None:
    phone = gateway.phone()
    fields = {
        "PhoneNumbers": phone.digits,
        "SignName": accounts.SIGN_NAME,
        "TemplateCode": accounts.TEMPLATE,
        "TemplateParam": '{"code":"707070"}',
    }
    script = node.folder / "recipe.cjs"
    rest = (
        f"client.request('SendSms', {json.dumps(fields)}).then((a) => {{ console.log(a.Code); process.exit(); }});"
    )
    script.write_text(f"{recipe(gateway, 'Node SDK')}\n{rest}\n", encoding="utf-8")
    assert node.run(script.name) == "OK\n"
    assert gateway.code(phone) == "707070"


def test_the_environment_for_an_app_points_the_sdk_at_the_fake(gateway: Gateway) -> None:
    environment = gateway.env()
    client = aliyun_sdk.client(
        gateway.url,
        environment["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        endpoint=environment["ALIYUN_SMS_ENDPOINT"],
    )
    phone = gateway.phone()
    client.send_sms(
        aliyun_sdk.request(
            phone.digits,
            "808080",
            sign_name=environment["ALIYUN_SMS_SIGN_NAME"],
            template_code=environment["ALIYUN_SMS_TEMPLATE_CODE"],
        )
    )
    assert gateway.code(phone) == "808080"
    assert gateway.exchanges(phone)[0]["signature"] == "valid"
