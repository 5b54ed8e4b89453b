"""Every error of SendSms and QuerySendDetails (2017-05-25): ONE table for driver and fake.

Sources: Alibaba Cloud's "Common error codes" of the gateway, the SMS error code list (document 101346), and
answers seen in public issues. Messages change over the years: a client switches on the code only.

In a message ``<string to sign>``, ``<number>`` and ``<parameter>`` stand for what the request had.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gateway.errors import (
    AccountRefused,
    ConnectorError,
    ContentRefused,
    CredentialsRefused,
    ProviderFailed,
    RateLimited,
    RecipientRefused,
    Refused,
    Throttled,
    UsageLimited,
)


class ErrorRow(NamedTuple):
    """``status`` is the HTTP status (200: a business error), ``means`` what a driver raises for it."""

    status: int
    message: str
    means: type[ConnectorError]


_MISMATCH = "Specified signature is not matched with our calculation. server string to sign is:<string to sign>"
_INCOMPLETE = (
    "The request signature does not conform to Aliyun standards. server string to sign is:<string to sign>"
)
_NOT_FOUND = "Specified api is not found, please check your url and method."
_NO_RAM = "User not authorized to operate on the specified resource, or this API doesn't support RAM."

_GATEWAY = {
    "InvalidAccessKeyId.NotFound": ErrorRow(404, "Specified access key is not found.", CredentialsRefused),
    "InvalidAccessKeyId.Inactive": ErrorRow(400, "Specified access key is disabled.", CredentialsRefused),
    "SignatureDoesNotMatch": ErrorRow(400, _MISMATCH, CredentialsRefused),
    "IncompleteSignature": ErrorRow(400, _INCOMPLETE, CredentialsRefused),
    "InvalidSignatureMethod": ErrorRow(400, "Specified signature method is not valid.", CredentialsRefused),
    "SignatureNonceUsed": ErrorRow(400, "Specified signature nonce was used already.", CredentialsRefused),
    "InvalidTimeStamp.Expired": ErrorRow(400, "Specified time stamp or date value is expired.", CredentialsRefused),
    "InvalidTimeStamp.Format": ErrorRow(
        400, "Specified time stamp or date value is not well formatted.", CredentialsRefused
    ),
    "InvalidSecurityToken.Expired": ErrorRow(400, "Specified SecurityToken is expired.", CredentialsRefused),
    "InvalidSecurityToken.Malformed": ErrorRow(400, "Specified SecurityToken is malformed.", CredentialsRefused),
    "InvalidSecurityToken.MismatchWithAccessKey": ErrorRow(
        400, "Specified SecurityToken mismatch with the AccessKey.", CredentialsRefused
    ),
    "Forbidden.AccessKeyDisabled": ErrorRow(403, "Specified access key is disabled.", CredentialsRefused),
    "InvalidVersion": ErrorRow(400, "Specified parameter Version is not valid.", Refused),
    "InvalidAction.NotFound": ErrorRow(404, _NOT_FOUND, Refused),
    "InvalidApi.NotFound": ErrorRow(404, _NOT_FOUND, Refused),
    "InvalidParameter.Format": ErrorRow(400, "Specified parameter format is not valid.", Refused),
    "InvalidProtocol.NeedSsl": ErrorRow(404, "Your request is denied as lack of ssl protect.", Refused),
    "UnsupportedHTTPMethod": ErrorRow(400, "This http method is not supported.", Refused),
    # Undocumented: the gateway's own answer to a body that is too long has not been seen.
    "RequestBodyTooLarge": ErrorRow(413, "The request body is too large.", Refused),
    "Throttling": ErrorRow(400, "Request was denied due to request throttling.", Throttled),
    "Throttling.User": ErrorRow(400, "Request was denied due to user flow control.", Throttled),
    "Throttling.Api": ErrorRow(400, "Request was denied due to api flow control.", Throttled),
    "Forbidden.RAM": ErrorRow(403, _NO_RAM, AccountRefused),
    "NoPermission": ErrorRow(403, _NO_RAM, AccountRefused),
    "InternalError": ErrorRow(500, "The request processing has failed due to some unknown error.", ProviderFailed),
    "ServiceUnavailable": ErrorRow(
        503, "The request has failed due to a temporary failure of the server.", ProviderFailed
    ),
}

_BUSINESS: dict[str, tuple[str, type[ConnectorError]]] = {
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

ERRORS: Mapping[str, ErrorRow] = MappingProxyType(
    _GATEWAY | {code: ErrorRow(200, message, means) for code, (message, means) in _BUSINESS.items()}
)

# What the two schemes need before anything else; a driver that gets one of these has wrong credentials.
_SIGNING = ("AccessKeyId", "Timestamp", "Signature", "SecurityToken", "Authorization")


def row_of(code: str) -> ErrorRow:
    """The row of any code, also of one that no table has: by the families in which Aliyun names its codes."""
    row = ERRORS.get(code)
    if row is not None:
        return row
    name = code.partition(".")[0]
    if code.startswith("isv."):
        return ErrorRow(200, "参数异常", Refused)
    if code.startswith("isp."):
        return ErrorRow(200, "系统错误", ProviderFailed)
    if name == "Throttling":
        return ERRORS["Throttling"]
    if name.startswith("Missing"):
        means = CredentialsRefused if name[7:].startswith(_SIGNING) else Refused
        return ErrorRow(400, f"{name[7:]} is mandatory for this action.", means)
    if name.startswith("Invalid"):
        means = CredentialsRefused if name[7:].startswith(_SIGNING) else Refused
        return ErrorRow(400, f"Specified parameter {name[7:]} is not valid.", means)
    if name in ("Forbidden", "NoPermission", "Unauthorized"):
        return ErrorRow(403, _NO_RAM, AccountRefused)
    if name.startswith(("InternalError", "ServiceUnavailable", "UnknownError")):
        return ErrorRow(500, ERRORS["InternalError"].message, ProviderFailed)
    return ErrorRow(400, "The request was refused.", Refused)


def class_of(code: str, status: int) -> type[ConnectorError]:
    """What a driver raises for an answer with that ``Code`` and HTTP status. A code that no table has in a 5xx
    leaves open whether the message went out, so it is ``ProviderFailed``."""
    if code not in ERRORS and status >= 500 and not code.startswith(("isv.", "Throttling")):
        return ProviderFailed
    return row_of(code).means
