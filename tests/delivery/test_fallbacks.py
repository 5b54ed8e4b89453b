"""Who stands in for whom, and which circles there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.model import Channel
from gateway.delivery.delivery import share
from gateway.delivery.fallbacks import loops, order, unfit
from gateway.providers.ports import Connector, ConnectorFactory
from tests.support.toy import METADATA, ToyDriver

NAMES = "abcdef"


def connector(
    name: str, *fallback: str, channel: Channel = Channel.SMS, live: bool = False, declared: bool = True
) -> Connector:
    factory = ConnectorFactory("f", channel, lambda config, options: None, lambda *_: ToyDriver(None), METADATA)
    return Connector(name, "toy", factory, None, live=live, declared=declared, fallback=fallback)


def known(*connectors: Connector) -> Mapping[str, Connector]:
    return {one.id: one for one in connectors}


def ids(found: Sequence[Connector]) -> str:
    return "".join(one.id for one in found)


def test_its_own_come_first_in_their_order_and_then_theirs() -> None:
    all_ = known(connector("a", "b", "c"), connector("b", "d"), connector("c", "d", "e"), *map(connector, "de"))
    assert ids(order(all_["a"], all_)) == "bcde"
    assert ids(order(all_["b"], all_)) == "d"
    assert ids(order(all_["e"], all_)) == ""


def test_one_that_is_gone_or_does_not_fit_is_left_out() -> None:
    all_ = known(connector("a", "x", "m", "b"), connector("b"), connector("m", channel=Channel.EMAIL))
    assert ids(order(all_["a"], all_)) == "b"


def test_a_circle_ends_where_it_began() -> None:
    all_ = known(connector("a", "b"), connector("b", "a", "b"))
    assert ids(order(all_["a"], all_)) == "b"


def test_who_may_stand_in_for_whom() -> None:
    a = connector("a")
    assert unfit(a, connector("b")) is None
    assert unfit(a, connector("b", live=True)) is None
    assert unfit(a, connector("b", channel=Channel.EMAIL)) == "b sends email, not sms"
    told = unfit(connector("a", live=True), connector("b"))
    assert told == "b is not live: what it takes reaches nobody"


@pytest.mark.parametrize(
    ("fallback", "found"),
    [
        ({"a": ["a"]}, [["a", "a"]]),
        ({"a": ["b"], "b": ["a"]}, [["a", "b", "a"]]),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, [["b", "c", "b"]]),
        ({"a": ["b", "c"], "b": ["c"], "c": []}, []),
    ],
)
def test_circles_are_named_from_where_they_begin(
    fallback: Mapping[str, Sequence[str]], found: list[list[str]]
) -> None:
    assert list(loops(fallback)) == found


def reaches(fallback: Mapping[str, Sequence[str]], start: str, end: str) -> bool:
    """Slow and obvious."""
    seen: set[str] = set()
    near = list(fallback[start])
    while near:
        one = near.pop()
        if one not in seen:
            seen.add(one)
            near += fallback[one]
    return end in seen


@given(st.fixed_dictionaries({name: st.lists(st.sampled_from(NAMES), max_size=3) for name in NAMES}))
def test_there_is_a_circle_where_one_reaches_itself(fallback: Mapping[str, Sequence[str]]) -> None:
    found = list(loops(fallback))
    assert bool(found) == any(reaches(fallback, name, name) for name in NAMES)
    for way in found:
        assert way[0] == way[-1]
        for one, following in pairwise(way):
            assert following in fallback[one]


def test_circles_are_found_in_a_chain_of_a_hundred_thousand() -> None:
    names = [str(number) for number in range(100_000)]
    chain = {name: [following] for name, following in zip(names, [*names[1:], "0"], strict=True)}
    (way,) = loops(chain)
    assert len(way) == len(names) + 1


@given(st.floats(0.5, 60), st.integers(0, 9))
def test_each_connector_leaves_time_for_those_that_follow(left: float, following: int) -> None:
    now, deadline = 100.0, 100.0 + left
    assert share(now, deadline, 0) == pytest.approx(deadline)
    own = share(now, deadline, following)
    assert now < own <= deadline + 1e-9
    rest = deadline - own
    assert rest >= min(2.0 * following, left * following / (following + 1)) - 1e-9
    assert own - now >= left / (following + 1) - 1e-9
