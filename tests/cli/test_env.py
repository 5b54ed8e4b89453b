"""``gateway env``: lines that a shell evaluates, and apps that they connect."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import GATEWAY, PATIENCE, Server, ask, environment, serving
from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

PROVIDERS = "GET /api/providers"
HOSTILE = 'it\'s $(touch x) `y` "z" \\ # 网关\n2'


def tell(script: Scripted, **variables: Any) -> None:
    script.answer(PROVIDERS, {"providers": [{"name": "toy", "title": "Toy\nrm", "environment": variables}]})


def test_each_provider_has_a_comment_and_export_lines(script: Scripted, run: Run) -> None:
    tell(script, TOY_URL="http://127.0.0.1:1", TOY_NAME="网关 1")
    assert run("env").stdout.splitlines() == [
        "# The gateway, for its own commands",
        f"export GATEWAY_URL={script.url}",
        "# Toy rm",
        "export TOY_URL=http://127.0.0.1:1",
        "export TOY_NAME='网关 1'",
    ]


def test_json_is_one_object(script: Scripted, run: Run) -> None:
    tell(script, A="1", B=HOSTILE)
    assert json.loads(run("env", "--json").stdout) == {"GATEWAY_URL": script.url, "A": "1", "B": HOSTILE}


def test_no_value_is_executed_or_changed_by_a_shell(script: Scripted, run: Run, tmp_path: Path) -> None:
    tell(script, A=HOSTILE, B="", C="-n")
    show = shlex.join([sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"])
    (tmp_path / "lines").write_bytes(run("env").stdout_bytes)
    done = subprocess.run(
        ["sh", "-c", f'eval "$(cat lines)" && {show}'], cwd=tmp_path, capture_output=True, check=True
    )
    got = json.loads(done.stdout)
    assert (got["A"], got["B"], got["C"]) == (HOSTILE, "", "-n")
    assert [path.name for path in tmp_path.iterdir()] == ["lines"]


@pytest.mark.parametrize("name", ["A B", "A;rm", "1A", "A=B", "", "Ä"])
def test_a_name_that_is_none_is_never_printed(script: Scripted, run: Run, name: str) -> None:
    tell(script, **{name: "1"})
    result = run("env")
    assert (result.exit_code, result.stdout) == (3, "")


def test_dotenv_lines_are_plain_where_they_can_be(script: Scripted, run: Run) -> None:
    tell(script, A="127.0.0.1:1", B="a b#c $d", C='it\'s\n"2"', D="网关")
    assert run("env", "--dotenv").stdout.splitlines()[2:] == [
        "# Toy rm",
        "A=127.0.0.1:1",
        "B='a b#c $d'",
        'C="it\'s\\n\\"2\\""',
        "D=网关",
    ]


def test_dotenv_and_json_exclude_each_other(script: Scripted, run: Run) -> None:
    assert (run("env", "--dotenv", "--json").exit_code, script.asked) == (2, [])


# --- a real gateway, a real shell, real SDKs ------------------------------------------------------------------

BOTO3 = """
import boto3
for service in ("ses", "sesv2"):
    client = boto3.client(service)
    body = {"Subject": {"Data": "Code"}, "Body": {"Text": {"Data": "Your code is 246810"}}}
    to = {"ToAddresses": [f"{service}@example.com"]}
    if service == "ses":
        client.send_email(Source="app@example.com", Destination=to, Message=body)
    else:
        client.send_email(FromEmailAddress="app@example.com", Destination=to, Content={"Simple": body})
"""
ALIYUN = """
import os
from alibabacloud_credentials.client import Client as Credentials
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.utils_models import Config

config = Config(credential=Credentials(), endpoint=os.environ["ALIYUN_SMS_ENDPOINT"], protocol="HTTP")
request = SendSmsRequest(
    phone_numbers="13800138000",
    sign_name=os.environ["ALIYUN_SMS_SIGN_NAME"],
    template_code=os.environ["ALIYUN_SMS_TEMPLATE_CODE"],
    template_param='{"code": "135790"}',
)
print(Client(config).send_sms(request).body.code)
"""
OIDC = """
import os
from authlib.integrations.requests_client import OAuth2Session

back = "http://localhost:9/callback"
for name in ("OIDC", "OAUTH2"):
    issuer = os.environ[f"{name}_ISSUER"]
    client = os.environ[f"{name}_CLIENT_ID"], os.environ[f"{name}_CLIENT_SECRET"]
    session = OAuth2Session(*client, scope="openid email", redirect_uri=back)
    session.trust_env = False
    url, _ = session.create_authorization_url(f"{issuer}/authorize", login_hint="ada", nonce="n")
    answer = session.get(url, allow_redirects=False, withhold_token=True)
    session.fetch_token(f"{issuer}/token", authorization_response=answer.headers["Location"])
    print(name, session.get(f"{issuer}/userinfo").json()["email"])
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("project")) as server:
        yield server


def shell(server: Server, program: str) -> str:
    """Run a Python program in a shell that has evaluated ``gateway env``."""
    script = f'eval "$({shlex.join(GATEWAY)} env)" && exec {shlex.join([sys.executable, "-c", program])}'
    # The names of a user's own accounts must not be needed, nor reach the SDK.
    kept = {key: value for key, value in environment().items() if not key.startswith(("AWS_", "ALI"))}
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=server.cwd,
        env={**kept, "GATEWAY_URL": server.url, "NO_PROXY": "*"},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def newest(server: Server, to: str) -> tuple[str, str]:
    """Return the code of the newest message to a recipient, and the verdict on its signature."""
    (capture,) = ask(server.url, "GET", f"/api/captures?to={to}&limit=1")[1]["captures"]
    return capture["code"], ask(server.url, "GET", f"/api/exchanges/{capture['exchangeId']}")[1]["signature"]


@pytest.mark.slow
def test_it_connects_boto3(server: Server) -> None:
    shell(server, BOTO3)
    assert newest(server, "ses@example.com") == newest(server, "sesv2@example.com") == ("246810", "valid")


@pytest.mark.slow
def test_it_connects_aliyuns_sdk_with_its_endpoint(server: Server) -> None:
    assert shell(server, ALIYUN) == "OK\n"
    assert newest(server, "13800138000") == ("135790", "valid")


@pytest.mark.slow
def test_it_connects_authlib(server: Server) -> None:
    signed_in = dict(line.split() for line in shell(server, OIDC).splitlines())
    assert signed_in == {"OIDC": "ada.wren@example.com", "OAUTH2": "ada.wren@example.com"}
