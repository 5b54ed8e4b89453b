"""The errors of Aliyun's SendSms as its documentation and public issues have them, with what a driver should make
of each. Written from those sources and not from the gateway's table, so that the two can be compared."""

from __future__ import annotations

GATEWAY = {
    # code: HTTP status, Message (up to where it varies), our driver's reason, was it certainly not sent
    "MissingPhoneNumbers": (400, "PhoneNumbers is mandatory for this action.", "refused"),
    "MissingSignName": (400, "SignName is mandatory for this action.", "refused"),
    "MissingTemplateCode": (400, "TemplateCode is mandatory for this action.", "refused"),
    "MissingAction": (400, "Action is mandatory for this action.", "refused"),
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found.", "credentials_refused"),
    "InvalidAccessKeyId.Inactive": (400, "Specified access key is disabled.", "credentials_refused"),
    "SignatureDoesNotMatch": (
        400,
        "Specified signature is not matched with our calculation. server string to sign is:",
        "credentials_refused",
    ),
    "IncompleteSignature": (
        400,
        "The request signature does not conform to Aliyun standards. server string to sign is:",
        "credentials_refused",
    ),
    "InvalidSignatureMethod": (400, "Specified signature method is not valid.", "credentials_refused"),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already.", "credentials_refused"),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired.", "credentials_refused"),
    "InvalidTimeStamp.Format": (
        400,
        "Specified time stamp or date value is not well formatted.",
        "credentials_refused",
    ),
    "InvalidVersion": (400, "Specified parameter Version is not valid.", "refused"),
    "InvalidAction.NotFound": (404, "Specified api is not found, please check your url and method.", "refused"),
    "InvalidApi.NotFound": (404, "Specified api is not found, please check your url and method.", "refused"),
    "InvalidProtocol.NeedSsl": (404, "Your request is denied as lack of ssl protect.", "refused"),
    "UnsupportedHTTPMethod": (400, "This http method is not supported.", "refused"),
    "Throttling.User": (400, "Request was denied due to user flow control.", "throttled"),
    "Throttling.Api": (400, "Request was denied due to api flow control.", "throttled"),
    "Throttling": (400, "Request was denied due to request throttling.", "throttled"),
    "Forbidden.RAM": (403, "User not authorized to operate on the specified resource", "account_refused"),
    "NoPermission": (403, "User not authorized to operate on the specified resource", "account_refused"),
    "InternalError": (500, "The request processing has failed due to some unknown error.", "provider_failed"),
    "ServiceUnavailable": (
        503,
        "The request has failed due to a temporary failure of the server.",
        "provider_failed",
    ),
}

BUSINESS = {
    # code: Message, our driver's reason. All of them are HTTP 200.
    "isv.BUSINESS_LIMIT_CONTROL": ("触发分钟级流控Permits:1", "rate_limited"),
    "isv.DAY_LIMIT_CONTROL": ("触发日发送限额", "usage_limited"),
    "isv.MONTH_LIMIT_CONTROL": ("触发月发送限额", "usage_limited"),
    "isv.MOBILE_NUMBER_ILLEGAL": ("invalid mobile number", "recipient_refused"),
    "isv.MOBILE_COUNT_OVER_LIMIT": ("手机号码数量超过限制", "recipient_refused"),
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": ("国际/港澳台消息模板不支持发送境内号码", "recipient_refused"),
    "isv.SMS_TEST_NUMBER_LIMIT": ("只能向已回复授权信息的手机号发送", "recipient_refused"),
    "isv.SMS_SIGNATURE_ILLEGAL": ("签名不合法(不存在或被拉黑)", "content_refused"),
    "isv.SMS_TEMPLATE_ILLEGAL": ("模板不合法(不存在或被拉黑)", "content_refused"),
    "isv.TEMPLATE_MISSING_PARAMETERS": ("模板变量缺少对应参数值", "content_refused"),
    "isv.INVALID_PARAMETERS": ("params must be [a-zA-Z0-9] for verification sms", "content_refused"),
    "isv.INVALID_JSON_PARAM": ("JSON参数不合法，只接受字符串值", "content_refused"),
    "isv.PARAM_LENGTH_LIMIT": ("参数超过长度限制", "content_refused"),
    "isv.PARAM_NOT_SUPPORT_URL": ("变量不支持传入URL", "content_refused"),
    "isv.TEMPLATE_PARAMS_ILLEGAL": ("传入的变量内容和实际申请模板时变量所选择的属性类型不配", "content_refused"),
    "isv.BLACK_KEY_CONTROL_LIMIT": ("黑名单管控", "content_refused"),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": ("签名和模板类型不一致", "content_refused"),
    "isv.SIGN_STATE_ILLEGAL": ("签名状态为“不可用”", "content_refused"),
    "isv.SMS_SIGN_ILLEGAL": ("签名禁止使用", "content_refused"),
    "isv.SMS_CONTENT_ILLEGAL": ("短信内容包含禁止发送内容", "content_refused"),
    "isv.EXTEND_CODE_ERROR": ("扩展码使用错误，相同的扩展码不可用于多个签名", "content_refused"),
    "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT": ("测试模板和签名限制", "content_refused"),
    "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL": ("测试专用模板中的变量仅支持4~6位纯数字", "content_refused"),
    "isv.AMOUNT_NOT_ENOUGH": ("账户余额不足", "account_refused"),
    "isv.OUT_OF_SERVICE": ("业务停机", "account_refused"),
    "isv.PRODUCT_UN_SUBSCRIPT": ("未开通云通信产品的阿里云客户", "account_refused"),
    "isv.PRODUCT_UNSUBSCRIBE": ("产品未开通", "account_refused"),
    "isv.ACCOUNT_NOT_EXISTS": ("账户不存在", "account_refused"),
    "isv.ACCOUNT_ABNORMAL": ("账户异常", "account_refused"),
    "isv.SECURITY_FROZEN_ACCOUNT": ("因该账号长时间未使用", "account_refused"),
    "isv.DENY_IP_RANGE": ("源IP地址所在的地区被禁用", "account_refused"),
    "isp.RAM_PERMISSION_DENY": ("没有访问权限", "account_refused"),
    "isp.SYSTEM_ERROR": ("系统错误", "provider_failed"),
    "isp.GATEWAY_ERROR": ("调用发送应用模块失败", "provider_failed"),
    "isp.UNKNOWN_ERROR": ("", "provider_failed"),
}

REGISTERING = {
    # What only the operations on signatures and templates answer; for a send they are errors like any other.
    "isv.SIGN_COUNT_OVER_LIMIT": ("", "usage_limited"),
    "isv.TEMPLATE_COUNT_OVER_LIMIT": ("", "usage_limited"),
    "isv.SMS_OVER_LIMIT": ("100", "usage_limited"),
    "isv.SIGN_NAME_ILLEGAL": ("", "content_refused"),
    "isv.SIGN_OVER_LIMIT": ("", "content_refused"),
    "isv.TEMPLATE_OVER_LIMIT": ("", "content_refused"),
    "isv.SIGN_FILE_LIMIT": ("", "content_refused"),
    "isv.SIGNATURE_BLACKLIST": ("", "content_refused"),
    "isv.SIGN_SOURCE_ILLEGAL": ("", "content_refused"),
    "isv.SMS_SIGN_EMOJI_ILLEGAL": ("emoji", "content_refused"),
    "isv.ERROR_SIGN_NOT_DELETE": ("", "content_refused"),
    "isv.ERROR_SIGN_NOT_MODIFY": ("", "content_refused"),
    "isv.ERROR_TEMPLATE_NOT_DELETE": ("", "content_refused"),
    "isv.ERROR_TEMPLATE_NOT_MODIFY": ("", "content_refused"),
    "template_parameter_count_illegal": ("", "content_refused"),
}
BUSINESS |= REGISTERING

GLOBE = {
    # ResponseCode of 2018-05-01: our driver's reason.
    "INVALID_SENDERID": "content_refused",
    "FORBIDDEN_ACTION": "account_refused",
    "OUT_OF_SERVICE": "account_refused",
    "ACCOUNT_NOT_EXISTS": "account_refused",
    "ACCOUNT_ILLEGAL": "account_refused",
    "SMS_CONTENT_CODE_ILLEGAL": "content_refused",
    "SMS_SIGN_NAME_ILLEGAL": "content_refused",
    "MOBILE_NUMBER_ILLEGAL": "recipient_refused",
    "MOBILE_COUNT_OVER_LIMIT": "recipient_refused",
    "NOT_SUPPORTED_COUNTRY": "recipient_refused",
    "CONTENT_MISSING_PARAMETERS": "content_refused",
    "INVALID_PARAMETERS": "content_refused",
    "INVALID_JSON_PARAM": "content_refused",
    "PARAM_LENGTH_LIMIT": "content_refused",
    "AMOUNT_NOT_ENOUGH": "account_refused",
    "SYSTEM_ERROR": "provider_failed",
    "DATA_NOT_EXIST": "refused",
    "QPS_LIMIT_CONTROL": "throttled",
    "BUSINESS_LIMIT_CONTROL": "rate_limited",
    "ONLINE_BILLING_FAILED": "account_refused",
    "QUERY_DATE_ILLEGAL": "refused",
    "RAM_PERMISSION_DENY": "account_refused",
    "PRODUCT_NOT_SUBSCRIBED": "account_refused",
    "SMS_SECURITY_INTERCEPTED": "content_refused",
    "SMS_CONTENT_ILLEGAL": "content_refused",
    "BLACK_KEY_CONTROL_LIMIT": "content_refused",
}

MAYBE_SENT = frozenset({"provider_failed"})
LOGTO = {"rate_limited": 429, "usage_limited": 429, "throttled": 429}
"""Statuses of our API other than 400, by reason, as Logto has them."""
