"""The operations on signatures: the old (Add, Modify, Query) and the new (Create, Update, Get), on one registry.

Enum traps: SignSource is 0 to 5 in Add and Modify, 0, 2 or 5 in Create and Update. In the list
``authorizationLetterAuditPass`` begins with a small letter.
"""

from __future__ import annotations

from typing import Any

from gateway.providers.aliyun_sms.fake.account import account_id
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.days import written
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.registering import applications, paging, sign_rules
from gateway.providers.aliyun_sms.fake.registering.applications import Application
from gateway.providers.aliyun_sms.fake.registering.lookup import CODES_ONLY
from gateway.providers.aliyun_sms.fake.registering.register import Register, answer, declared
from gateway.providers.aliyun_sms.fake.registering.reviews import (
    SIGN_AUDIT,
    STATUS,
    audit_date,
    audit_info,
    reason,
)
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.ports import Context

_GENERAL = 1
_IDS = ("QualificationId", "AuthorizationLetterId", "AppIcpRecordId", "TrademarkId")
_OPERATORS = ("mobile", "unicom", "telecom")
_REGISTERED = 1


async def apply(call: Call, context: Context) -> Plan:
    """AddSmsSign, CreateSmsSign."""
    settings: FakeSettings = context.settings
    name = call.params["SignName"]
    content = _content(call, settings)
    if settings.strict and await _REGISTER.find(call, context) is not None:
        raise Refusal("isv.SIGN_NAME_ILLEGAL", f"SignName {name!r} is there already")

    async def act() -> Outcome:
        await applications.count_application(call, "signature", context)
        return await _submitted(call, name, content, context)

    return Plan((), act)


async def change(call: Call, context: Context) -> Plan:
    """ModifySmsSign takes approved ones too, UpdateSmsSign rejected ones; a lenient fake has any changed."""
    fixed = ("reviewing",) if call.action == "ModifySmsSign" else ("reviewing", "approved")
    found = await _REGISTER.changeable(call, context, fixed)
    content = _content(call, context.settings)

    async def act() -> Outcome:
        return await _submitted(call, found.name, content, context)

    return Plan((), act)


async def query(call: Call, context: Context) -> Plan:
    found = await _REGISTER.existing(call, context)
    return answer(
        {
            "SignName": found.name,
            "SignStatus": STATUS[found.review.state],
            "CreateDate": written(found.submitted_at),
            "Reason": found.review.reason,
        }
    )


async def get(call: Call, context: Context) -> Plan:
    found = await _REGISTER.existing(call, context)
    content = found.content
    approved = found.review.state == "approved"
    fields: dict[str, Any] = {
        "SignName": found.name,
        "SignCode": f"SIGN_{found.order_id or found.name}",
        "SignStatus": STATUS[found.review.state],
        "SignTag": str(found.tag),
        "SignUsage": "验证码" if content["SignType"] == CODES_ONLY else "通用",
        "ThirdParty": content["ThirdParty"],
        "AuthorizationLetterAuditPass": approved and bool(content["AuthorizationLetterId"]),
        "ApplyScene": content["ApplySceneContent"],
        "Remark": content["Remark"],
        "OrderId": found.order_id,
        "CreateDate": written(found.submitted_at),
        "RegisterResult": int(approved),
        "AuditInfo": audit_info(found.review),
        "FileUrlList": content["MoreData"],
        "SignIspRegisterDetailList": [
            {
                "OperatorCode": operator,
                "OperatorCompleteTime": audit_date(found.review),
                "RegisterStatus": _REGISTERED,
                "RegisterStatusReasons": [],
            }
            for operator in _OPERATORS
            if approved
        ],
    }
    return answer({**fields, **{name: int(content[name]) for name in _IDS if content[name]}})


async def listing(call: Call, context: Context) -> Plan:
    """QuerySmsSignList."""
    return await _REGISTER.page(call, context, "SmsSignList", _listed)


def _listed(one: Application) -> dict[str, Any]:
    content = one.content
    return {
        "SignName": one.name,
        "AuditStatus": SIGN_AUDIT[one.review.state],
        "BusinessType": "验证码类型" if content["SignType"] == CODES_ONLY else "通用类型",
        "CreateDate": written(one.submitted_at),
        "OrderId": one.order_id,
        **{name: int(content[name]) for name in _IDS[1:] if content[name]},
        "authorizationLetterAuditPass": one.review.state == "approved" and bool(content["AuthorizationLetterId"]),
        "Reason": reason(one.review),
    }


def _content(call: Call, settings: FakeSettings) -> dict[str, Any]:
    """What was applied for. Raises Refusal."""
    params = call.params
    if settings.strict:
        sign_rules.check(call, settings)
    return {
        "SignSource": int(params["SignSource"]),
        "SignType": int(params.get("SignType") or _GENERAL),
        "ThirdParty": params.get("ThirdParty", "").lower() == "true",
        "Remark": params.get("Remark", ""),
        "ApplySceneContent": params.get("ApplySceneContent", ""),
        "MoreData": paging.urls(call),
        **{name: params.get(name, "") for name in _IDS},
    }


async def _submitted(call: Call, name: str, content: dict[str, Any], context: Context) -> Outcome:
    order_id = await applications.submit("signature", account_id(call), name, content, "", context)
    new = call.action in ("CreateSmsSign", "UpdateSmsSign")
    return Outcome({"SignName": name, "OrderId": order_id} if new else {"SignName": name})


def _declared(context: Context) -> list[Application]:
    registry = context.settings.registry
    nothing: dict[str, Any] = dict.fromkeys(("Remark", "ApplySceneContent", *_IDS), "")
    return [
        declared(
            "signature",
            name,
            {
                **nothing,
                "SignSource": 0,
                "SignType": CODES_ONLY if name in registry.verification_signatures else _GENERAL,
                "ThirdParty": False,
                "MoreData": [],
            },
            is_test=name in registry.test_signatures,
        )
        for name in sorted(context.settings.signatures)
    ]


_REGISTER = Register(
    "signature",
    "SignName",
    "isv.SMS_SIGNATURE_ILLEGAL",
    "isv.ERROR_SIGN_NOT_MODIFY",
    "isv.ERROR_SIGN_NOT_DELETE",
    _declared,
)
delete = _REGISTER.delete
