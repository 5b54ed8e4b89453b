"""The ways in which other percent-encoders differ from Aliyun's, to name the one that a client used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from gateway.providers.aliyun_sms.wire.signing import percent_encode

_HEX = re.compile("%[0-9A-F]{2}")
_LONG = 4096

# What a client did, and how it turns our encoding into its own.
_HABITS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("writes a space as + instead of %20", lambda text: text.replace("%20", "+")),
    ("leaves * unescaped instead of %2A", lambda text: text.replace("%2A", "*")),
    ("escapes ~ as %7E instead of leaving it", lambda text: text.replace("~", "%7E")),
    ("leaves ! ' ( ) unescaped", lambda text: _restore(text, "!'()")),
    ("leaves / unescaped instead of %2F", lambda text: text.replace("%2F", "/")),
    ("leaves : unescaped instead of %3A", lambda text: text.replace("%3A", ":")),
    ("leaves , unescaped instead of %2C", lambda text: text.replace("%2C", ",")),
    ("writes escapes in lower-case hex", lambda text: _HEX.sub(lambda escape: escape[0].lower(), text)),
)


def _restore(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(percent_encode(character), character)
    return text


def encoders(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Callable[[str], str]]]:
    """What a client may have done, and the encoder that does it: one habit alone, then up to three together; only
    those that matter for these parameters. Long ones are tried less hard, since each try costs an encoding."""
    plain = "".join([f"{name}{value}" for name, value in pairs])
    encoded = percent_encode(plain)
    habits = [habit for habit in _HABITS if habit[1](encoded) != encoded]
    for size in range(1, 4 if len(encoded) < _LONG else 2):
        for chosen in combinations(habits, size):
            yield " and ".join([name for name, _ in chosen]), _chain([change for _, change in chosen])


def query(pairs: Iterable[tuple[str, str]], encode: Callable[[str], str], *, in_order: bool = True) -> str:
    """A canonical query by another encoder, or not sorted."""
    ordered = sorted(pairs) if in_order else pairs
    return "&".join([f"{encode(name)}={encode(value)}" for name, value in ordered])


def _chain(changes: Sequence[Callable[[str], str]]) -> Callable[[str], str]:
    def encode(text: str) -> str:
        text = percent_encode(text)
        for change in changes:
            text = change(text)
        return text

    return encode
