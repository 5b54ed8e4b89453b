"""The provider's keys: asked for once, and once more."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.errors import ConnectorError, InvalidResponse, ProviderFailed
from gateway.providers.oauth2.driver import jwks as jwks_module
from tests.providers.oauth2.id_tokens import EC, OTHER, public, refused, sign_in, signed
from tests.providers.oauth2.scripted_provider import Said


async def test_keys_are_asked_for_once() -> None:
    asked: list[int] = []
    await sign_in(signed, times=3, asked=asked)
    assert asked == [1]


async def test_an_unknown_key_is_asked_for_once_more() -> None:
    asked: list[int] = []
    turns = iter([EC, OTHER, OTHER])

    def make(claims: dict[str, Any]) -> str:
        key = next(turns)
        return signed(claims, key, kid=key.kid)

    await sign_in(make, keys=[Said(public(EC)), Said(public(EC, OTHER))], times=3, asked=asked)
    await refused(lambda claims: signed(claims, OTHER, kid="three"), "signed", asked=asked)
    assert asked == [2, 1]


async def test_a_new_key_under_the_old_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(jwks_module, "monotonic", lambda: clock[0])
    turns = iter([EC, OTHER])

    def make(claims: dict[str, Any]) -> str:
        clock[0] += 10
        return signed(claims, next(turns))

    asked: list[int] = []
    await sign_in(make, keys=[Said(public(EC)), Said(public(OTHER, kid="one"))], times=2, asked=asked)
    assert asked == [2]


async def test_a_key_that_was_withdrawn_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(jwks_module, "monotonic", lambda: clock[0])

    def make(claims: dict[str, Any]) -> str:
        clock[0] += jwks_module.LIFE_SECONDS
        return signed(claims)

    await refused(make, "signed", keys=[Said(public(EC)), Said(public(OTHER))], times=2)


async def test_a_token_without_kid_is_tried_with_every_key() -> None:
    await sign_in(lambda claims: signed(claims, kid=None), keys=Said(public(OTHER, EC)))


async def test_strange_keys_beside_the_right_one_do_no_harm() -> None:
    strange: list[Any] = [7, {"kty": "EC"}, {"kty": "EC", "crv": "P-256", "x": "!", "y": "!"}, {"kty": "new"}]
    strange += [{"kty": []}, {"kty": "EC", "crv": []}, {"kty": "EC", "use": {}}, {"kty": "OKP", "crv": {}}]
    await sign_in(signed, keys=Said({"keys": [*strange, *public(EC)["keys"]]}))


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        (Said("nothing", 500), ProviderFailed),
        (Said("<html>"), InvalidResponse),
        (Said([]), InvalidResponse),
        (Said({"keys": {}}), InvalidResponse),
    ],
    ids=range(4),
)
async def test_without_keys_the_provider_has_failed(keys: Said, kind: type[ConnectorError]) -> None:
    with pytest.raises(kind):
        await sign_in(signed, keys=keys)
