"""The account itself: may it send, is it out of the sandbox, what does it suppress."""

from __future__ import annotations

from typing import Any

from gateway.core.model import Document
from gateway.providers.aws_ses.fake import resources
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.settings import FakeSettings, Quota

BOUNCE, COMPLAINT = "BOUNCE", "COMPLAINT"
_NEW: Document = {"suppressedReasons": [BOUNCE, COMPLAINT]}


async def state(call: Call) -> Document:
    """What was put into it; what never was is not there. Keys: ``sending``, ``production`` (booleans),
    ``suppressedReasons``, ``review`` (``status``, ``caseId``), and v2's own documents ``details``, ``vdm``,
    ``pricing``, ``warmup``."""
    return await resources.get(call, "account") or _NEW


async def put(call: Call, **changes: Any) -> Document:
    """Change what is named; the whole state comes back."""
    after = await resources.change(call, "account", "", lambda before: {**before, **changes}, _NEW)
    return after or _NEW


def sending(state: Document) -> bool:
    return bool(state.get("sending", True))


def production(state: Document, settings: FakeSettings) -> bool:
    return bool(state.get("production", settings.production))


def quota(state: Document, settings: FakeSettings) -> Quota:
    """What is in force, or would be if this fake applied limits."""
    return settings.quota if production(state, settings) else settings.sandbox


async def describe(call: Call, details: Document, *, wants_production: bool | None) -> None:
    """What the account is for. Who asks for production access gets what the config says of such reviews. Raises
    Refusal while another one is pending."""
    before = await state(call)
    if before.get("review", {}).get("status") == "PENDING":
        raise Refusal("ConflictException", "this fake's config leaves reviews pending (production_review)")
    changes: dict[str, Any] = {"details": details}
    if wants_production is not None and wants_production != production(before, call.settings):
        outcome = call.settings.production_review.upper() if wants_production else "GRANTED"
        changes["review"] = {"status": outcome, "caseId": f"case-{call.account_id}-{int(call.now)}"}
        if outcome == "GRANTED":
            changes["production"] = wants_production
    await put(call, **changes)
