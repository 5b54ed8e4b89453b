"""The JSON that ``gateway providers`` prints for Logto's own connectors."""

from __future__ import annotations

import json
from typing import Any

from gateway.config import load_config
from gateway.providers import registry
from gateway.providers.aws_ses.fake.own_templates import match, own_templates
from gateway.providers.ports import Connector
from gateway.rendering import handlebars


def connectors(provider: str) -> list[Connector]:
    """Those of the sandbox."""
    own = registry.load_providers()[provider]
    return [
        Connector(one.id, provider, factory, factory.settings(one.config or {}, one.options))
        for one in load_config(None).connectors or ()
        if (factory := own.factories.get(one.factory)) is not None
    ]


def recipe(provider: str, title: str) -> Any:
    found = dict(registry.load_providers()[provider].recipes("127.0.0.1", 4650, connectors(provider)))
    return json.loads(found.get(title) or next(text for name, text in found.items() if name.startswith(title)))


def test_recipe_for_logtos_aliyun_connector_has_the_connectors_key_sign_name_and_templates() -> None:
    config = recipe("aliyun-sms", "Logto, its connector Aliyun SMS")
    (own,) = connectors("aliyun-sms")
    assert own.factory.settings(config, {}) == own.settings


def test_mails_made_from_the_recipe_for_logtos_ses_connector_are_recognized() -> None:
    config = recipe("aws-ses", "Logto, its connector AWS SES")
    assert {"Register", "SignIn", "ForgotPassword", "Generic"} <= {one["usageType"] for one in config["templates"]}
    known = own_templates(connectors("aws-ses"))[config["accessKeyId"]]
    for one in config["templates"]:
        payload = {"code": "246810", "link": "https://example.com/i"}
        subject, html = handlebars(one["subject"], payload), handlebars(one["content"], payload)
        made_by = match(known, subject, (html, None), is_mime=False)
        code = "246810" if "{{code}}" in one["content"] else None
        assert (made_by.usage_type, made_by.code) == (one["usageType"], code)


def test_recipes_for_social_connectors_ask_for_the_phone() -> None:
    oauth2, oidc = recipe("oauth2", "Logto, its connector OAuth2"), recipe("oauth2", "Logto, its connector OIDC")
    assert oauth2["profileMap"] == {"id": "sub", "phone": "phone_number", "avatar": "picture"}
    assert "phone" in oauth2["scope"].split()
    assert oidc["scope"] == "openid profile email phone"


def test_standard_connectors_have_the_metadata_that_logto_wants() -> None:
    for name in ("OAuth2", "OIDC"):
        metadata = recipe("oauth2", f"Logto, its connector {name}: metadata")
        assert metadata["target"] == f"gateway-{name.lower()}"
        assert metadata["name"]["en"]
        assert metadata["logo"].startswith("data:image/svg+xml;base64,")


def test_recipe_for_logtos_hugging_face_connector_has_its_client() -> None:
    config = recipe("oauth2", "Logto, its connector Hugging Face")
    assert config.keys() == {"clientId", "clientSecret", "scope"}
