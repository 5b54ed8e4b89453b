"""A mail that came whole (MIME): who sends it, whom it goes to, and what its own headers ask of SES."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gateway.core.offload import run_by_size
from gateway.providers.aws_ses.fake import mime
from gateway.providers.aws_ses.fake.call import Refusal
from gateway.providers.aws_ses.fake.draft import Draft, Pairs
from gateway.providers.aws_ses.fake.mime import Mime
from gateway.providers.aws_ses.fake.sending.rules import address
from gateway.providers.aws_ses.wire.addresses import bare

_SET = "X-SES-CONFIGURATION-SET"
_TAGS = "X-SES-MESSAGE-TAGS"
_ADDRESSING = frozenset({"from", "to", "cc", "bcc", "reply-to", "subject"})


async def draft(
    raw: bytes,
    sender: str = "",
    destinations: Sequence[str] | None = None,
    *,
    return_path: str = "",
    tags: Pairs = (),
    configuration_set: str = "",
) -> Draft:
    """What was said beside the mail wins over its headers: ``sender``, ``destinations`` (None: those of the
    headers), the configuration set, the tags. A long mail is read in a thread. Raises Refusal for a mail that AWS
    does not take."""
    reading = partial(
        _draft, raw, sender, destinations, return_path=return_path, tags=tags, configuration_set=configuration_set
    )
    return await run_by_size(len(raw), reading)


def _draft(
    raw: bytes,
    sender: str,
    destinations: Sequence[str] | None,
    *,
    return_path: str,
    tags: Pairs,
    configuration_set: str,
) -> Draft:
    if not raw and not (sender and destinations):  # AWS sends an empty mail where the rest is known
        raise Refusal("InvalidParameterValue", "Data holds the mail", message="Raw message is empty.")
    read = mime.read(raw)
    if read.problem is not None:
        raise Refusal("InvalidParameterValue", "the mail is no correct MIME", message=read.problem)
    senders = read.addresses("From")
    if not (senders or sender):
        raise Refusal("InvalidParameterValue", "the mail has no From", message="Missing required header 'From'.")
    to, cc, bcc = read.addresses("To"), read.addresses("Cc"), read.addresses("Bcc")
    for written in (*senders, *to, *cc, *bcc):
        # AWS reads those of the headers too, even where others are named beside the mail: up to a closing bracket.
        address(written[: written.rfind(">") + 1] or written, "an address in the headers")
    if destinations is not None:
        to, cc, bcc = _as_said(destinations, to, cc)
    return Draft(
        sender or senders[0],
        to,
        cc,
        bcc,
        read.subject,
        read.text,
        read.html,
        reply_to=read.addresses("Reply-To"),
        return_path=return_path or next(iter(read.addresses("Return-Path")), ""),
        headers=[(name, value) for name, value in read.headers if name.lower() not in _ADDRESSING],
        attachments=read.attachments,
        tags=tags or _tags(read),
        configuration_set=configuration_set or (read.header(_SET) or "").strip(),
        raw=raw,
        size=len(raw),
        author=next(iter(senders), ""),
        warnings=read.warnings,
    )


def _as_said(destinations: Sequence[str], to: list[str], cc: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Who gets it are the destinations, each once; the headers only say as what, and with which name."""
    hidden = {bare(one).lower(): one for one in destinations}
    named = [one for one in to if hidden.pop(bare(one).lower(), None) is not None]
    copied = [one for one in cc if hidden.pop(bare(one).lower(), None) is not None]
    rest = list(hidden.values())
    # Nobody named in the headers: then they are To, not hidden ones.
    return (named, copied, rest) if named or copied else (rest, [], [])


def _tags(read: Mime) -> list[tuple[str, str]]:
    """``a=b, c=d``."""
    pairs = [part.partition("=") for part in (read.header(_TAGS) or "").split(",") if part.strip()]
    return [(name.strip(), value.strip()) for name, _, value in pairs]
