"""The parameters that several operations share."""

from __future__ import annotations

from gateway.providers.aliyun_sms.fake.days import is_day
from gateway.providers.aliyun_sms.fake.plan import Parameter, choice, integer, invalid

_P = Parameter
_ID = integer(0, 10**18 - 1)
_TOO_LONG = "isv.TEMPLATE_OVER_LIMIT"
_SOURCE = "isv.SIGN_SOURCE_ILLEGAL"


def day(name: str, sent: str) -> None:
    if not is_day(sent):
        raise invalid(name, "a day in UTC+8, written yyyyMMdd, such as 20261121")


PAGE = _P("PageIndex", grammar=integer(1, 10**9))
PAGE_SIZE = _P("PageSize", grammar=integer(1, 50))

_TYPE = _P("TemplateType", required=True, grammar=choice("0", "1", "2", "3"))
_NAME_AND_TEXT = (
    _P("TemplateName", required=True, max_length=30, too_long=_TOO_LONG),
    _P("TemplateContent", required=True, max_length=500, too_long=_TOO_LONG),
)
TEMPLATE = (_TYPE, *_NAME_AND_TEXT, _P("Remark", required=True, max_length=100))
TEMPLATE_NEW = (
    *_NAME_AND_TEXT,
    _TYPE,
    _P("RelatedSignName"),
    _P("TemplateRule"),
    _P("ApplySceneContent"),
    _P("Remark"),
    _P("MoreData"),
    _P("IntlType", grammar=choice("0", "1", "2")),
    _P("TrafficDriving"),
)

NAME = _P("SignName", required=True)
_SIGN_TYPE = _P("SignType", grammar=choice("0", "1"))
SIGN = (
    NAME,
    _P("SignSource", required=True, grammar=choice("0", "1", "2", "3", "4", "5", code=_SOURCE)),
    _P("Remark", required=True, max_length=200),
    _SIGN_TYPE,
)
SIGN_FILES = (
    _P("SignFileList.1.FileContents", required=True, body=True),
    _P("SignFileList.1.FileSuffix", required=True, body=True),
)
SIGN_NEW = (
    NAME,
    _P("SignSource", required=True, grammar=choice("0", "2", "5", code=_SOURCE)),
    _P("QualificationId", required=True, grammar=_ID),
    _SIGN_TYPE,
    _P("ThirdParty", grammar=choice("true", "false", "True", "False")),
    _P("AuthorizationLetterId", grammar=_ID),
    _P("AppIcpRecordId", grammar=_ID),
    _P("TrademarkId", grammar=_ID),
    _P("ApplySceneContent"),
    _P("MoreData"),
    _P("Remark", max_length=200),
)
