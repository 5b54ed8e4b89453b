"""Many mails in one call: each has its own result, and one that fails leaves the others alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gateway.core.model import Recipient
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.draft import Draft, Pairs
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.sending import rules
from gateway.providers.aws_ses.fake.sending.deliver import accept, outcome

MOST_ENTRIES = 50
# By the condition of the refusal. Those of the whole call (sender, template, configuration set) come before.
_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "MessageRejected": "MESSAGE_REJECTED",
        "Throttling": "ACCOUNT_THROTTLED",
        "DailyQuota": "ACCOUNT_DAILY_QUOTA_EXCEEDED",
        "InvalidParameterValue": "INVALID_PARAMETER",
        "BadRequestException": "INVALID_PARAMETER",
    }
)


def replaced(common: Pairs, own: Pairs) -> Pairs:
    """Headers or tags of an entry: those of all with the same name give way. Source: SES v2, BulkEmailEntry."""
    names = {name.lower() for name, _ in own}
    return [*(pair for pair in common if pair[0].lower() not in names), *own]


async def check(call: Call, drafts: Sequence[Draft], most_bytes: int) -> None:
    """What refuses the whole call. ``call.recipients`` are those of all drafts. Raises Refusal."""
    if len(drafts) > MOST_ENTRIES:
        text = f"The number of destinations exceeds {MOST_ENTRIES}."
        raise Refusal("InvalidParameterValue", f"a call has at most {MOST_ENTRIES} destinations", message=text)
    everybody: list[Recipient] = []
    for draft in drafts:
        try:
            rules.grammar(call, draft)
        except Refusal as refusal:
            draft.refusal = refusal
        everybody += draft.reached
    call.recipients = tuple(dict.fromkeys(everybody))
    first = drafts[0]
    rules.address(first.sender, "the sender")
    await rules.account_and_set(call, first)
    await rules.senders(call, first)
    for draft in drafts:
        draft.account, draft.set, draft.notes = first.account, first.set, first.notes
        if draft.refusal is None:
            try:
                rules.size(draft, most_bytes)
                await rules.recipients(call, draft)
            except Refusal as refusal:
                draft.refusal = refusal


async def deliver(call: Call, drafts: Sequence[Draft], member: str) -> Outcome:
    """``member``: what the list of results is called."""
    accepted, results = [], []
    for draft in drafts:
        try:
            if draft.refusal is not None:
                raise draft.refusal
            mail = await accept(call, draft)
        except Refusal as refusal:
            results.append(_failed(call, refusal))
        else:
            accepted.append(mail)
            results.append({"Status": "SUCCESS", "MessageId": mail.message_id})
    captures = [capture for mail in accepted for capture in mail.captures]
    arrived = await call.context.inbox.add(captures, call.effect)
    return outcome({member: results}, accepted, arrived, drafts[0].notes)


def _failed(call: Call, refusal: Refusal) -> dict[str, Any]:
    message = refusal.message if refusal.message is not None else call.settings.row(refusal.code).message
    return {"Status": _STATUSES.get(refusal.code, "FAILED"), "Error": message}
