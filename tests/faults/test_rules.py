"""Fault rules: which request they hit, how often, and that chance is repeatable."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.model import Recipient, Wire
from gateway.core.recipients import recipient
from gateway.faults.rules import Effect, FaultBook, Match, ProviderError, RawAnswer, Rule, RuleStatus, Stage
from tests.support.samples import OTHER, PHONE

HANG = Effect(Wire(hang=True))


def book_of(*rules: Rule) -> FaultBook:
    book = FaultBook()
    for rule in rules:
        book.add(rule)
    return book


def hit(
    book: FaultBook,
    stage: Stage = "before",
    provider: str = "toy",
    operation: str | None = "Send",
    to: str | None = PHONE,
    key_id: str | None = "key",
) -> bool:
    recipients: list[Recipient] = [recipient(to)] if to is not None else []
    return book.at(stage, provider, operation, recipients, key_id) is not None


def test_without_rules_nothing_happens() -> None:
    assert not hit(FaultBook())


def test_a_rule_without_conditions_hits_everything_of_its_stage() -> None:
    book = book_of(Rule(Match(), HANG))
    assert hit(book)
    assert hit(book, provider="other", operation=None, to=None, key_id=None)
    assert not hit(book, stage="after")


def test_a_rule_for_after_hits_only_after() -> None:
    book = book_of(Rule(Match(), HANG, stage="after"))
    assert not hit(book)
    assert hit(book, stage="after")


def test_each_condition_keeps_other_requests_out() -> None:
    number = frozenset({PHONE})
    assert not hit(book_of(Rule(Match(provider="toy"), HANG)), provider="other")
    assert not hit(book_of(Rule(Match(operation="Send"), HANG)), operation="Query")
    assert not hit(book_of(Rule(Match(operation="Send"), HANG)), operation=None)
    assert not hit(book_of(Rule(Match(key_id="key"), HANG)), key_id="other")
    assert not hit(book_of(Rule(Match(key_id="key"), HANG)), key_id=None)
    assert not hit(book_of(Rule(Match(recipients=number), HANG)), to=OTHER)
    assert not hit(book_of(Rule(Match(recipients=number), HANG)), to=None)
    assert hit(book_of(Rule(Match("toy", "Send", number, "key"), HANG)))


def test_a_recipient_matches_as_the_provider_reads_it() -> None:
    """13800138000 is read as Chinese: a fault for +1 380 013 8000 must not hit it."""
    assert not hit(book_of(Rule(Match(recipients=frozenset({"+13800138000"})), HANG)), to="13800138000")
    assert hit(book_of(Rule(Match(recipients=frozenset(recipient("13800138000").readings)), HANG)), to=PHONE)


def test_one_of_several_recipients_is_enough() -> None:
    book = book_of(Rule(Match(recipients=frozenset({OTHER})), HANG))
    assert book.at("before", "toy", "Send", [recipient(PHONE), recipient(OTHER)], None) is HANG


def test_only_the_nth_matching_request_is_hit() -> None:
    book = book_of(Rule(Match(operation="Send", nth=3), HANG))
    assert [hit(book, operation=name) for name in ("Send", "Query", "Send", "Query", "Send", "Send")] == [
        False,
        False,
        False,
        False,
        True,
        False,
    ]


def test_a_count_is_used_up() -> None:
    book = book_of(Rule(Match(), HANG, count=2))
    assert [hit(book) for _ in range(4)] == [True, True, False, False]


def test_two_rules_with_a_count_make_a_sequence() -> None:
    first, second = Effect(error=ProviderError("first")), Effect(error=ProviderError("second"))
    book = book_of(Rule(Match(), first, count=1), Rule(Match(), second, count=1))
    assert [book.at("before", "toy", None, [], None) for _ in range(3)] == [first, second, None]


def test_the_first_rule_wins_and_the_other_is_not_used_up() -> None:
    special, general = Effect(error=ProviderError("special")), Effect(error=ProviderError("general"))
    book = book_of(Rule(Match(key_id="key"), special), Rule(Match(), general, count=1))
    assert book.at("before", "toy", None, [], "key") is special
    assert book.at("before", "toy", None, [], None) is general
    assert book.at("before", "toy", None, [], None) is None


def test_the_listing_counts_requests_and_hits() -> None:
    rule = Rule(Match(nth=2), HANG)
    book = book_of(rule)
    for _ in range(3):
        hit(book)
    assert book.listing() == [RuleStatus(rule, 3, 1)]


def test_a_removed_rule_is_gone_and_clear_counts() -> None:
    rules = [Rule(Match(), HANG) for _ in range(3)]
    book = book_of(*rules)
    assert book.remove(rules[0].id) is True
    assert book.remove(rules[0].id) is False
    assert book.clear() == 2
    assert book.listing() == []
    assert not hit(book)


@given(seed=st.integers(), probability=st.floats(0, 1))
def test_the_same_seed_gives_the_same_run(seed: int, probability: float) -> None:
    books = [book_of(Rule(Match(probability=probability, seed=seed), HANG)) for _ in range(2)]
    runs = [[hit(book) for _ in range(30)] for book in books]
    assert runs[0] == runs[1]
    draws = random.Random(seed)  # noqa: S311  # repeatable is the point
    assert runs[0] == [draws.random() < probability for _ in range(30)]


@pytest.mark.parametrize(("probability", "always"), [(0.0, False), (1.0, True)])
def test_the_ends_of_probability_are_never_and_always(probability: float, always: bool) -> None:
    book = book_of(Rule(Match(probability=probability, seed=5), HANG))
    assert {hit(book) for _ in range(100)} == {always}


def test_requests_of_others_do_not_draw_from_the_chance() -> None:
    """Else a parallel test would change what the seed promises."""
    alone, disturbed = (book_of(Rule(Match(key_id="key", probability=0.5, seed=1), HANG)) for _ in range(2))
    runs = []
    for _ in range(30):
        hit(disturbed, key_id="other")
        runs.append((hit(alone), hit(disturbed)))
    assert all(one == other for one, other in runs)


def test_probability_and_count_work_together() -> None:
    book = book_of(Rule(Match(probability=0.5, seed=3), HANG, count=4))
    assert sum(hit(book) for _ in range(200)) == 4


@pytest.mark.parametrize(
    ("effect", "replaces"),
    [
        (Effect(Wire(latency=1)), False),
        (Effect(Wire(truncate_at=3, drip=1)), False),
        (Effect(Wire(hang=True)), True),
        (Effect(Wire(reset=True)), True),
        (Effect(Wire(fin=True)), True),
        (Effect(error=ProviderError("x")), True),
        (Effect(answer=RawAnswer(204)), True),
    ],
)
def test_an_effect_knows_whether_it_takes_the_place_of_the_answer(effect: Effect, replaces: bool) -> None:
    assert effect.replaces is replaces


# --- rules that apply to nothing ------------------------------------------------------------------------------


def test_a_rule_whose_count_is_used_up_has_ended() -> None:
    rule = Rule(Match(), HANG, count=2)
    book = book_of(rule)
    assert [book.listing()[0].end for _ in range(2) if hit(book)] == [
        None,
        "count: it has applied 2 times, which is all; it applies no more",
    ]


def test_a_rule_for_the_nth_request_has_ended_after_that_request() -> None:
    rule = Rule(Match(nth=2), HANG)
    book = book_of(rule)
    hit(book)
    assert book.listing()[0].end is None
    hit(book)
    assert str(book.listing()[0].end).startswith("nth: it has seen 2 times what it matches")


FIRST = Rule(Match(provider="toy"), HANG, id="first")


@pytest.mark.parametrize(
    ("first", "later", "hides"),
    [
        pytest.param(FIRST, Rule(Match(provider="toy", operation="Send"), HANG), True, id="wider"),
        pytest.param(FIRST, Rule(Match(), HANG), False, id="narrower"),
        pytest.param(FIRST, Rule(Match(provider="other"), HANG), False, id="another provider"),
        pytest.param(
            Rule(Match(recipients=frozenset({PHONE, "x"})), HANG, id="first"),
            Rule(Match(recipients=frozenset({PHONE})), HANG),
            True,
            id="more recipients",
        ),
        pytest.param(Rule(Match(nth=1), HANG, id="first"), Rule(Match(), HANG), False, id="one request only"),
        pytest.param(Rule(Match(), HANG, count=1, id="first"), Rule(Match(), HANG), False, id="a sequence"),
        pytest.param(Rule(Match(probability=0.5), HANG, id="first"), Rule(Match(), HANG), False, id="by chance"),
        pytest.param(FIRST, Rule(Match(provider="toy"), HANG, "after"), True, id="no answer is left for after"),
        pytest.param(
            Rule(Match(), Effect(Wire(latency=1)), id="first"), Rule(Match(), HANG, "after"), False, id="late only"
        ),
    ],
)
def test_a_rule_that_an_earlier_one_hides_names_it(first: Rule, later: Rule, hides: bool) -> None:
    book = book_of(first, later)
    assert book.hidden_by(later.id) == ("first" if hides else None)
    assert book.hidden_by("first") is None
    hit(book, stage="before")
    assert not (hides and later.stage == "before" and book.listing()[1].hits)
