"""Every operation that this fake has: a row here, and the function that plans it.

Sources: Alibaba Cloud's API reference and the models of its official SDKs.
"""

from __future__ import annotations

from gateway.providers.aliyun_sms.fake.globe import messages, query_message, with_template
from gateway.providers.aliyun_sms.fake.parameters import (
    NAME,
    PAGE,
    PAGE_SIZE,
    SIGN,
    SIGN_FILES,
    SIGN_NEW,
    TEMPLATE,
    TEMPLATE_NEW,
    day,
)
from gateway.providers.aliyun_sms.fake.plan import Operation, Parameter, choice, integer
from gateway.providers.aliyun_sms.fake.queries import send_details, send_statistics
from gateway.providers.aliyun_sms.fake.registering import signs, templates
from gateway.providers.aliyun_sms.fake.sending import send_batch_sms, send_sms

SMS = "2017-05-25"
GLOBE = "2018-05-01"
VERSIONS = frozenset({SMS, GLOBE})

_P = Parameter
_CODE = _P("TemplateCode", required=True)
_OUT_ID = _P("OutId", max_length=255)
_LIST = (PAGE, PAGE_SIZE)
_LISTED = ("TotalCount", "CurrentPage", "PageSize")
_TEMPLATE_ANSWER = ("TemplateCode", "TemplateName", "OrderId")
_SIGN_ANSWER = ("SignName", "OrderId")
_GLOBE_SEND = (
    _P("To", required=True),
    _P("Message", required=True),
    _P("From"),
    _P("TaskId", max_length=255),
    _P("ValidityPeriod", grammar=integer(0, 10**9)),
    _P("ChannelId"),
)

_TABLE = (
    Operation(
        "SendSms",
        SMS,
        (
            _P("PhoneNumbers", required=True),
            _P("SignName", required=True),
            _CODE,
            _P("TemplateParam"),
            _P("SmsUpExtendCode"),
            _OUT_ID,
        ),
        ("BizId",),
        send_sms.plan,
    ),
    Operation(
        "SendBatchSms",
        SMS,
        (
            _CODE,
            _P("PhoneNumberJson", required=True, body=True),
            _P("SignNameJson", required=True, body=True),
            _P("TemplateParamJson", body=True),
            _P("SmsUpExtendCodeJson", body=True),
            _OUT_ID,
        ),
        ("BizId",),
        send_batch_sms.plan,
    ),
    Operation(
        "QuerySendDetails",
        SMS,
        (
            _P("PhoneNumber", required=True),
            _P("SendDate", required=True, grammar=day),
            _P("PageSize", required=True, grammar=integer(1, 50)),
            _P("CurrentPage", required=True, grammar=integer(1, 10**9)),
            _P("BizId"),
        ),
        ("TotalCount", "SmsSendDetailDTOs"),
        send_details.plan,
    ),
    Operation(
        "QuerySendStatistics",
        SMS,
        (
            _P("IsGlobe", required=True, grammar=choice("1", "2")),
            _P("StartDate", required=True, grammar=day),
            _P("EndDate", required=True, grammar=day),
            _P("PageIndex", required=True, grammar=integer(1, 10**9)),
            _P("PageSize", required=True, grammar=integer(1, 50)),
            _P("TemplateType", grammar=choice("0", "1", "2", "3", "7")),
            _P("SignName"),
        ),
        ("Data",),
        send_statistics.plan,
    ),
    Operation("AddSmsTemplate", SMS, TEMPLATE, ("TemplateCode",), templates.apply),
    Operation("CreateSmsTemplate", SMS, TEMPLATE_NEW, _TEMPLATE_ANSWER, templates.apply),
    Operation("ModifySmsTemplate", SMS, (_CODE, *TEMPLATE), ("TemplateCode",), templates.change),
    Operation("UpdateSmsTemplate", SMS, (_CODE, *TEMPLATE_NEW), _TEMPLATE_ANSWER, templates.change),
    Operation("DeleteSmsTemplate", SMS, (_CODE,), ("TemplateCode",), templates.delete),
    Operation(
        "QuerySmsTemplate",
        SMS,
        (_CODE,),
        (
            "TemplateCode",
            "TemplateName",
            "TemplateType",
            "TemplateContent",
            "TemplateStatus",
            "Reason",
            "CreateDate",
        ),
        templates.query,
    ),
    Operation(
        "GetSmsTemplate",
        SMS,
        (_CODE,),
        (
            "TemplateCode",
            "TemplateName",
            "TemplateType",
            "TemplateContent",
            "TemplateStatus",
            "TemplateTag",
            "IntlType",
            "ApplyScene",
            "Remark",
            "RelatedSignName",
            "VariableAttribute",
            "OrderId",
            "CreateDate",
            "AuditInfo",
            "FileUrlList",
            "MoreDataFileUrlList",
            "SignList",
        ),
        templates.get,
    ),
    Operation("QuerySmsTemplateList", SMS, _LIST, (*_LISTED, "SmsTemplateList"), templates.listing),
    Operation("AddSmsSign", SMS, (*SIGN, *SIGN_FILES), ("SignName",), signs.apply),
    Operation("CreateSmsSign", SMS, SIGN_NEW, _SIGN_ANSWER, signs.apply),
    Operation("ModifySmsSign", SMS, (*SIGN, *SIGN_FILES), ("SignName",), signs.change),
    Operation("UpdateSmsSign", SMS, SIGN_NEW, _SIGN_ANSWER, signs.change),
    Operation("DeleteSmsSign", SMS, (NAME,), ("SignName",), signs.delete),
    Operation("QuerySmsSign", SMS, (NAME,), ("SignName", "SignStatus", "CreateDate", "Reason"), signs.query),
    Operation(
        "GetSmsSign",
        SMS,
        (NAME,),
        (
            "SignName",
            "SignCode",
            "SignStatus",
            "SignTag",
            "SignUsage",
            "ThirdParty",
            "QualificationId",
            "AuthorizationLetterId",
            "AuthorizationLetterAuditPass",
            "AppIcpRecordId",
            "TrademarkId",
            "ApplyScene",
            "Remark",
            "OrderId",
            "CreateDate",
            "RegisterResult",
            "AuditInfo",
            "FileUrlList",
            "SignIspRegisterDetailList",
        ),
        signs.get,
    ),
    Operation("QuerySmsSignList", SMS, _LIST, (*_LISTED, "SmsSignList"), signs.listing),
    Operation(
        "SendMessageToGlobe",
        GLOBE,
        (*_GLOBE_SEND, _P("Type", grammar=choice("OTP", "NOTIFY", "MKT", code="isv.INVALID_PARAMETERS"))),
        ("MessageId", "To", "From", "Segments", "NumberDetail"),
        messages.plan,
    ),
    Operation(
        "BatchSendMessageToGlobe",
        GLOBE,
        (*_GLOBE_SEND, _P("Type", grammar=choice("NOTIFY", "MKT", code="isv.INVALID_PARAMETERS"))),
        ("MessageIdList", "SuccessCount", "FailedList", "From"),
        messages.batch,
    ),
    Operation(
        "SendMessageWithTemplate",
        GLOBE,
        (
            _P("To", required=True),
            _P("From", required=True),
            _CODE,
            _P("TemplateParam"),
            _P("SmsUpExtendCode"),
            _P("ValidityPeriod", grammar=integer(0, 10**9)),
            _P("ChannelId"),
        ),
        ("MessageId", "To", "Segments", "NumberDetail"),
        with_template.plan,
    ),
    Operation(
        "QueryMessage",
        GLOBE,
        (_P("MessageId", required=True),),
        (
            "MessageId",
            "To",
            "Message",
            "Status",
            "ErrorCode",
            "ErrorDescription",
            "SendDate",
            "ReceiveDate",
            "NumberDetail",
        ),
        query_message.plan,
    ),
)

OPERATIONS = {(row.version, row.action): row for row in _TABLE}
