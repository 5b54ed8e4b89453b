"""What the gateway sees of Aliyun: names, marks, recipes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gateway.providers.aliyun_sms import FACTORY, provider
from tests.providers.aliyun_sms.driver_setup import KEY_ID, SECRET
from tests.providers.aliyun_sms.independent_clients import FORM, SEND, acs3, made, recordings, replayed, rpc
from tests.providers.aliyun_sms.test_fake_settings import connector


@pytest.mark.parametrize(
    "host",
    [
        "dysmsapi.aliyuncs.com",
        "dysmsapi.ap-southeast-1.aliyuncs.com",
        "dysmsapi-xman.cn-hongkong.aliyuncs.com",
        "dysmsapi-proxy.cn-beijing.aliyuncs.com",
    ],
)
def test_aliyuns_names_are_its_own(host: str) -> None:
    assert provider.answers_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "aliyuncs.com",
        "ecs.aliyuncs.com",
        "dysmsapi.aliyuncs.com.evil.example",
        "xdysmsapi.aliyuncs.com",
        "dysmsapixaliyuncs.com",
        "dysmsapi.a.b.aliyuncs.com",
    ],
)
def test_other_names_are_not(host: str) -> None:
    assert not provider.answers_host(host)


@pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording["name"])
def test_every_recorded_request_bears_aliyuns_marks(recording: dict[str, str]) -> None:
    assert provider.claims(replayed(recording))


def test_requests_of_every_shape_bear_aliyuns_marks() -> None:
    for request in (acs3(), rpc(), rpc(form=["*"]), rpc(form=SEND), rpc(method="GET")):
        assert provider.claims(request)
    assert provider.claims(made(target="http://x/?Version=2018-05-01&Action=QueryMessage", headers=[]))


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/", ""),
        ("/?Action=SendEmail&Version=2010-12-01", ""),
        ("/", "Action=SendEmail&Version=2010-12-01"),
        ("/?Action=x", ""),
        ("/?SignatureNonce=x", ""),
        ("/?MyAction=a&MySignatureNonce=b", ""),
        ("/api/codes/1?action=x&version=2017-05-25", ""),
    ],
)
def test_requests_of_others_do_not(target: str, body: str) -> None:
    assert not provider.claims(made(target=target, headers=[("Content-Type", FORM)], body=body.encode()))


def test_the_recipes_hold_the_address_and_the_first_connectors_key() -> None:
    texts = dict(provider.recipes("127.0.0.1", 4650, [connector()]))
    python = next(text for title, text in texts.items() if title.startswith("Python SDK"))
    assert "endpoint='127.0.0.1:4650', protocol='HTTP'" in python
    assert KEY_ID in python
    assert SECRET in python
    assert "http_proxy='http://127.0.0.1:4650'" in python
    compile(python, "recipe", "exec")
    pop = next(text for title, text in texts.items() if "pop-core" in title)
    options = json.loads(pop.partition("new Core(")[2].partition(");")[0])
    assert options["endpoint"] == "http://127.0.0.1:4650"


def test_without_connectors_the_recipes_have_a_key_that_a_lenient_fake_takes() -> None:
    assert all(text for _, text in provider.recipes("127.0.0.1", 4650, []))
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" not in provider.environment("127.0.0.1", 4650, [])


def test_the_environment_has_what_aliyuns_credentials_package_reads() -> None:
    found = provider.environment("127.0.0.1", 4650, [connector(security_token="STS.t")])
    assert found["ALIBABA_CLOUD_ACCESS_KEY_ID"] == KEY_ID
    assert found["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] == SECRET
    assert found["ALIBABA_CLOUD_SECURITY_TOKEN"] == "STS.t"


def test_the_provider_names_itself() -> None:
    assert (provider.name, list(provider.factories)) == ("aliyun-sms", [FACTORY])
    assert provider.max_body >= 1 << 20


def test_importing_the_provider_imports_neither_the_sdk_nor_pydantic() -> None:
    script = (
        "import sys, gateway.providers.aliyun_sms; "
        "print([name for name in ('pydantic', 'Tea', 'ruamel.yaml', 'aiohttp', 'requests') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
