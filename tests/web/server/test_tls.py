"""HTTPS under the names of providers: who is believed, and what an app that calls the real address gets."""

from __future__ import annotations

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.config import load_config
from gateway.core.errors import ConfigError
from gateway.providers.oauth2 import provider as oauth2_provider
from gateway.web.server.tls import Authority
from tests.support.running_gateway import RunningGateway, running


class Here(AbstractResolver):
    """Every name is this machine, as with a line in the hosts file."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


def strict(certificate: Path) -> ssl.SSLContext:
    """As Python 3.13 checks by default."""
    made = ssl.create_default_context(cafile=certificate)
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    return made


@asynccontextmanager
async def secured(folder: Path, **settings: Any) -> AsyncIterator[tuple[RunningGateway, aiohttp.ClientSession]]:
    """A gateway that listens over TLS too, and an app that trusts its authority alone."""
    tls = {"tls_port": 0, "tls_folder": folder, **settings}
    async with running({"oauth2": oauth2_provider}, connectors=(), server=tls) as server:
        assert server.gateway.tls is not None
        port, certificate = server.gateway.tls
        connector = aiohttp.TCPConnector(resolver=Here(port), ssl=strict(certificate))
        async with aiohttp.ClientSession(connector=connector) as app:
            yield server, app


async def test_an_app_that_calls_the_real_address_signs_in_at_the_fake(tmp_path: Path) -> None:
    async with secured(tmp_path) as (_, app):
        async with app.get("https://huggingface.co/.well-known/openid-configuration") as found:
            document = await found.json()
        assert document["issuer"] == "https://huggingface.co"
        assert document["token_endpoint"] == "https://huggingface.co/oauth/token"
        asked = {
            "response_type": "code",
            "client_id": "an-app",
            "redirect_uri": "http://localhost:3000/callback",
            "scope": "openid",
            "login_hint": "ada",
        }
        async with app.get(document["authorization_endpoint"], params=asked, allow_redirects=False) as answer:
            location = answer.headers["Location"]
            assert "; Secure" in answer.headers["Set-Cookie"]
        form = {"grant_type": "authorization_code", "code": location.partition("code=")[2].partition("&")[0]}
        form |= {"redirect_uri": asked["redirect_uri"], "client_id": "an-app", "client_secret": "s"}
        async with app.post(document["token_endpoint"], data=form) as answer:
            token = (await answer.json())["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        async with app.get(document["userinfo_endpoint"], headers=bearer) as answer:
            assert (await answer.json())["sub"] == "1001"
        async with app.get("https://api.github.com/user") as answer:
            assert answer.status == 401


async def test_only_names_that_we_stand_in_for_have_a_certificate(tmp_path: Path) -> None:
    async with secured(tmp_path, allow_hosts=["gateway.test"]) as (server, app):
        assert server.gateway.tls is not None
        for host in ("localhost", f"127.0.0.1:{server.gateway.tls[0]}", "gateway.test"):
            async with app.get(f"https://{host}/healthz") as answer:
                assert answer.status == 200
        for url in ("https://mybank.example/", "https://huggingface.co.evil.example/"):
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await app.get(url)


async def test_the_api_is_there_too_and_guarded_alike(tmp_path: Path) -> None:
    async with secured(tmp_path, api_token="t") as (_, app):
        async with app.get("https://localhost/api/personas") as answer:
            assert answer.status == 401
        async with app.get("https://localhost/api/personas", headers={"Host": "evil.example"}) as answer:
            assert answer.status in (403, 404)


async def test_without_the_port_nobody_listens_and_nothing_is_written(tmp_path: Path) -> None:
    async with running(server={"tls_folder": tmp_path / "none"}) as server:
        assert server.gateway.tls is None
    assert not (tmp_path / "none").exists()


def test_the_authority_is_kept_and_its_key_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "tls"
    made = Authority(folder, lambda _: True)
    certificate = made.certificate.read_bytes()
    assert stat.S_IMODE((folder / "ca-key.pem").stat().st_mode) == 0o600
    assert b"PRIVATE" not in certificate
    assert Authority(folder, lambda _: True).certificate.read_bytes() == certificate


@pytest.mark.parametrize("broken", ["ca.pem", "ca-key.pem"])
def test_a_broken_authority_is_told_and_not_replaced(tmp_path: Path, broken: str) -> None:
    Authority(tmp_path, lambda _: True)
    (tmp_path / broken).write_text("no certificate", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"server.tls_folder: .*: ca.pem or ca-key.pem is broken; delete both"):
        Authority(tmp_path, lambda _: True)
    assert (tmp_path / broken).read_text("utf-8") == "no certificate"


def test_a_folder_of_the_config_is_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text("server: {tls_port: 0, tls_folder: tls}", encoding="utf-8")
    assert load_config(file).server.tls_folder == tmp_path / "tls"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"server.tls_folder: .*: not a directory"):
        Authority(tmp_path / "file" / "tls", lambda _: True)


async def test_plain_http_at_that_port_hangs_nobody(tmp_path: Path) -> None:
    async with secured(tmp_path) as (server, _):
        assert server.gateway.tls is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", server.gateway.tls[0])
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(5):
            assert not (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
