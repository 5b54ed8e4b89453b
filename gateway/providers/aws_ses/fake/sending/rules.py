"""What a mail must be, before anything counts it. Each rule raises Refusal.

Lenient fakes take mail from anybody to anybody; what an account was told to do (pausing, a configuration set that
is there) holds in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.providers.aws_ses.fake import account, configuration_sets, identities
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.draft import Draft, Pairs, recipient
from gateway.providers.aws_ses.fake.sending import simulator
from gateway.providers.aws_ses.wire.addresses import IllegalAddress, Mailbox, mailbox

MOST_RECIPIENTS = 50
MOST_TAGS = 50
_MOST_REPLY_TO = 1000  # AWS names no limit
_LONGEST_TAG = 255
_LONGEST_LIST = 10  # identities named in a rejection
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TAG_NAME = re.compile("[A-Za-z0-9_-]+")
# Amazon SES: parts of the header Feedback-ID that are the sender's own.
_FEEDBACK_IDS = frozenset(("ses:feedback-id-a", "ses:feedback-id-b"))
_TAG_VALUE = re.compile("[A-Za-z0-9_.@-]+")


async def check(call: Call, draft: Draft, most_bytes: int) -> None:
    """All of them, in the order in which AWS seems to ask. Fills in the draft and ``call.recipients``."""
    grammar(call, draft)
    size(draft, most_bytes)
    await account_and_set(call, draft)
    if call.settings.strict or not account.production(draft.account, call.settings):
        unknown = await _unknown_senders(call, draft) + await _unknown_recipients(call, draft)
        if unknown:
            raise not_verified(call, unknown)


def grammar(call: Call, draft: Draft) -> None:
    """Addresses, subject, headers, tags."""
    draft.source = address(draft.sender, "the sender")
    found = {}
    for written in draft.destinations[: MOST_RECIPIENTS + 1]:
        bare = address(written, "a destination").address
        found[bare] = recipient(bare)
    draft.reached = tuple(found.values())
    call.recipients = draft.reached
    if not found:
        hint = "name somebody in ToAddresses, CcAddresses or BccAddresses"
        raise Refusal("InvalidParameterValue", hint, message="Recipients list is empty.")
    if len(draft.to) + len(draft.cc) + len(draft.bcc) > MOST_RECIPIENTS:
        hint = f"a mail has at most {MOST_RECIPIENTS} recipients"
        raise Refusal("InvalidParameterValue", hint, message=f"Recipient count exceeds {MOST_RECIPIENTS}.")
    if len(draft.reply_to) > _MOST_REPLY_TO:
        hint = f"a mail has at most {_MOST_REPLY_TO} addresses for replies"
        message = f"Reply-To address count exceeds {_MOST_REPLY_TO}."
        raise Refusal("InvalidParameterValue", hint, message=message)
    for written in draft.reply_to:
        address(written, "ReplyToAddresses")
    if draft.return_path:
        address(draft.return_path, "the address for bounces")
    if draft.subject is not None and _CONTROL.search(draft.subject):
        raise _control("Subject")
    for name, value in draft.headers:
        if draft.raw is None and _CONTROL.search(value):
            raise _control(name)
    if draft.tags:
        tags(draft.tags)


def size(draft: Draft, most_bytes: int) -> None:
    if draft.size > most_bytes:
        text = f"Message length is more than {most_bytes} bytes long: '{draft.size}'."
        raise Refusal("InvalidParameterValue", f"a mail has at most {most_bytes} bytes", message=text)


async def account_and_set(call: Call, draft: Draft) -> None:
    """Configuration set and pauses."""
    name = draft.configuration_set
    if name:
        draft.set = await configuration_sets.find(call, name)
        if draft.set is None:
            if call.settings.strict:
                raise configuration_sets.absent(name)
            draft.notes.append(f"the configuration set {name} does not exist: a strict fake refuses this")
        elif not configuration_sets.sending(draft.set):
            message = f"Sending is disabled for the configuration set <{name}>."
            hint = f"somebody turned sending off for {name}"
            raise Refusal("ConfigurationSetSendingPausedException", hint, message=message)
    draft.account = await account.state(call)
    if not account.sending(draft.account):
        raise Refusal("AccountSendingPausedException", "somebody turned sending off for this account")


async def senders(call: Call, draft: Draft) -> None:
    """Strict fakes: From and the address for bounces are verified."""
    unknown = await _unknown_senders(call, draft)
    if unknown:
        raise not_verified(call, unknown)


async def recipients(call: Call, draft: Draft) -> None:
    """In the sandbox everybody is verified, but for the mailbox simulator."""
    unknown = await _unknown_recipients(call, draft)
    if unknown:
        raise not_verified(call, unknown)


def not_verified(call: Call, names: list[str]) -> Refusal:
    """``names`` as written; a long list ends with an ellipsis."""
    shown = ", ".join(dict.fromkeys(names[:_LONGEST_LIST])) + ("..." if len(names) > _LONGEST_LIST else "")
    message = (
        "Email address is not verified. The following identities failed the check in region "
        f"{call.region.upper()}: {shown}"
    )
    hint = "verify the address or its domain; in the sandbox that holds for recipients too"
    return Refusal("MessageRejected", hint, message=message)


async def _unknown_senders(call: Call, draft: Draft) -> list[str]:
    if not call.settings.strict:
        return []
    names = [draft.sender, draft.author or draft.sender, draft.return_path or draft.sender]
    return await _unverified(call, dict.fromkeys(names))


async def _unknown_recipients(call: Call, draft: Draft) -> list[str]:
    if account.production(draft.account, call.settings):
        return []
    outside = [one for one in draft.destinations if not simulator.is_simulated(mailbox(one).address)]
    return await _unverified(call, outside)


async def _unverified(call: Call, written: Iterable[str]) -> list[str]:
    return [one for one in written if not await identities.covers(call, mailbox(one).address)]


def address(written: str, what: str) -> Mailbox:
    """Read it, or refuse it in AWS's words."""
    try:
        return mailbox(written)
    except IllegalAddress as problem:
        hint = f"{what} is no address such as ada@example.com or Ada <ada@example.com>"
        raise Refusal("InvalidParameterValue", hint, message=problem.reason) from None


def tags(pairs: Pairs) -> None:
    """Texts as AWS has them (LocalStack compared them with the real service)."""
    if len(pairs) > MOST_TAGS:
        raise _tag(f"Too many message tags: at most {MOST_TAGS} are allowed.")
    for name, value in pairs:
        if not name:
            raise _tag("The tag name must be specified.")
        if not value:
            raise _tag("The tag value must be specified.")
        if name not in _FEEDBACK_IDS and not _TAG_NAME.fullmatch(name):
            raise _tag(f"Invalid tag name <{name}>: only alphanumeric ASCII characters, '_',  '-' are allowed.")
        if not _TAG_VALUE.fullmatch(value):
            text = "only alphanumeric ASCII characters, '_',  '-' , '.', '@' are allowed."
            raise _tag(f"Invalid tag value <{value}>: {text}")
        if len(name) > _LONGEST_TAG:
            raise _tag(f"Tag name cannot exceed {_LONGEST_TAG} characters.")
        if len(value) > _LONGEST_TAG:
            raise _tag(f"Tag value cannot exceed {_LONGEST_TAG} characters.")


def _tag(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", "names and values of tags are plain ASCII words", message=message)


def _control(header: str) -> Refusal:
    return Refusal(
        "InvalidParameterValue",
        f"{header} holds a control character: a line break there would begin another header",
        message=f"Header '{header}' contains control characters.",
    )
