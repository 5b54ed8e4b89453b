"""The messages and refused requests of a failed test: for its report, and as files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connector_gateway.client import Gateway
from connector_gateway.values import Capture

_EACH = 20
"""Of the messages and of the refused requests of one recipient."""


@dataclass
class Evidence:
    """What the gateway knows of the recipients of one test."""

    captures: list[Capture] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    mails: dict[str, bytes] = field(default_factory=dict)
    problem: str | None = None

    @property
    def text(self) -> str:
        """The section of the test's report; empty if nothing arrived and nothing was refused."""
        lines = [f"to {one.read_as}: {_message(one)}" for one in self.captures]
        lines += [f"refused: {_refusal(one)}" for one in self.refused]
        if self.problem is not None:
            lines.append(self.problem)
        return "\n".join(lines)


def collect(gateway: Gateway) -> Evidence:
    """Ask for the messages and refused requests of the recipients that this object made, or waited for."""
    found = Evidence()
    try:
        for to in gateway.recipients:
            found.captures += gateway.captures(to, limit=_EACH)
            found.refused += gateway.exchanges(to, accepted=False, limit=_EACH)
        for one in found.captures:
            if one.channel == "email":
                found.mails[one.id] = gateway.eml(one)
    except Exception as error:  # noqa: BLE001 - the report of a failed test must not end the run
        found.problem = f"the messages of this test could not be read: {error!r}"
    found.captures = sorted(_once(found.captures, lambda one: one.id), key=lambda one: one.cursor)
    found.refused = sorted(_once(found.refused, lambda one: one["id"]), key=lambda one: one["cursor"])
    return found


def write(found: Evidence, folder: Path, test: str) -> None:
    """Write it into a folder of the test's own: ``report.txt``, ``messages.json``, ``refused.json``, mails."""
    own = folder / re.sub(r"[^\w.-]+", "-", test).strip("-")
    own.mkdir(parents=True, exist_ok=True)
    own.joinpath("report.txt").write_text(f"{test}\n{found.text}\n", "utf-8")
    own.joinpath("messages.json").write_text(_json([dict(one.raw) for one in found.captures]), "utf-8")
    own.joinpath("refused.json").write_text(_json(found.refused), "utf-8")
    for capture_id, mail in found.mails.items():
        own.joinpath(f"{capture_id}.eml").write_bytes(mail)


def _once(found: Iterable[Any], name: Any) -> list[Any]:
    return list({name(one): one for one in found}.values())


def _message(one: Capture) -> str:
    about = " ".join(part for part in (one.type, one.subject and f"“{one.subject}”") if part)
    words = " ".join((one.text or "").split())
    code = f", code {one.code}" if one.code else ""
    return f"{about or 'a message'}{code} ({one.id}, {one.received_at:%H:%M:%S}): {words[:200]}"


def _refusal(one: Mapping[str, Any]) -> str:
    explanation = one.get("explanation") or {}
    why = explanation.get("diagnosis") or explanation.get("hint")
    what = " ".join(str(part) for part in (one["provider"], one["operation"] or "a request") if part)
    return f"{what} with {one['code']}" + (f": {why}" if why else "") + f" ({one['id']})"


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
