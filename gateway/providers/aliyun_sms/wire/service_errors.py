"""The errors of the SMS service itself: HTTP 200 and a code, its message, and what a driver makes of it.

Sources: Alibaba Cloud's list of error codes of the SMS service (document 101346) and answers in public issues. The
older of two wordings is kept where both are around.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from gateway.core.errors import (
    AccountRefused,
    ConnectorError,
    ContentRefused,
    ProviderFailed,
    RateLimited,
    RecipientRefused,
    Refused,
    Throttled,
    UsageLimited,
)

Meaning: TypeAlias = tuple[str, type[ConnectorError]]

SENDING: Mapping[str, Meaning] = {
    "isv.BUSINESS_LIMIT_CONTROL": ("触发分钟级流控Permits:1", RateLimited),
    "isv.DAY_LIMIT_CONTROL": ("触发日发送限额", UsageLimited),
    "isv.MONTH_LIMIT_CONTROL": ("触发月发送限额", UsageLimited),
    "isv.MOBILE_NUMBER_ILLEGAL": ("<number>invalid mobile number", RecipientRefused),
    "isv.MOBILE_COUNT_OVER_LIMIT": ("手机号码数量超过限制", RecipientRefused),
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": ("国际/港澳台消息模板不支持发送境内号码", RecipientRefused),
    "isv.SMS_TEST_NUMBER_LIMIT": ("只能向已回复授权信息的手机号发送", RecipientRefused),
    "isv.SMS_SIGNATURE_ILLEGAL": ("签名不合法(不存在或被拉黑)", ContentRefused),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": ("签名和模板类型不一致", ContentRefused),
    "isv.SIGN_STATE_ILLEGAL": ("签名状态为“不可用”", ContentRefused),
    "isv.SMS_SIGN_ILLEGAL": ("签名禁止使用", ContentRefused),
    "isv.SMS_TEMPLATE_ILLEGAL": ("模板不合法(不存在或被拉黑)", ContentRefused),
    "isv.TEMPLATE_MISSING_PARAMETERS": ("模板变量缺少对应参数值", ContentRefused),
    "isv.TEMPLATE_PARAMS_ILLEGAL": ("传入的变量内容和实际申请模板时变量所选择的属性类型不配", ContentRefused),
    "isv.INVALID_PARAMETERS": ("params must be [a-zA-Z0-9] for verification sms", ContentRefused),
    "isv.INVALID_JSON_PARAM": ("JSON参数不合法，只接受字符串值", ContentRefused),
    "isv.PARAM_LENGTH_LIMIT": ("参数超过长度限制", ContentRefused),
    "isv.PARAM_NOT_SUPPORT_URL": ("变量不支持传入URL", ContentRefused),
    "isv.BLACK_KEY_CONTROL_LIMIT": ("黑名单管控", ContentRefused),
    "isv.SMS_CONTENT_ILLEGAL": ("短信内容包含禁止发送内容", ContentRefused),
    "isv.EXTEND_CODE_ERROR": ("扩展码使用错误，相同的扩展码不可用于多个签名", ContentRefused),
    "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT": ("测试模板和签名限制", ContentRefused),
    "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL": ("测试专用模板中的变量仅支持4~6位纯数字", ContentRefused),
    "isv.AMOUNT_NOT_ENOUGH": ("账户余额不足", AccountRefused),
    "isv.OUT_OF_SERVICE": ("业务停机", AccountRefused),
    "isv.PRODUCT_UN_SUBSCRIPT": ("未开通云通信产品的阿里云客户", AccountRefused),
    "isv.PRODUCT_UNSUBSCRIBE": ("产品未开通", AccountRefused),
    "isv.ACCOUNT_NOT_EXISTS": ("账户不存在", AccountRefused),
    "isv.ACCOUNT_ABNORMAL": ("账户异常", AccountRefused),
    "isv.SECURITY_FROZEN_ACCOUNT": (
        "因该账号长时间未使用，出于对您的账号安全考虑，已限制您账号的短信发送",
        AccountRefused,
    ),
    "isv.DENY_IP_RANGE": ("源IP地址所在的地区被禁用", AccountRefused),
    "isp.RAM_PERMISSION_DENY": ("没有访问权限", AccountRefused),
    "isp.SYSTEM_ERROR": ("系统错误", ProviderFailed),
    "isp.GATEWAY_ERROR": ("调用发送应用模块失败", ProviderFailed),
    "isp.UNKNOWN_ERROR": ("未知错误", ProviderFailed),
}

REGISTERING: Mapping[str, Meaning] = {
    "isv.SIGN_COUNT_OVER_LIMIT": ("超过单自然日签名申请数量上限", UsageLimited),
    "isv.TEMPLATE_COUNT_OVER_LIMIT": ("超过单自然日模板申请数量上限", UsageLimited),
    "isv.SMS_OVER_LIMIT": ("单日最多申请模板或签名100条限制", UsageLimited),
    "isv.SIGN_NAME_ILLEGAL": ("签名名称不符合规范", ContentRefused),
    "isv.SIGN_OVER_LIMIT": ("签名字符数量超过限制", ContentRefused),
    "isv.TEMPLATE_OVER_LIMIT": ("模板字符数量超过限制", ContentRefused),
    "isv.SIGN_FILE_LIMIT": ("签名认证材料附件大小超过限制", ContentRefused),
    "isv.SIGNATURE_BLACKLIST": ("签名内容涉及违规信息", ContentRefused),
    "isv.SIGN_SOURCE_ILLEGAL": ("签名来源不支持", ContentRefused),
    "isv.SMS_SIGN_EMOJI_ILLEGAL": ("签名不能包含emoji表情", ContentRefused),
    "isv.ERROR_SIGN_NOT_DELETE": ("审核中的签名，暂时无法删除", ContentRefused),
    "isv.ERROR_SIGN_NOT_MODIFY": ("审核中或审核通过的签名不支持修改", ContentRefused),
    "isv.ERROR_TEMPLATE_NOT_DELETE": ("审核中的模板，暂时无法删除", ContentRefused),
    "isv.ERROR_TEMPLATE_NOT_MODIFY": ("审核中或审核通过的模板不支持修改", ContentRefused),
    "template_parameter_count_illegal": ("模板变量个数不符合规范", ContentRefused),
}
"""What only the operations on signatures and templates answer."""

GLOBE: Mapping[str, Meaning] = {
    "INVALID_SENDERID": ("The sender ID is invalid", ContentRefused),
    "FORBIDDEN_ACTION": ("The operation is forbidden", AccountRefused),
    "OUT_OF_SERVICE": ("The account is out of service", AccountRefused),
    "ACCOUNT_NOT_EXISTS": ("The account does not exist", AccountRefused),
    "ACCOUNT_ILLEGAL": ("The account is abnormal", AccountRefused),
    "PRODUCT_NOT_SUBSCRIBED": ("The product is not activated", AccountRefused),
    "AMOUNT_NOT_ENOUGH": ("The account balance is insufficient", AccountRefused),
    "ONLINE_BILLING_FAILED": ("The online billing failed", AccountRefused),
    "RAM_PERMISSION_DENY": ("The RAM user has no permission", AccountRefused),
    "SMS_CONTENT_CODE_ILLEGAL": ("The template is invalid", ContentRefused),
    "SMS_SIGN_NAME_ILLEGAL": ("The signature is invalid", ContentRefused),
    "CONTENT_MISSING_PARAMETERS": ("A variable of the template has no value", ContentRefused),
    "INVALID_PARAMETERS": ("A parameter is invalid", ContentRefused),
    "INVALID_JSON_PARAM": ("The JSON parameter is invalid", ContentRefused),
    "PARAM_LENGTH_LIMIT": ("A parameter is too long", ContentRefused),
    "SMS_CONTENT_ILLEGAL": ("The message has forbidden content", ContentRefused),
    "SMS_SECURITY_INTERCEPTED": ("The message was intercepted for security reasons", ContentRefused),
    "BLACK_KEY_CONTROL_LIMIT": ("The blacklist forbids it", ContentRefused),
    "MOBILE_NUMBER_ILLEGAL": ("The mobile number is invalid", RecipientRefused),
    "MOBILE_COUNT_OVER_LIMIT": ("There are too many mobile numbers", RecipientRefused),
    "NOT_SUPPORTED_COUNTRY": ("The country or region is not supported", RecipientRefused),
    "DATA_NOT_EXIST": ("The record does not exist", Refused),
    "QUERY_DATE_ILLEGAL": ("The date of the query is invalid", Refused),
    "QPS_LIMIT_CONTROL": ("There are too many calls a second", Throttled),
    "BUSINESS_LIMIT_CONTROL": ("There are too many messages to this number", RateLimited),
    "SYSTEM_ERROR": ("The system failed", ProviderFailed),
}
"""The international API (2018-05-01): its ``ResponseCode`` has no prefix. Descriptions are ours: the documented
ones differ from year to year."""

OF_GLOBE: Mapping[str, str] = {
    "isv.SMS_TEMPLATE_ILLEGAL": "SMS_CONTENT_CODE_ILLEGAL",
    "isv.SMS_SIGNATURE_ILLEGAL": "SMS_SIGN_NAME_ILLEGAL",
    "isv.SIGN_STATE_ILLEGAL": "SMS_SIGN_NAME_ILLEGAL",
    "isv.SMS_SIGN_ILLEGAL": "SMS_SIGN_NAME_ILLEGAL",
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": "SMS_SIGN_NAME_ILLEGAL",
    "isv.TEMPLATE_MISSING_PARAMETERS": "CONTENT_MISSING_PARAMETERS",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "INVALID_PARAMETERS",
    "isv.PARAM_NOT_SUPPORT_URL": "INVALID_PARAMETERS",
    "isv.EXTEND_CODE_ERROR": "INVALID_PARAMETERS",
    "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT": "FORBIDDEN_ACTION",
    "isv.SMS_TEST_NUMBER_LIMIT": "FORBIDDEN_ACTION",
    "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL": "INVALID_PARAMETERS",
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "NOT_SUPPORTED_COUNTRY",
    "isv.DENY_IP_RANGE": "FORBIDDEN_ACTION",
    "isv.DAY_LIMIT_CONTROL": "BUSINESS_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL": "BUSINESS_LIMIT_CONTROL",
    "isv.PRODUCT_UN_SUBSCRIPT": "PRODUCT_NOT_SUBSCRIBED",
    "isv.PRODUCT_UNSUBSCRIBE": "PRODUCT_NOT_SUBSCRIBED",
    "isv.ACCOUNT_ABNORMAL": "ACCOUNT_ILLEGAL",
    "isv.SECURITY_FROZEN_ACCOUNT": "ACCOUNT_ILLEGAL",
    "isp.GATEWAY_ERROR": "SYSTEM_ERROR",
    "isp.UNKNOWN_ERROR": "SYSTEM_ERROR",
}
"""The international name of an error of 2017-05-25, where it is not the same without its prefix."""


def of_globe(code: str) -> str:
    """What 2018-05-01 says for the code of 2017-05-25."""
    return OF_GLOBE.get(code) or code.removeprefix("isv.").removeprefix("isp.")
