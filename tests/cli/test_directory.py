"""``gateway personas`` and ``gateway clients``: what they ask of the API, what they print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Run
from tests.cli.scripted_gateway import Scripted

GRACE: dict[str, Any] = {
    "id": "grace",
    "source": "api",
    "provider": "oauth2",
    "note": "",
    "claims": {"sub": "grace", "name": "李 Grace", "email": "grace@example.com", "email_verified": True},
    "scopes": ["openid", "profile"],
    "organizations": [{"id": "1", "name": "acme", "displayName": "Acme", "role": "admin"}],
    "denies": "access_denied",
    "interaction": None,
    "issuers": None,
}
APP: dict[str, Any] = {
    "id": "my-app",
    "source": "seen",
    "provider": "oauth2",
    "name": "My app",
    "homepage": None,
    "logo": None,
    "secrets": ["********"],
    "redirectUris": ["http://localhost:3000/callback"],
    "postLogoutRedirectUris": [],
    "allowedScopes": None,
    "authMethod": None,
    "jwks": None,
    "origins": [],
    "issuers": None,
    "accessTokens": None,
    "resourceServer": False,
}
PERSON = {"claims": {"email": "grace@example.com", "email_verified": True}}


def test_people_are_listed_with_what_is_special(script: Scripted, run: Run) -> None:
    script.answer("GET /api/personas", {"personas": [GRACE, {**GRACE, "id": "noted", "note": "an admin\x1b[2J"}]})
    result = run("personas", "list")
    joined = "".join(result.stdout.split())
    for shown in (
        "grace",
        "李Grace",
        "grace@example.com",
        "deniesaccess_denied",
        "scopesopenidprofile",
        "api",
        "anadmin␛[2J",
    ):
        assert shown in joined
    assert "\x1b" not in result.stdout
    assert max(map(cell_len, result.stdout.splitlines())) <= 80
    assert len(json.loads(run("personas", "list", "--json").stdout)["personas"]) == 2


def test_apps_are_listed_with_how_they_authenticate(script: Scripted, run: Run) -> None:
    public = {**APP, "id": "spa", "secrets": [], "authMethod": "none", "source": "declared"}
    script.answer("GET /api/clients", {"clients": [APP, public, {**public, "authMethod": None, "jwks": {}}]})
    shown = run("clients", "list").stdout.splitlines()
    assert [line.split()[0] for line in shown[2:]] == ["my-app", "spa", "spa"]
    assert "secret" in shown[2]
    assert "none" in shown[3]


def test_nobody_is_said_on_stderr(script: Scripted, run: Run) -> None:
    script.answer("GET /api/clients", {"clients": []})
    result = run("clients", "list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "None.\n")


def test_one_is_shown_whole_and_one_that_is_not_there_is_exit_code_1(script: Scripted, run: Run) -> None:
    script.answer("GET /api/personas", {"personas": [GRACE]})
    shown = " ".join(run("personas", "show", "grace").stdout.split())
    assert "email grace@example.com email_verified true scopes openid profile" in shown
    assert "interaction" not in shown
    assert json.loads(run("personas", "show", "grace", "--json").stdout) == GRACE
    missing = run("personas", "show", "nobody")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "there is no persona nobody" in missing.stderr


@pytest.mark.parametrize(
    "text",
    [
        "id: grace\nclaims: {email: grace@example.com, email_verified: true}\n",
        "- id: grace\n  claims: {email: grace@example.com, email_verified: true}\n",
        "personas:\n- {id: grace, claims: {email: grace@example.com, email_verified: true}}\n",
        json.dumps({"id": "grace", **PERSON, "source": "api", "provider": "oauth2"}),
        json.dumps([{"id": "grace", **PERSON}], indent="\t"),
    ],
)
def test_a_file_is_yaml_or_json_and_one_or_many(script: Scripted, run: Run, tmp_path: Path, text: str) -> None:
    script.answer("PUT /api/personas/grace", GRACE)
    file = tmp_path / "people"
    file.write_text(text, encoding="utf-8")
    for result in (run("personas", "add", str(file)), run("personas", "add", stdin=text)):
        assert (result.exit_code, result.stdout, result.stderr) == (0, "grace\n", "")
        assert script.asked[-1].body == PERSON, "claims keep their names"
    assert json.loads(run("personas", "add", "-", "--json", stdin=text).stdout) == {"personas": [GRACE]}


def test_keys_of_the_config_become_those_of_the_api(script: Scripted, run: Run) -> None:
    script.answer("PUT /api/clients/a%2Fb", APP)
    row = {
        "id": "a/b",
        "redirect_uris": ["http://localhost/"],
        "jwks": {"keys": [{"key_ops": ["verify"]}]},
        "resource_server": True,
    }
    assert run("clients", "add", stdin=json.dumps(row)).stdout == "a/b\n"
    assert script.asked[-1].body == {
        "redirectUris": ["http://localhost/"],
        "jwks": {"keys": [{"key_ops": ["verify"]}]},
        "resourceServer": True,
    }
    script.answer("PUT /api/personas/x", GRACE)
    run("personas", "add", stdin="{id: x, organizations: [{id: '1', name: a, display_name: A}]}")
    assert script.asked[-1].body == {"organizations": [{"id": "1", "name": "a", "displayName": "A"}]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must have an id"),
        ("{}", "must have an id"),
        ("id: 7", "in quotes"),
        ("- id: a\n- claims: {}\n", "personas.1: must have an id"),
        ("id: [", "FILE: line"),
        ("\xff", "not UTF-8"),
        ("#" * (1024 * 1024 + 1), "larger than 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_sends_nothing(
    script: Scripted, run: Run, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "people.yaml"
    file.write_bytes(text.encode("latin-1"))
    result = run("personas", "add", str(file))
    assert (result.exit_code, result.stdout, script.asked) == (2, "", [])
    assert words in result.stderr


def test_those_before_one_that_is_refused_are_there(script: Scripted, run: Run) -> None:
    script.answer("PUT /api/personas/a", GRACE)
    script.refuse("PUT /api/personas/b", 400, "request.invalid", "claims: sub is a text")
    result = run("personas", "add", stdin="[{id: a}, {id: b}, {id: c}]")
    assert (result.exit_code, result.stdout) == (2, "a\n")
    assert "claims: sub is a text" in result.stderr


def test_those_that_are_there_are_removed_and_one_that_is_gone_is_exit_code_1(script: Scripted, run: Run) -> None:
    script.refuse("DELETE /api/clients/gone", 404, "entity.not_found", "no client of that id")
    script.answer("DELETE /api/clients/mine", {"deleted": 1})
    result = run("clients", "remove", "gone", "mine", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"deleted": 1})
    assert "there is no client gone that was added (any more)" in result.stderr
    script.refuse("DELETE /api/clients/declared", 409, "entity.read_only", "fixtures or config declare it")
    assert run("clients", "remove", "declared").exit_code == 2
