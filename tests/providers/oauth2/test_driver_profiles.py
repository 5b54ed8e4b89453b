"""What a user info endpoint can answer, and whom the driver makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.errors import ConnectorError, InvalidResponse, ProviderFailed, Refused, Throttled
from gateway.providers.oauth2.metadata import OAUTH2
from gateway.providers.social import AccessTokenInvalid, Profile
from tests.providers.oauth2.driver_setup import ADA, TOKENS, driver, oauth2, signed_in
from tests.providers.oauth2.scripted_provider import Said, scripted


async def profile(
    info: object, *, status: int = 200, config: dict[str, Any] | None = None, **options: Any
) -> Profile:
    async with (
        scripted(token=Said(TOKENS), userinfo=Said(info, status)) as provider,
        driver(OAUTH2, oauth2(provider.url, **(config or {})), **options) as made,
    ):
        return (await signed_in(made)).profile


async def test_the_map_takes_paths_with_dots_and_places_in_lists() -> None:
    info = {"user": {"uid": 7, "mails": [{"value": "a@b.example"}]}, "dotted.key": "Ada"}
    names = {"id": "user.uid", "email": "user.mails.0.value", "name": "dotted.key", "phone": "user.mails.5.value"}
    found = await profile(info, config={"profileMap": names})
    assert (found.id, found.email, found.name, found.phone) == ("7", "a@b.example", "Ada", None)
    assert found.raw_data == info


@pytest.mark.parametrize(("given", "shown"), [(0, "0"), (42, "42"), (12.0, "12"), ("x", "x")])
async def test_an_id_may_be_a_number_also_zero(given: object, shown: str) -> None:
    assert (await profile({"id": given})).id == shown


@pytest.mark.parametrize("info", [{}, {"id": ""}, {"id": None}, {"id": True}, {"id": []}, {"id": "x" * 4096}])
async def test_without_an_id_nobody_signs_in(info: object) -> None:
    with pytest.raises(InvalidResponse):
        await profile(info)


@pytest.mark.parametrize("key", ["email", "phone", "name", "avatar"])
async def test_what_should_be_text_and_is_not_is_refused(key: str) -> None:
    with pytest.raises(InvalidResponse, match=key):
        await profile({**ADA, key: True})


async def test_null_and_empty_are_left_out() -> None:
    found = await profile({"id": "u", "email": None, "name": "", "phone": "", "avatar": None})
    assert set(found.document()) == {"id", "rawData"}


@pytest.mark.parametrize("verified", [False, "false"])
async def test_an_email_that_the_provider_calls_unverified_is_left_out(verified: object) -> None:
    assert (await profile({**ADA, "email_verified": verified})).email is None


@pytest.mark.parametrize("claim", ["phone_verified", "phone_number_verified"])
async def test_a_phone_that_the_provider_calls_unverified_is_left_out(claim: str) -> None:
    assert (await profile({**ADA, claim: False}, trust_unverified_email=True)).phone is None
    assert (await profile({**ADA, claim: "false"})).phone is None
    assert (await profile({**ADA, claim: True})).phone == "1555"


async def test_an_unverified_email_is_taken_where_the_options_say_so() -> None:
    info = {**ADA, "email_verified": False}
    assert (await profile(info, trust_unverified_email=True)).email == "ada@example.com"


async def test_an_email_of_which_nothing_is_said_is_taken_as_logto_does() -> None:
    assert (await profile(ADA)).email == "ada@example.com"


@pytest.mark.parametrize(
    "info",
    [
        [],
        "text",
        "<html></html>",
        "",
        "null",
        '{"id": NaN}',
        '{"id": 1, "n": 1e999}',
        '{"id": "\\ud800"}',
        '{"id": 1, "\\udfff": 1}',
        "[" * 100_000,
    ],
    ids=range(10),
)
async def test_user_info_that_is_no_object_or_cannot_be_passed_on_is_an_invalid_response(info: object) -> None:
    with pytest.raises(InvalidResponse):
        await profile(info)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AccessTokenInvalid),
        (403, Refused),
        (404, Refused),
        (429, Throttled),
        (500, ProviderFailed),
        (302, InvalidResponse),
    ],
)
async def test_a_refused_token_is_told_from_other_failures(status: int, kind: type[ConnectorError]) -> None:
    with pytest.raises(ConnectorError) as caught:
        await profile({"secret": "the provider's words"}, status=status)
    assert type(caught.value) is kind
    assert "words" not in str(caught.value.data)


async def test_text_of_any_script_is_passed_on() -> None:
    found = await profile('{"id": 1, "name": "\\u674e\\ud83d\\ude00", "n": 1e3}')
    assert (found.name, found.raw_data["n"]) == ("李😀", 1000.0)


@pytest.mark.parametrize(("after", "seconds"), [("30", 30.0), ("9" * 400, None), ("soon", None), ("-1", None)])
async def test_a_wait_that_nobody_can_mean_is_none(after: str, seconds: float | None) -> None:
    said = Said({}, 429, headers={"Retry-After": after})
    async with (
        scripted(token=Said(TOKENS), userinfo=said) as provider,
        driver(OAUTH2, oauth2(provider.url)) as made,
    ):
        with pytest.raises(Throttled) as caught:
            await signed_in(made)
    assert caught.value.retry_after == seconds


async def test_a_failed_user_info_is_asked_for_once() -> None:
    async with (
        scripted(token=Said(TOKENS), userinfo=Said("", 503)) as provider,
        driver(OAUTH2, oauth2(provider.url)) as made,
    ):
        with pytest.raises(ProviderFailed):
            await signed_in(made)
    assert len(provider.to("/userinfo")) == 1
