"""What Logto's console shows of the factory: names, form, readme. Keys and labels are those of its connector."""

from __future__ import annotations

from gateway.core.model import UsageType
from gateway.providers.ports import FormItem, Metadata

_README = """\
# AWS SES

Sends codes by email through Amazon Simple Email Service. In a sandbox they go to the gateway's fake of it.

1. In AWS's console verify the domain or the address that mails come from, and ask for production access: before
   that, SES delivers to verified addresses only.
2. Make an IAM user that may do `ses:SendEmail`, and an access key: `accessKeyId` and `accessKeySecret`.
3. `region`: where the identity was verified, such as `eu-west-1`. `emailAddress`: the sender, `ada@example.com` or
   `Ada <ada@example.com>`.
4. `templates`: one entry for each `usageType`, with `subject` and `content` (HTML); `{{code}}` stands for the code.
   `Generic` serves every usage type that has none of its own. Without templates the gateway's own are used.

`emailAddressIdentityArn`, `feedbackForwardingEmailAddress`, `feedbackForwardingEmailAddressIdentityArn` and
`configurationSetName` go to SES as they are.
"""


def _text(key: str, label: str, placeholder: str, *, required: bool = False, secret: bool = False) -> FormItem:
    return FormItem(key, label, "Text", required=required, secret=secret, placeholder=placeholder)


METADATA = Metadata(
    target="aws-ses",
    name={"en": "AWS Direct Mail", "zh-CN": "AWS 邮件服务"},
    description={
        "en": "Codes by email, through Amazon Simple Email Service.",
        "zh-CN": "通过 Amazon SES 发送邮件验证码。",
    },
    readme=_README,
    form=(
        _text("accessKeyId", "Access Key ID", "<access-key-id>", required=True),
        _text("accessKeySecret", "Access Key Secret", "<access-key-secret>", required=True, secret=True),
        _text("region", "Region", "<region>", required=True),
        _text("emailAddress", "Email Address", "<email-address>"),
        _text("emailAddressIdentityArn", "Email Address Identity ARN", "<email-address-identity-arn>"),
        _text(
            "feedbackForwardingEmailAddress",
            "Feedback Forwarding Email Address",
            "<feedback-forwarding-email-address>",
        ),
        _text(
            "feedbackForwardingEmailAddressIdentityArn",
            "Feedback Forwarding Email Address Identity ARN",
            "<feedback-forwarding-email-address-identity-arn>",
        ),
        _text("configurationSetName", "Configuration Set Name", "<configuration-set-name>"),
        FormItem(
            "templates",
            "Templates",
            "Json",
            default=[
                {
                    "usageType": one.value,
                    "subject": "Your code is {{code}}",
                    "content": "<p>Your code is <b>{{code}}</b>. It expires soon.</p>",
                }
                for one in UsageType
                if one is not UsageType.ORGANIZATION_INVITATION
            ],
        ),
    ),
    # The names that AWS's own SDKs and pages have for the same things.
    wrong_names={
        "accessKey": "accessKeyId",
        "accessKeyID": "accessKeyId",
        "secretAccessKey": "accessKeySecret",
        "secretKey": "accessKeySecret",
        "fromEmail": "emailAddress",
        "fromEmailAddress": "emailAddress",
        "from": "emailAddress",
        "sender": "emailAddress",
        "regionName": "region",
        "configurationSet": "configurationSetName",
    },
    options=(
        "timeout_seconds",
        "connect_timeout_seconds",
        "session_token",
        "endpoint",
        "from_name",
        "reply_to",
        "localized_templates",
    ),
    secret_options=frozenset({"session_token"}),
)
