"""What signatures and templates have in common: one is found, may or may not be changed, is deleted, is listed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.providers.aliyun_sms.fake.account import account_id
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.registering import applications, paging
from gateway.providers.aliyun_sms.fake.registering.applications import Application, Kind, Review
from gateway.providers.ports import Context

GIVEN_TAG, TEST_TAG = 3, 4
"""SignTag and TemplateTag of those that nobody had to apply for."""
_DECLARED = Review("approved", "", 0.0)


@dataclass(frozen=True, slots=True)
class Register:
    """``parameter`` names one of them in a request. ``unknown``, ``not_changed``, ``not_deleted``: the codes for
    one that is not there, or that stays as it is. ``declared``: those of the config. ``of_connectors``: those that
    stand for a connector's own codes, unless the account applied for one of that name."""

    kind: Kind
    parameter: str
    unknown: str
    not_changed: str
    not_deleted: str
    declared: Callable[[Context], list[Application]]
    of_connectors: Callable[[Context], list[Application]] = lambda _: []

    async def find(self, call: Call, context: Context) -> Application | None:
        name = call.params[self.parameter]
        return (
            _named(name, self.declared(context))
            or await applications.find(self.kind, account_id(call), name, context)
            or _named(name, self.of_connectors(context))
        )

    async def existing(self, call: Call, context: Context) -> Application:
        """Raises Refusal."""
        found = await self.find(call, context)
        if found is None:
            name = call.params[self.parameter]
            raise Refusal(self.unknown, f"{self.parameter} {name!r} is not registered in this fake")
        return found

    async def changeable(self, call: Call, context: Context, fixed: Collection[str]) -> Application:
        """Not one of the config, and in a strict fake none in a ``fixed`` state. Raises Refusal."""
        found = await self.existing(call, context)
        _refuse(found, context, fixed, self.not_changed, "changed")
        return found

    async def delete(self, call: Call, context: Context) -> Plan:
        found = await self.existing(call, context)
        _refuse(found, context, ("reviewing",), self.not_deleted, "deleted")

        async def act() -> Outcome:
            await applications.withdraw(self.kind, found.account, found.name, context)
            return Outcome({self.parameter: found.name})

        return Plan((), act)

    async def page(
        self, call: Call, context: Context, name: str, shown: Callable[[Application], dict[str, Any]]
    ) -> Plan:
        """One page of the account's own, the newest first, and of the config's."""
        own = await applications.all_of(self.kind, account_id(call), context)
        applied_for = {one.name.lower() for one in own}
        others = [one for one in self.of_connectors(context) if one.name.lower() not in applied_for]
        return answer(paging.page(call, name, [*own, *self.declared(context), *others], shown))


def _named(name: str, applications: list[Application]) -> Application | None:
    return next((one for one in applications if one.name.lower() == name.lower()), None)


def declared(kind: Kind, name: str, content: Mapping[str, Any], *, is_test: bool) -> Application:
    """One of the config, in the shape of one that was applied for."""
    return Application(
        kind, "", name, content, 0.0, _DECLARED, declared=True, tag=TEST_TAG if is_test else GIVEN_TAG
    )


def answer(fields: dict[str, Any]) -> Plan:
    """Nothing to do but to say this."""

    async def act() -> Outcome:
        return Outcome(fields)

    return Plan((), act)


def _refuse(found: Application, context: Context, fixed: Collection[str], code: str, what: str) -> None:
    if found.declared or (context.settings.strict and found.review.state in fixed):
        state = "in the config" if found.declared else found.review.state
        raise Refusal(code, f"{found.name} is {state}: it cannot be {what}")
