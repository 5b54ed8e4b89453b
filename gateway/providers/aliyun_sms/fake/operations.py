"""Every operation that this fake has. A new one is a row here and a module with its ``plan``."""

from __future__ import annotations

from gateway.providers.aliyun_sms.fake import query_send_details, send_sms
from gateway.providers.aliyun_sms.fake.plan import Operation, Parameter

SMS = "2017-05-25"
GLOBE = "2018-05-01"
VERSIONS = frozenset({SMS, GLOBE})

_TABLE = (
    Operation(
        "SendSms",
        SMS,
        (
            Parameter("PhoneNumbers", required=True),
            Parameter("SignName", required=True),
            Parameter("TemplateCode", required=True),
            Parameter("TemplateParam"),
            Parameter("SmsUpExtendCode"),
            Parameter("OutId", max_length=255),
        ),
        send_sms.plan,
    ),
    Operation(
        "QuerySendDetails",
        SMS,
        (
            Parameter("PhoneNumber", required=True),
            Parameter("SendDate", required=True),
            Parameter("PageSize", required=True),
            Parameter("CurrentPage", required=True),
            Parameter("BizId"),
        ),
        query_send_details.plan,
    ),
)

OPERATIONS = {(row.version, row.action): row for row in _TABLE}
