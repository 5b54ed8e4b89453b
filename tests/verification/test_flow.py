"""Request a code, have it delivered, check it: what counts and what does not, whatever becomes of the send."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from gateway.core.errors import (
    GatewayError,
    InvalidRequest,
    RecipientRefused,
    StoreFailed,
    TemplateNotFound,
    Throttled,
    TimedOut,
    Unreachable,
)
from gateway.core.model import Message, UsageType
from gateway.core.recipients import recipient
from gateway.verification import Pin, Settings
from gateway.verification.errors import (
    Blocked,
    CodeExpired,
    CodeMismatch,
    CodeNotFound,
    EmailMismatch,
    MessageRateLimited,
    PhoneMismatch,
    TriesUsedUp,
)
from gateway.verification.rules import PRESETS, By, Policy, Window
from tests.verification.setup import PHONE, VerificationSetup, in_memory

LOGTO = PRESETS["logto"]
KEEPS = replace(LOGTO, failed_send_keeps_older=True)
CERTAINLY_NOT = [RecipientRefused("no"), Unreachable("no"), TemplateNotFound("no")]
MAYBE = [TimedOut("late"), StoreFailed("full", data={"maybeSent": True})]


async def sends_left(setup: VerificationSetup) -> int:
    """How many more may be sent now."""
    left = 0
    try:
        while True:
            await setup.request()
            left += 1
    except MessageRateLimited:
        return left


async def test_the_code_that_is_sent_is_right_once() -> None:
    setup = in_memory()
    asked = await setup.request()
    assert (len(setup.code), setup.code.isdigit()) == (6, True)
    passed = await setup.check(setup.code)
    assert passed.verification_id == asked.verification_id
    with pytest.raises(CodeNotFound):
        await setup.check(setup.code)


async def test_the_answer_says_how_long_it_is_good_and_when_to_ask_again() -> None:
    setup = in_memory(Settings(replace(LOGTO, resend_waits=(60.0,))))
    asked = await setup.request()
    now = setup.clock.now()
    assert (asked.expires_at, asked.resend_at, asked.tries_left, asked.code) == (now + 600, now + 60, 10, None)


async def test_codes_are_typed_in_many_ways() -> None:
    setup = in_memory()
    await setup.request()
    spaced = f" {setup.code[:3]}-{setup.code[3:]} "
    await setup.check("".join(chr(ord(one) + 0xFEE0) if one.isdigit() else one for one in spaced))


@pytest.mark.parametrize("text", ["", " - ", "1" * 101, "１" * 10_000_000])
async def test_what_is_no_code_costs_no_try(text: str) -> None:
    setup = in_memory()
    await setup.request()
    before = await setup.store.records.scan("")
    with pytest.raises(InvalidRequest):
        await setup.check(text)
    assert await setup.store.records.scan("") == before


async def test_the_order_of_errors_is_logtos() -> None:
    setup = in_memory()
    with pytest.raises(CodeNotFound):
        await setup.check("111111")
    await setup.request()
    with pytest.raises(CodeMismatch) as first:
        await setup.check(setup.wrong())
    assert first.value.data == {"triesLeft": 9}
    for _ in range(9):
        with pytest.raises(CodeMismatch):
            await setup.check(setup.wrong())
    with pytest.raises(TriesUsedUp):
        await setup.check(setup.code)
    setup.wall.go(600)
    with pytest.raises(TriesUsedUp):
        await setup.check(setup.code)
    setup.wall.go(0.001)
    with pytest.raises(CodeExpired):
        await setup.check(setup.code)


async def test_a_code_of_another_usage_type_or_recipient_is_not_found() -> None:
    setup = in_memory()
    await setup.request()
    with pytest.raises(CodeNotFound):
        await setup.check(setup.code, type=UsageType.REGISTER)
    with pytest.raises(CodeNotFound):
        await setup.check(setup.code, to="+8613900139000")
    await setup.check(setup.code)


async def test_the_same_number_in_other_words_is_the_same_recipient() -> None:
    setup = in_memory()
    await setup.request("138 0013-8000")
    await setup.check(setup.code, to="008613800138000")
    await setup.request("Ada@Example.com")
    await setup.check(setup.code, to="ada@example.COM")


async def test_a_check_that_names_a_request_means_no_other() -> None:
    setup = in_memory()
    old = await setup.request()
    new = await setup.request()
    with pytest.raises(CodeNotFound):
        await setup.check(setup.code, verification_id=old.verification_id)
    with pytest.raises(CodeNotFound):
        await setup.check(setup.code, verification_id="ver_nonsense")
    with pytest.raises(PhoneMismatch):
        await setup.check(setup.code, to="+8613900139000", verification_id=new.verification_id)
    with pytest.raises(EmailMismatch):
        await setup.check(setup.code, to="ada@example.com", verification_id=new.verification_id)
    assert (
        await setup.check(setup.code, verification_id=new.verification_id)
    ).verification_id == new.verification_id


# --- what becomes of the send -------------------------------------------------------------------------------


@pytest.mark.parametrize("error", CERTAINLY_NOT, ids=lambda error: type(error).__name__)
async def test_what_certainly_was_not_sent_does_not_count(error: GatewayError) -> None:
    setup = in_memory()
    setup.provider.fails = [error, error, error]
    with pytest.raises(type(error)):
        await setup.request()
    setup.provider.fails.clear()
    assert await sends_left(setup) == 10


@pytest.mark.parametrize("error", MAYBE, ids=lambda error: type(error).__name__)
async def test_what_maybe_was_sent_counts_and_can_be_checked(error: GatewayError) -> None:
    setup = in_memory()
    await setup.request()
    setup.provider.fails = [error]
    with pytest.raises(type(error)):
        await setup.request()
    await setup.check(setup.code)
    assert await sends_left(setup) == 8


async def test_attempts_of_one_send_count_once() -> None:
    setup = in_memory()
    setup.provider.fails = [Throttled("slow down"), Unreachable("gone"), None]
    await setup.request()
    assert len(setup.provider.sent) == 3
    assert await sends_left(setup) == 9


@pytest.mark.parametrize(("policy", "verdict"), [(LOGTO, CodeMismatch), (KEEPS, None)])
async def test_after_a_failed_send_the_older_code_is_as_the_policy_says(
    policy: Policy, verdict: type[GatewayError] | None
) -> None:
    setup = in_memory(Settings(policy))
    await setup.request()
    older = setup.code
    setup.provider.fails = [RecipientRefused("no")]
    with pytest.raises(RecipientRefused):
        await setup.request()
    if verdict is None:
        await setup.check(older)
    else:
        with pytest.raises(verdict):
            await setup.check(older)


async def test_a_defect_of_a_driver_counts_since_nobody_knows() -> None:
    setup = in_memory()
    setup.provider.fails = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await setup.request()
    await setup.check(setup.code)
    assert await sends_left(setup) == 9


async def test_a_send_that_is_cancelled_counts_since_nobody_knows() -> None:
    setup = in_memory()
    begun, never = asyncio.Event(), asyncio.Event()

    async def hang(message: Message) -> None:
        begun.set()
        await never.wait()

    setup.provider.during = hang
    asking = asyncio.ensure_future(setup.request())
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await setup.check(setup.code)


async def test_a_code_can_be_checked_before_its_send_returns() -> None:
    setup = in_memory()

    async def type_it_at_once(message: Message) -> None:
        await setup.check(str(message.code))

    setup.provider.during = type_it_at_once
    await setup.request()
    with pytest.raises(CodeNotFound):
        await setup.check(setup.code)


async def test_a_request_over_the_limit_leaves_the_older_code_alone() -> None:
    setup = in_memory()
    assert await sends_left(setup) == 10
    with pytest.raises(MessageRateLimited) as refused:
        await setup.request()
    assert (refused.value.retry_after, refused.value.data) == (600, {"limitedBy": "recipient", "retryAfter": 600})
    assert len(setup.provider.sent) == 10
    await setup.check(setup.code)


# --- windows of others --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "same", "other"),
    [
        (By.ADDRESS, {"client": "203.0.113.7"}, {"client": "203.0.113.8"}),
        (By.ADDRESS, {"client": "::ffff:203.0.113.7"}, {"client": "203.0.113.8"}),
        (By.COUNTRY, {}, {"to": "+4915112345678"}),
        (By.COUNTRY, {}, {"to": "ada@example.com"}),
    ],
)
async def test_a_window_counts_each_address_and_each_country_for_itself(
    by: By, same: dict[str, str], other: dict[str, str]
) -> None:
    setup = in_memory(Settings(Policy(windows=(Window(by, 2, 60),))))
    first = {"client": "203.0.113.7"}
    await setup.request("13800138000", **first)
    await setup.request("13800138001", **{**first, **same})
    with pytest.raises(MessageRateLimited) as refused:
        await setup.request("13800138002", **first)
    assert refused.value.data == {"limitedBy": by.value, "retryAfter": 60}
    await setup.request(**{**first, "to": "13800138002", **other})


async def test_addresses_of_one_network_of_ipv6_are_one_client() -> None:
    setup = in_memory(Settings(Policy(windows=(Window(By.ADDRESS, 1, 60),))))
    await setup.request("13800138000", client="2001:db8:1:2::1")
    with pytest.raises(MessageRateLimited):
        await setup.request("13800138001", client="2001:db8:1:2:ffff::9")
    await setup.request("13800138001", client="2001:db8:1:3::1")


async def test_a_window_over_all_sends_counts_everybody_and_gives_back_what_failed() -> None:
    setup = in_memory(Settings(Policy(windows=(Window(By.ALL, 2, 60),))))
    setup.provider.fails = [RecipientRefused("no"), None, None]
    with pytest.raises(RecipientRefused):
        await setup.request("13800138000")
    await setup.request("13800138001")
    await setup.request("ada@example.com")
    with pytest.raises(MessageRateLimited):
        await setup.request("13800138002")
    setup.wall.go(60)
    await setup.request("13800138002")


# --- policies -----------------------------------------------------------------------------------------------


async def test_a_code_is_checked_by_the_policy_that_it_was_made_with() -> None:
    setup = in_memory()
    await setup.request(policy="off")
    setup.wall.go(10**7)
    for _ in range(20):
        with pytest.raises(CodeMismatch):
            await setup.check(setup.wrong())
    await setup.check(setup.code)


async def test_a_lock_is_told_with_the_time_that_it_lasts_and_can_be_lifted() -> None:
    setup = in_memory(Settings(Policy(tries_per_recipient=2, lock_seconds=90)))
    await setup.request()
    for _ in range(2):
        with pytest.raises(CodeMismatch):
            await setup.check(setup.wrong())
    with pytest.raises(Blocked) as blocked:
        await setup.check(setup.code)
    assert (blocked.value.status, blocked.value.retry_after) == (400, 90)
    assert await setup.verification.forget_recipient(recipient(PHONE))
    assert not await setup.verification.forget_recipient(recipient(PHONE))
    with pytest.raises(CodeNotFound):
        await setup.check(setup.code)


async def test_letters_are_read_in_any_case_where_the_alphabet_has_one() -> None:
    setup = in_memory(Settings(Policy(alphabet="ABCDEFGHJK", length=8)))
    await setup.request()
    await setup.check(setup.code.lower())


# --- where codes come from ----------------------------------------------------------------------------------


async def test_seeded_codes_are_the_same_in_every_run_and_in_any_order() -> None:
    runs = []
    for order in (("13800138000", "13900139000"), ("13900139000", "13800138000")):
        setup = in_memory(Settings(seed=7))
        codes: dict[str, list[str]] = {}
        for to in (*order, *order):
            await setup.request(to)
            codes.setdefault(to, []).append(setup.code)
        runs.append(codes)
    assert runs[0] == runs[1]
    every = [code for codes in runs[0].values() for code in codes]
    assert len(set(every)) == len(every)
    other = in_memory(Settings(seed=8))
    await other.request("13800138000")
    assert other.code != runs[0]["13800138000"][0]


async def test_random_codes_are_not_seeded() -> None:
    setup, other = in_memory(), in_memory()
    for _ in range(10):
        await setup.request()
        await other.request()
    sent = [message.code for one in (setup, other) for message in one.provider.sent]
    assert len(set(sent)) > 15


async def test_a_pinned_code_is_sent_until_the_pin_ends() -> None:
    setup = in_memory()
    setup.verification.pins.put(Pin(recipient("13800138000"), "abc123", setup.clock.now() + 60))
    await setup.request()
    assert setup.code == "abc123"
    await setup.check("ABC 123")
    setup.wall.go(60)
    assert setup.verification.pins.listing() == []
    await setup.request()
    assert setup.code != "abc123"


@pytest.mark.parametrize("where", ["mode", "connector"])
async def test_what_goes_out_for_real_is_never_known_beforehand(where: str) -> None:
    setup = in_memory(Settings(seed=7, echo=True, live=where == "mode"))
    connector = replace(setup.connector, live=where == "connector")
    setup.verification.pins.put(Pin(recipient(PHONE), "246810"))
    seeded = in_memory(Settings(seed=7, echo=True))
    assert (await seeded.request()).code == seeded.code
    codes = set()
    for _ in range(3):
        assert (await setup.request(connector=connector)).code is None
        codes.add(setup.code)
    assert not codes & {"246810", seeded.code}


# --- what is kept -------------------------------------------------------------------------------------------


async def test_no_record_holds_a_code_or_a_recipient() -> None:
    setup = in_memory(Settings(replace(LOGTO, windows=(Window(By.ADDRESS, 9, 60), Window(By.ALL, 9, 60)))))
    setup.verification.pins.put(Pin(recipient("olga@example.com"), "QWERTZ"))
    for to in (PHONE, "olga@example.com"):
        await setup.request(to, client="203.0.113.7")
        with pytest.raises(CodeMismatch):
            await setup.check(setup.wrong(), to=to)
    kept = json.dumps(await setup.store.records.scan(""))
    # A name that no digest can spell by chance.
    for secret in (*(str(message.code) for message in setup.provider.sent), "13800138000", "olga", "203.0"):
        assert secret not in kept


async def test_another_key_makes_other_hashes() -> None:
    digests = []
    for key in ("a key of the config", "another key of the config", None, None):
        setup = in_memory(Settings(seed=7, key=key))
        await setup.request()
        ((_, record),) = await setup.store.records.scan("verifications/to/")
        digests.append(record.value["codes"]["SignIn"][0]["digest"])
        assert (await setup.store.records.get("verifications/key") is None) == (key is not None)
    assert len(set(digests)) == 4


async def test_what_does_not_matter_any_more_is_forgotten_in_time() -> None:
    setup = in_memory()
    # Used up, asked for and never typed, typed wrong.
    for count in range(1030):
        to = f"+861380{count:07}"
        await setup.request(to)
        if count == 1:
            with pytest.raises(CodeMismatch):
                await setup.check(setup.wrong(), to=to)
        elif count % 2:
            await setup.check(setup.code, to=to)
    setup.wall.go(601)
    for count in range(1100):
        await setup.request(f"+861390{count:07}")
    kept = await setup.store.records.scan("verifications/to/")
    assert 1100 + 516 <= len(kept) < 1100 + 530
    assert sum("failed" in record.value for _, record in kept) == 1


async def test_nothing_is_sent_where_nothing_can_be_kept() -> None:
    setup = in_memory()
    await setup.request()

    def full() -> None:
        raise StoreFailed("disk full")

    batch = setup.store.batch
    setup.store.batch = full  # type: ignore[method-assign, assignment]  # a disk that is full
    with pytest.raises(StoreFailed):
        await setup.request()
    with pytest.raises(StoreFailed):
        await setup.check(setup.wrong())
    setup.store.batch = batch  # type: ignore[method-assign]  # and has room again
    assert len(setup.provider.sent) == 1
    await setup.check(setup.code)
