"""moto itself: the one module that imports it, and the only one to do so. Loaded in a thread, at the first call.

Everything here is private to moto, so its version is pinned, and
tests/providers/aws_ses/test_tail_contract.py has a test for each thing that is relied on. Two things are done
differently from a moto server:

* Its registries (``ses_backends``) are of the whole process. Each ``Moto`` has backends of its own instead, so that
  gateways do not share state, and regions may have any name.
* What moto gets wrong, and what needs other services of AWS in moto, is put right in the backends below.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.core.model_instances import model_data
from moto.core.request import Request
from moto.ses.models import DedicatedIpPool, SESBackend
from moto.ses.responses import EmailResponse
from moto.sesv2.models import SESV2Backend
from moto.sesv2.responses import SESV2Response

from gateway.providers.aws_ses.fake.call import Refusal
from gateway.providers.aws_ses.fake.settings import DEFAULT_ACCOUNT
from gateway.providers.aws_ses.fake.tail.translating import Answer, Primitives

_NAME = re.compile("[a-z0-9-]{1,63}")


class Moto:
    """moto's SES of one account and region, both versions. Not for two threads at once."""

    def __init__(self, account_id: str, region: str) -> None:
        # Any client may sign for a region of any name; moto's code looks at the one of the backend.
        self._at = f"https://email.{region if _NAME.fullmatch(region) else 'us-east-1'}.amazonaws.com"
        core = _V1Backend(region, account_id)
        backend = _V2Backend(core)

        class V1(_Trusting, EmailResponse):
            @property
            def backend(self) -> SESBackend:
                return core

        class V2(_Trusting, SESV2Response):
            @property
            def sesv2_backend(self) -> SESV2Backend:
                return backend

        self._v1, self._v2, self._core = V1, V2, core

    def answer(self, request: Primitives) -> Answer:
        """Raises NotImplementedError for an operation that moto does not have, Refusal, and whatever moto raises
        where it fails."""
        url, headers = f"{self._at}{request.target}", {"Content-Type": request.content_type}
        # One for all: moto makes an IAM of several MB for each account that it sees, and looks keys up in all.
        headers["x-moto-account-id"] = DEFAULT_ACCOUNT
        made = Request.from_primitives(request.method, url, headers, request.body)
        responder = self._v1 if request.target == "/" else self._v2
        try:
            status, found, body = responder.dispatch(made)
        finally:
            # Else every object that there ever was stays in memory.
            for model in model_data["ses"].values():
                model.instances_tracked.clear()  # type: ignore[attr-defined]  # moto's metaclass puts it there
        if not body:
            raise NotImplementedError("moto has no route for it")
        lowered = {name.lower(): str(value) for name, value in found.items()}
        return Answer(status, lowered, body if isinstance(body, str) else body.decode())

    def tags(self, arn: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self._core.tagger.list_tags_for_resource(arn)["Tags"]
        return found

    def put_tags(self, arn: str, tags: list[dict[str, str]]) -> None:
        """These and no others."""
        self._core.tagger.delete_all_tags_for_resource(arn)
        if tags:
            self._core.tagger.tag_resource(arn, [dict(tag) for tag in tags])


class _Trusting:
    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        """We checked who asks. With INITIAL_NO_AUTH_ACTION_COUNT in the environment moto would do it again."""


class _V1Backend(SESBackend):
    def _validate_receipt_rule_actions(self, rule: dict[str, Any]) -> None:
        """Buckets, topics and functions are in services that are not here: they are taken to be there."""

    def create_receipt_rule(self, rule_set_name: str, rule: dict[str, Any], after: str | None) -> None:
        there = self.receipt_rule_set.get(rule_set_name)
        if there is not None and any(one["Name"] == rule["Name"] for one in there.rules):
            message = f"Rule already exists: {rule['Name']}"
            raise Refusal("AlreadyExists", "update it instead", message=message)
        super().create_receipt_rule(rule_set_name, rule, after)


class _V2Backend(SESV2Backend):
    def __init__(self, core: SESBackend) -> None:
        # SESV2Backend's own would ask moto's registry, which knows only regions that botocore knows.
        BaseBackend.__init__(self, core.region_name, core.account_id)
        self.core_backend = core

    def create_contact_list(self, params: dict[str, Any]) -> None:
        name = params["ContactListName"]
        if name in self.core_backend.contacts_lists:
            raise _exists(f"List with name: {name} already exists.")
        super().create_contact_list(params)

    def create_contact(self, contact_list_name: str, params: dict[str, Any]) -> None:
        email = params["EmailAddress"]
        if email in self.get_contact_list(contact_list_name).contacts:
            raise _exists(f"{email} already exists in List.")
        super().create_contact(contact_list_name, params)

    def create_dedicated_ip_pool(self, pool_name: str, tags: list[dict[str, str]], scaling_mode: str) -> None:
        if pool_name in self.core_backend.dedicated_ip_pools:
            raise _exists(f"Dedicated IP pool {pool_name} already exists.")
        super().create_dedicated_ip_pool(pool_name, tags, scaling_mode or "STANDARD")

    def get_dedicated_ip_pool(self, pool_name: str) -> DedicatedIpPool:
        if pool_name not in self.core_backend.dedicated_ip_pools:
            raise _absent(f"Dedicated IP pool {pool_name} does not exist.")
        return super().get_dedicated_ip_pool(pool_name)

    def delete_dedicated_ip_pool(self, pool_name: str) -> None:
        self.get_dedicated_ip_pool(pool_name)
        super().delete_dedicated_ip_pool(pool_name)
        self._forget(f"dedicated-ip-pool/{pool_name}")

    def delete_contact_list(self, name: str) -> None:
        super().delete_contact_list(name)
        self._forget(f"contact-list/{name}")

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        self._there(arn)
        super().tag_resource(arn, tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        self._there(arn)
        super().untag_resource(arn, tag_keys)

    def list_tags_for_resource(self, resource_arn: str) -> list[dict[str, str]]:
        self._there(resource_arn)
        return super().list_tags_for_resource(resource_arn)

    def _forget(self, resource: str) -> None:
        arn = f"arn:{self.partition}:ses:{self.region_name}:{self.account_id}:{resource}"
        self.core_backend.tagger.delete_all_tags_for_resource(arn)

    def _there(self, arn: str) -> None:
        """Native resources were looked up before moto was asked: these are moto's own."""
        kind, _, name = arn.split(":", 5)[5].partition("/")
        known: dict[str, Container[str]] = {
            "contact-list": self.core_backend.contacts_lists,
            "dedicated-ip-pool": self.core_backend.dedicated_ip_pools,
        }
        if kind in known and name not in known[kind]:
            raise _absent(f"Resource {arn} does not exist.")


def _exists(message: str) -> Refusal:
    return Refusal("AlreadyExistsException", "it is there already", message=message)


def _absent(message: str) -> Refusal:
    return Refusal("NotFoundException", "create it first", message=message)
