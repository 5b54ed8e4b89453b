"""From a message to the parameters of SESv2 SendEmail: which template, who it is from, and the parts of it.

Logto's own order: the tenant's template in the recipient's language, else the connector's for the usage type, else
the connector's ``Generic``. A connector that has none at all sends the gateway's own (``render``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.core import recipients
from gateway.core.errors import ContentRefused, RecipientRefused, TemplateNotFound
from gateway.core.model import Content, Message, UsageType
from gateway.extraction import plain_text
from gateway.providers.aws_ses.driver.outcomes import PROVIDER
from gateway.providers.aws_ses.settings import AwsSesSettings, Details
from gateway.providers.aws_ses.wire.mailboxes import Unsendable, bare_address, header_address
from gateway.providers.aws_ses.wire.tags import MESSAGE_TAG
from gateway.rendering import DEFAULT_LOCALE, handlebars, lookup

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_CHARSET = "UTF-8"


@dataclass(frozen=True, slots=True)
class Mail:
    """``text`` is None where there is only HTML that says nothing, ``html`` where the template is plain text."""

    subject: str
    text: str | None
    html: str | None
    send_from: str | None = None
    reply_to: str | None = None


def parameters(settings: AwsSesSettings, message: Message, render: Callable[[], Content]) -> dict[str, Any]:
    """Raises what is wrong before anything is sent: TemplateNotFound, RecipientRefused, ContentRefused."""
    to = _recipient(message)
    mail = _mail(settings, message, render)
    if _CONTROL.search(mail.subject):
        # A line break would begin another header.
        raise ContentRefused("the subject holds a line break or another control character", provider=PROVIDER)
    body = {name: _part(text) for name, text in (("Text", mail.text), ("Html", mail.html)) if text is not None}
    reply_to = mail.reply_to or settings.reply_to
    optional: dict[str, Any] = {
        "FromEmailAddress": _sender(settings, mail.send_from),
        "FromEmailAddressIdentityArn": settings.email_address_identity_arn,
        "ReplyToAddresses": [_address(reply_to, "the address for replies")] if reply_to else None,
        "FeedbackForwardingEmailAddress": _feedback(settings),
        "FeedbackForwardingEmailAddressIdentityArn": settings.feedback_forwarding_email_address_identity_arn,
        "ConfigurationSetName": settings.configuration_set_name,
    }
    return {
        "Destination": {"ToAddresses": [to]},
        "Content": {"Simple": {"Subject": _part(mail.subject), "Body": body}},
        "EmailTags": [{"Name": MESSAGE_TAG, "Value": message.id}],
        **{name: value for name, value in optional.items() if value is not None},
    }


def _part(text: str) -> dict[str, str]:
    # Half of a surrogate pair has no UTF-8.
    return {"Data": text.encode("utf-8", "replace").decode(), "Charset": _CHARSET}


def _recipient(message: Message) -> str:
    to = message.recipient.to.strip()
    if recipients.normal_email(to) is None:
        raise RecipientRefused("to must be an email address such as ada@example.com", provider=PROVIDER)
    try:
        return bare_address(to)
    except Unsendable as problem:
        raise RecipientRefused(f"to {problem}", provider=PROVIDER) from None


def _sender(settings: AwsSesSettings, send_from: str | None) -> str | None:
    """A template's own sender, or its name before the connector's address."""
    if send_from and "@" in send_from:
        return _address(send_from, "the template's sender")
    if settings.email_address is None:
        return None
    if send_from:
        address = settings.email_address.rpartition("<")[2].removesuffix(">")
        return _address(f"<{address}>", "the template's sender", send_from)
    return _address(settings.email_address, "the sender", settings.from_name)


def _feedback(settings: AwsSesSettings) -> str | None:
    forward = settings.feedback_forwarding_email_address
    return None if forward is None else _address(forward, "the address for feedback")


def _address(text: str, what: str, name: str | None = None) -> str:
    try:
        return header_address(text, name)
    except Unsendable as problem:
        raise ContentRefused(f"{what} {problem}", provider=PROVIDER) from None


def _mail(settings: AwsSesSettings, message: Message, render: Callable[[], Content]) -> Mail:
    details = _localized(settings, message)
    if details is not None:
        return _of_tenant(details, message)
    if settings.templates:
        for usage_type in (message.usage_type, UsageType.GENERIC):
            for template in settings.templates:
                if template.usage_type == usage_type:
                    return _of_tenant(Details(subject=template.subject, content=template.content), message)
        raise TemplateNotFound(
            f"the connector has no template for {message.usage_type}, and none for Generic", provider=PROVIDER
        )
    content = render()
    return Mail(content.subject or "", content.text or None, content.html)


def _localized(settings: AwsSesSettings, message: Message) -> Details | None:
    """The tenant's own: the usage type's in any language that serves, then ``Generic``'s."""
    if not settings.localized_templates:
        return None
    wanted = [tag for tag in (message.locale, DEFAULT_LOCALE) if tag]
    for usage_type in (message.usage_type, UsageType.GENERIC):
        own = {
            one.language_tag: one.details for one in settings.localized_templates if one.template_type == usage_type
        }
        for tag in lookup(wanted, list(own)):
            return own[tag]
    return None


def _of_tenant(details: Details, message: Message) -> Mail:
    def filled(template: str | None) -> str | None:
        return handlebars(template, message.payload).strip() if template else None

    subject, content = handlebars(details.subject, message.payload), handlebars(details.content, message.payload)
    send_from, reply_to = filled(details.send_from), filled(details.reply_to)
    if details.content_type == "text/plain":
        return Mail(subject, content, None, send_from, reply_to)
    return Mail(subject, plain_text(content) or None, content, send_from, reply_to)
