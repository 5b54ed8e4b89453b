"""Numbers and addresses: their readings, and fresh ones."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.model import Channel
from gateway.core.recipients import fresh_phone, is_valid_phone, keys, national, phone_readings, recipient
from tests.support.tiers import rest_slow


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("13800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        (" +86 138-0013-8000 ", "+8613800138000"),
        ("+86 (138) 0013.8000", "+8613800138000"),
        ("13055550123", "+8613055550123"),
        ("+13055550123", "+13055550123"),
        ("+1 (305) 555-0123", "+13055550123"),
        ("0013055550123", "+13055550123"),
        ("447911123456", "+447911123456"),
        ("+85251234567", "+85251234567"),
        ("85251234567", "+85251234567"),
    ],
)
def test_a_number_is_read_first_as_the_providers_read_it(text: str, first: str) -> None:
    assert phone_readings(text)[0] == first


@pytest.mark.parametrize("text", ["+13055550123", "0013055550123", "+8613055550123", "008613055550123"])
def test_an_international_prefix_leaves_one_reading(text: str) -> None:
    assert len(phone_readings(text)) == 1


def test_eleven_bare_digits_may_be_chinese_or_north_american() -> None:
    assert phone_readings("13055550123") == ("+8613055550123", "+13055550123")


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("13055550123", ("+13055550123", "+8613055550123")),
        ("1 (305) 555-0123", ("+13055550123", "+8613055550123")),
        ("12925550106", ("+12925550106", "+8612925550106")),
        ("13912345678", ("+8613912345678", "+13912345678")),
        ("13800138000", ("+8613800138000",)),
        ("8613055550123", ("+8613055550123",)),
        ("+13055550123", ("+13055550123",)),
    ],
)
def test_the_api_takes_digits_with_a_country_code_at_their_word(text: str, readings: tuple[str, ...]) -> None:
    assert recipient(text, Channel.SMS).readings == readings


@given(st.from_regex(r"1[0-9]{10}", fullmatch=True))
def test_at_its_word_a_number_loses_no_reading(digits: str) -> None:
    assert sorted(recipient(digits, Channel.SMS).readings) == sorted(phone_readings(digits))


@given(st.from_regex(r"1[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True))
def test_what_may_be_north_american_is_possible_there(digits: str) -> None:
    """We do not ask libphonenumber, since it takes a tenth of a request; it would say the same."""
    number = phonenumbers.parse(f"+{digits}")
    assert phonenumbers.is_possible_number(number)
    assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == phone_readings(digits)[1]


def test_a_chinese_number_that_no_exchange_starts_with_has_one_reading() -> None:
    """docs/api.md shows it: the capture of 13800138000 has the one reading."""
    assert phone_readings("13800138000") == ("+8613800138000",)


@pytest.mark.parametrize("text", ["07911123456", "12345", "110", "0", "+", "+0", "99999999999999999999", "+1"])
def test_what_cannot_be_read_stays_as_it_is(text: str) -> None:
    assert phone_readings(text) == (text,)


@pytest.mark.parametrize(("text", "reading"), [("+44 (0)7911 123456", "+447911123456")])
def test_the_zero_that_people_put_in_parentheses_is_no_part_of_the_number(text: str, reading: str) -> None:
    assert phone_readings(text) == (reading,)


@given(st.text(alphabet="+0123456789 -().", max_size=24))
def test_every_reading_of_digits_is_e164_or_the_input(text: str) -> None:
    _is_e164_or_the_input(text)


@given(st.text(max_size=40))
def test_every_reading_of_any_text_is_e164_or_the_input(text: str) -> None:
    _is_e164_or_the_input(text)


@given(st.sampled_from(["+49", "+43", "+62", "0049"]), st.text(alphabet="0123456789", min_size=8, max_size=17))
def test_long_numbers_have_at_most_fifteen_digits(prefix: str, rest: str) -> None:
    _is_e164_or_the_input(prefix + rest)


def _is_e164_or_the_input(text: str) -> None:
    readings = phone_readings(text)
    assert readings
    assert len(set(readings)) == len(readings)
    plain = "".join(char for char in text if char not in "-()." and not char.isspace())
    for reading in readings:
        is_e164 = reading.startswith("+") and reading[1:].isdigit() and len(reading) <= 16
        assert is_e164 or reading in (plain, text.strip())


@given(st.text(alphabet="0123456789", min_size=5, max_size=15))
def test_a_reading_is_read_as_itself(text: str) -> None:
    for reading in phone_readings(f"+{text}"):
        assert phone_readings(reading) == (reading,)


# --- what callers write -------------------------------------------------------------------------------------


def test_an_at_sign_makes_it_an_address() -> None:
    found = recipient(" Ada@Example.COM ")
    assert (found.channel, found.to, found.readings) == (Channel.EMAIL, "Ada@Example.COM", ("ada@example.com",))
    assert keys(found) == ("to:ada@example.com",)
    assert recipient("13800138000").channel is Channel.SMS


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "abc",
        "a@b",
        "@",
        "a b@c.de",
        "138001380００",
        "１３８００１３８０００",
        "1" * 400,
        "13800138000,13900139000",
    ],
)
def test_what_is_neither_number_nor_address_is_refused_by_field(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        recipient(text)
    assert caught.value.data == {"field": "to"}
    assert caught.value.message.startswith("to: ")
    assert len(text) < 5 or text not in caught.value.message


def test_a_channel_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="phone number"):
        recipient("ada@example.com", Channel.SMS)
    with pytest.raises(InvalidRequest, match="email address"):
        recipient("13800138000", Channel.EMAIL)


# --- fresh ones ---------------------------------------------------------------------------------------------


def test_fresh_chinese_numbers_do_not_repeat() -> None:
    assert len({fresh_phone("CN", count) for count in range(100_000)}) == 100_000


@given(st.integers(0, 279_999_999), st.integers(0, 279_999_999))
def test_two_counts_within_the_chinese_range_never_give_the_same(one: int, other: int) -> None:
    assert (fresh_phone("CN", one) == fresh_phone("CN", other)) == (one == other)


@given(st.integers(0, 279_999_999))
def test_a_fresh_chinese_number_has_one_reading_and_cannot_be_north_american(count: int) -> None:
    to = fresh_phone("CN", count)
    assert len(to) == 14
    assert phone_readings(to) == (to,)
    assert phone_readings(to[1:]) == (to,)
    assert not is_valid_phone(f"+1{to[4:]}")
    assert phone_readings(to[3:]) == (to,), "also as people in China write it"
    assert national(to).replace(" ", "") == to[3:]


def test_fresh_chinese_numbers_are_valid_ones() -> None:
    assert all(is_valid_phone(fresh_phone("CN", count)) for count in range(0, 280_000_000, 1_400_003))


@pytest.mark.parametrize("region", rest_slow(sorted(phonenumbers.SUPPORTED_REGIONS - {"CN"}), 30))
def test_no_region_repeats_its_first_thousand_numbers(region: str) -> None:
    """A region that cannot give so many must say so rather than give one twice."""
    try:
        found = [fresh_phone(region, count) for count in range(1000)]
    except InvalidRequest:
        return
    assert len(set(found)) == 1000
    assert all(phone_readings(to) == (to,) for to in found[:20])


@pytest.mark.parametrize("region", ["ZZ", "XX", "EN"])
def test_a_region_without_numbers_is_refused_by_field(region: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        fresh_phone(region, 1)
    assert caught.value.data == {"field": "region"}
