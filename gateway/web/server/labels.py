"""What logs and metrics may name. Whoever sends a request must not choose words of ours: they could hold a phone
number, and each new one would be a time series that is kept for good."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.core.model import Verdict
from gateway.providers.ports import Connector, Provider

OTHER = "other"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
# As providers write codes. Six digits in a row are a code of another kind, or part of a number.
_CODE = re.compile(r"(?!.*[0-9]{6})[A-Za-z0-9][A-Za-z0-9._:-]{0,79}", re.ASCII)
_CODES = 200
_CONNECTORS = 200
# The caller's own id, unless it could be a number of a person.
_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9._-]{1,64}", re.ASCII)


class Labels:
    """The words of one gateway: the providers' operations, and the first codes and connectors that come up."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._operations = {name: provider.operations for name, provider in providers.items()}
        self._codes: dict[str, set[str]] = {name: set() for name in providers}
        self._connectors: set[str] = set()

    def operation(self, provider: str, verdict: Verdict) -> str:
        """Empty where the request names none."""
        given = verdict.operation
        if given is None:
            return ""
        return given if given in self._operations[provider] else OTHER

    def code(self, provider: str, verdict: Verdict) -> str:
        """Empty where the fake gave none."""
        given, known = verdict.code, self._codes[provider]
        if not given:
            return ""
        if given not in known:
            if len(known) >= _CODES or _CODE.fullmatch(given) is None:
                return OTHER
            known.add(given)
        return given

    def connector(self, connector: Connector) -> str:
        """``test`` for one that is only tried out, since each of these has an id of its own."""
        if not connector.declared and not connector.version:
            return "test"
        if connector.id not in self._connectors and len(self._connectors) >= _CONNECTORS:
            return OTHER
        self._connectors.add(connector.id)
        return connector.id


def method(given: str) -> str:
    """A method may be any word."""
    return given if given in _METHODS else OTHER


def sane_id(given: str | None) -> str | None:
    """The caller's request id, if it is one that may stand in a log."""
    return given if given is not None and _ID.fullmatch(given) else None


def masked(address: str) -> str:
    """A recipient's last two characters."""
    return f"…{address[-2:]}" if len(address) > 4 else "…"
