"""The operations on signatures: the old (Add, Modify, Query) and the new (Create, Update, Get), on one registry.

Enum traps: SignSource is 0 to 5 in Add and Modify, 0, 2 or 5 in Create and Update. A cancelled application is
``AUDIT_STATE_CANCEL``, spelt otherwise than that of a template. In the list ``authorizationLetterAuditPass``
begins with a small letter.
"""

from __future__ import annotations

from typing import Any

from gateway.ports import Context
from gateway.providers.aliyun_sms.fake.account import account_id
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.days import written
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.registering import applications, paging, sign_rules
from gateway.providers.aliyun_sms.fake.registering.applications import Application, Review
from gateway.providers.aliyun_sms.fake.registering.lookup import CODES_ONLY
from gateway.providers.aliyun_sms.fake.registering.templates import AUDIT as TEMPLATE_AUDIT
from gateway.providers.aliyun_sms.fake.registering.templates import STATUS, audit_info
from gateway.providers.aliyun_sms.fake.settings import FakeSettings

AUDIT = {**TEMPLATE_AUDIT, "cancelled": "AUDIT_STATE_CANCEL"}
_GENERAL = 1
_GIVEN, _TEST = 3, 4
_IDS = ("QualificationId", "AuthorizationLetterId", "AppIcpRecordId", "TrademarkId")
_OPERATORS = ("mobile", "unicom", "telecom")
_REGISTERED = 1


async def apply(call: Call, context: Context) -> Plan:
    """AddSmsSign, CreateSmsSign."""
    settings: FakeSettings = context.settings
    name = call.params["SignName"]
    content = _content(call, settings)
    if settings.strict and await _find(call, name, context) is not None:
        raise Refusal("isv.SIGN_NAME_ILLEGAL", f"SignName {name!r} is there already")

    async def act() -> Outcome:
        await applications.count_application(call, "signature", context)
        return await _submitted(call, name, content, context)

    return Plan((), act)


async def change(call: Call, context: Context) -> Plan:
    """ModifySmsSign takes approved ones too, UpdateSmsSign rejected ones; a lenient fake has any changed."""
    found = await _existing(call, context)
    content = _content(call, context.settings)
    fixed = ("reviewing",) if call.action == "ModifySmsSign" else ("reviewing", "approved")
    if found.declared or (context.settings.strict and found.review.state in fixed):
        state = "in the config" if found.declared else found.review.state
        raise Refusal("isv.ERROR_SIGN_NOT_MODIFY", f"{found.name} is {state}: it cannot be changed")

    async def act() -> Outcome:
        return await _submitted(call, found.name, content, context)

    return Plan((), act)


async def delete(call: Call, context: Context) -> Plan:
    found = await _existing(call, context)
    if found.declared or (context.settings.strict and found.review.state == "reviewing"):
        state = "in the config" if found.declared else "under review"
        raise Refusal("isv.ERROR_SIGN_NOT_DELETE", f"{found.name} is {state}: it cannot be deleted")

    async def act() -> Outcome:
        await applications.withdraw("signature", found.account, found.name, context)
        return Outcome({"SignName": found.name})

    return Plan((), act)


async def query(call: Call, context: Context) -> Plan:
    found = await _existing(call, context)
    return _answer(
        {
            "SignName": found.name,
            "SignStatus": STATUS[found.review.state],
            "CreateDate": written(found.submitted_at),
            "Reason": found.review.reason,
        }
    )


async def get(call: Call, context: Context) -> Plan:
    found = await _existing(call, context)
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
                "OperatorCompleteTime": audit_info(found.review)["AuditDate"],
                "RegisterStatus": _REGISTERED,
                "RegisterStatusReasons": [],
            }
            for operator in _OPERATORS
            if approved
        ],
    }
    return _answer({**fields, **{name: int(content[name]) for name in _IDS if content[name]}})


async def listing(call: Call, context: Context) -> Plan:
    """QuerySmsSignList."""
    own = await applications.all_of("signature", account_id(call), context)
    return _answer(paging.page(call, "SmsSignList", [*own, *_declared(context)], _listed))


def _listed(one: Application) -> dict[str, Any]:
    content = one.content
    return {
        "SignName": one.name,
        "AuditStatus": AUDIT[one.review.state],
        "BusinessType": "验证码类型" if content["SignType"] == CODES_ONLY else "通用类型",
        "CreateDate": written(one.submitted_at),
        "OrderId": one.order_id,
        **{name: int(content[name]) for name in _IDS[1:] if content[name]},
        "authorizationLetterAuditPass": one.review.state == "approved" and bool(content["AuthorizationLetterId"]),
        "Reason": paging.reason(one.review),
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


async def _find(call: Call, name: str, context: Context) -> Application | None:
    declared = next((one for one in _declared(context) if one.name.lower() == name.lower()), None)
    return declared or await applications.find("signature", account_id(call), name, context)


async def _existing(call: Call, context: Context) -> Application:
    name = call.params["SignName"]
    found = await _find(call, name, context)
    if found is None:
        raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", f"SignName {name!r} is not registered in this fake")
    return found


def _declared(context: Context) -> list[Application]:
    """The signatures of the config, in the shape of one that was applied for."""
    registry = context.settings.registry
    nothing: dict[str, Any] = dict.fromkeys(("Remark", "ApplySceneContent", *_IDS), "")
    return [
        Application(
            "signature",
            "",
            name,
            {
                **nothing,
                "SignSource": 0,
                "SignType": CODES_ONLY if name in registry.verification_signatures else _GENERAL,
                "ThirdParty": False,
                "MoreData": [],
            },
            0.0,
            Review("approved", "", 0.0),
            declared=True,
            tag=_TEST if name in registry.test_signatures else _GIVEN,
        )
        for name in sorted(context.settings.signatures)
    ]


def _answer(fields: dict[str, Any]) -> Plan:
    async def act() -> Outcome:
        return Outcome(fields)

    return Plan((), act)
