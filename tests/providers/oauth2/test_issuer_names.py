"""Browser and server that use different names for the gateway: whose name is in what is issued."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.providers.oauth2.fake.issuers import Issuer, Issuers
from gateway.providers.oauth2.fake.shapes.generic import OIDC
from tests.providers.oauth2.direct_fake import SECRET, DirectFake, claims_of

BROWSER, SERVER = "localhost:4650", "gateway:4650"
ISSUER = f"http://{BROWSER}/fakes/oauth2/oidc"


def at(bare: DirectFake, host: str) -> DirectFake:
    bare.host = host
    return bare


def test_iss_is_that_of_the_authorization_request_and_a_token_request_elsewhere_gets_a_warning() -> None:
    bare = DirectFake(access_tokens="jwt")
    code = at(bare, BROWSER).code()
    answer = at(bare, SERVER).token(code=code)
    tokens = answer.json
    for name in ("id_token", "access_token"):
        assert claims_of(tokens[name])["iss"] == ISSUER
    assert claims_of(tokens["access_token"])["aud"] == ISSUER
    (warning,) = answer.verdict.explanation["warnings"]
    assert ISSUER in warning
    assert f"http://{SERVER}/fakes/oauth2/oidc" in warning

    refreshed = bare.refresh(tokens["refresh_token"])
    assert claims_of(refreshed.json["id_token"])["iss"] == ISSUER
    assert "warnings" in refreshed.verdict.explanation
    form = {"token": tokens["access_token"], "client_id": "web", "client_secret": SECRET}
    assert bare.post("/introspect", form).json["iss"] == ISSUER


def test_one_name_for_both_gives_no_warning() -> None:
    bare = at(DirectFake(), BROWSER)
    answer = bare.token()
    assert claims_of(answer.json["id_token"])["iss"] == ISSUER
    assert "warnings" not in answer.verdict.explanation


@pytest.mark.parametrize("own", [{"url": "https://login.example"}, {"public_url": "https://login.example"}])
def test_an_issuer_with_a_url_of_its_own_has_it_under_every_name(own: dict[str, Any]) -> None:
    bare = DirectFake()
    public = own.get("public_url")
    issuer = Issuer("oidc", OIDC, url=own.get("url"), refresh_tokens="always")
    settings = replace(bare.settings, issuers=Issuers({"oidc": issuer}, open=False, public_url=public))
    bare.context = replace(bare.context, settings=settings)
    code = at(bare, BROWSER).code()
    answer = at(bare, SERVER).token(code=code)
    expected = "https://login.example" + ("/fakes/oauth2/oidc" if public else "")
    assert claims_of(answer.json["id_token"])["iss"] == expected
    assert "warnings" not in answer.verdict.explanation
