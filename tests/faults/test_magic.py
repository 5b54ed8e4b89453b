"""Magic recipients: who they are, that they can be nobody's, and what happens to a message to them."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.model import Channel, Recipient, Wire
from gateway.core.recipients import fresh_phone, recipient
from gateway.faults.magic import DOMAINS, MEANINGS, Magic, Meaning, meaning_of
from gateway.faults.rules import Effect, FaultBook, Match, ProviderError, Rule
from gateway.providers.aliyun_sms.wire import numbers
from gateway.web.fakes.adapter import BoundFaults
from tests.support.samples import OTHER, PHONE

OWN = {"invalid": Effect(error=ProviderError("NoSuchNumber"))}
ONE_EACH = [(meaning, pattern) for meaning in MEANINGS for pattern in meaning.phones]


def number(pattern: str, digit: str = "2") -> str:
    return pattern.replace("x", digit).replace(" ", "")


def to(name: str) -> Recipient:
    return recipient(next(number(one.phones[0]) for one in MEANINGS if one.name == name))


@pytest.mark.parametrize(("meaning", "pattern"), ONE_EACH)
def test_a_magic_number_means_one_thing_and_is_nobodys(meaning: Meaning, pattern: str) -> None:
    for digit in "259":
        read = recipient(number(pattern, digit))
        assert meaning_of(read) == meaning.name
        # Ofcom's drama numbers are valid to libphonenumber; they are given to nobody.
        drama = read.read_as.startswith("+447700900")
        assert drama or not phonenumbers.is_valid_number(phonenumbers.parse(read.read_as))


@pytest.mark.parametrize("meaning", MEANINGS)
def test_aliyun_takes_the_mainland_ones_in_each_spelling(meaning: Meaning) -> None:
    digits = number(meaning.phones[0]).removeprefix("+86")
    for spelling in (digits, f"86{digits}", f"+86{digits}", f"0086{digits}"):
        assert numbers.is_legal(spelling)
        read = numbers.recipient(spelling)
        assert (meaning_of(read), read.readings) == (meaning.name, (f"+86{digits}",))


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_magic_address_is_named_by_the_label_of_its_domain(meaning: Meaning, domain: str) -> None:
    assert meaning_of(recipient(f"Ada+1@{meaning.name.upper()}{domain}")) == meaning.name
    for other in (
        f"a@x.{meaning.name}{domain}",
        f"a@{domain[1:]}",
        f"a@{meaning.name}{domain}.org",
        f"a@nothing{domain}",
    ):
        assert meaning_of(recipient(other)) is None
    assert meaning_of(recipient(f"{meaning.name}@example.com")) is None


@given(st.integers(0, 10**9))
def test_a_number_that_the_gateway_makes_up_is_never_magic(count: int) -> None:
    for region in ("CN", "US", "GB"):
        assert meaning_of(recipient(fresh_phone(region, count))) is None


@given(st.text("+0123456789", min_size=1, max_size=15))
def test_the_quick_look_misses_nobody(text: str) -> None:
    """A plain reading of the table, against the look-ups."""
    plain = [one.name for one in MEANINGS if any(re.fullmatch(_expression(p), text) for p in one.phones)]
    found = Magic({"invalid": Effect(Wire(fin=True))}).at("before", [Recipient(Channel.SMS, text, (text,))])
    assert meaning_of(Recipient(Channel.SMS, text, (text,))) == (plain[0] if plain else None)
    assert found is None or plain


def _expression(pattern: str) -> str:
    expression = pattern.replace(" ", "").replace("+", r"\+").replace("x", "[0-9]")
    return expression.replace(r"\+1[0-9]", r"\+1[2-9]")


def test_examples_of_the_quick_look() -> None:
    for meaning, pattern in ONE_EACH:
        magic = Magic({meaning.name: Effect(Wire(fin=True))})
        hit = magic.at(meaning.stage, [recipient(PHONE), recipient(number(pattern))])
        assert hit is not None
        assert hit.fault_ids == (f"magic_{meaning.name}",)
        assert magic.at("after" if meaning.stage == "before" else "before", [recipient(number(pattern))]) is None


def test_what_a_provider_does_not_know_is_an_ordinary_recipient_there() -> None:
    assert Magic({}).at("before", [to("invalid")]) is None
    found = Magic(OWN).at("before", [to("invalid")])
    assert found is not None
    assert found.error == ProviderError("NoSuchNumber")
    assert Magic({}).at("before", [to("timeout")]) is not None


def test_a_table_with_a_meaning_that_nobody_has_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no meaning invalld; there are blocked"):
        Magic({"invalld": Effect()})


def test_of_several_recipients_each_gets_what_it_means() -> None:
    lost, late = to("lost"), to("late")
    found = Magic(OWN).at("before", [recipient(PHONE), lost, late])
    assert found is not None
    assert found.fault_ids == ("magic_lost", "magic_late")
    told = [found.delivery_to(one) for one in (PHONE, lost.read_as, late.read_as)]
    assert [one.outcome if one else None for one in told] == [None, "lost", "late"]


def test_one_that_is_refused_refuses_the_call_wherever_it_stands() -> None:
    for several in ([to("lost"), to("invalid")], [to("invalid"), to("lost")]):
        found = Magic(OWN).at("before", several)
        assert found is not None
        assert found.error == ProviderError("NoSuchNumber")


def bound(*rules: Rule, magic: Magic | None) -> BoundFaults:
    book = FaultBook()
    for rule in rules:
        book.add(rule)
    return BoundFaults(book, "toy", magic=magic, sends=frozenset({"Send"}))


def test_rules_come_first_and_only_what_sends_is_magic() -> None:
    rule = Rule(Match(recipients=frozenset({to("lost").read_as})), Effect(Wire(fin=True)), count=1)
    faults = bound(rule, magic=Magic({}))
    assert faults.at("before", "Send", [to("lost")]) is rule.effect
    implied = faults.at("before", "Send", [to("lost")])
    assert implied is not None
    assert implied.implied
    assert faults.at("before", "Query", [to("lost")]) is None
    assert faults.at("before", "Send", [recipient(OTHER)]) is None
    assert bound(magic=None).at("before", "Send", [to("lost")]) is None
