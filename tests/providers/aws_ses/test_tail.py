"""The operations that moto answers, through boto3 over a socket, and what a client sees when moto fails."""

from __future__ import annotations

import http.client
import json
import logging
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import Distribution
from typing import Any

import pytest
from moto.sesv2.models import SESV2Backend

from gateway.faults.rules import Effect, ProviderError
from gateway.providers.aws_ses.fake.operations import V1_OTHERS, V2_OTHERS
from gateway.providers.aws_ses.fake.tail.operations import V1_MOTO, V2_MOTO
from tests.providers.aws_ses.both_versions import Both
from tests.providers.aws_ses.raw_calls import raw_call, signed_call
from tests.providers.aws_ses.served_fake import (
    ACCOUNT,
    OTHER_KEY_ID,
    OTHER_SECRET,
    Served,
    a_recipient,
    a_region,
    refused,
    serving,
    simple,
)

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOPIC = {"TopicName": "news", "DisplayName": "News", "DefaultSubscriptionStatus": "OPT_IN"}


def arn(region: str, resource: str) -> str:
    return f"arn:aws:ses:{region}:{ACCOUNT}:{resource}"


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["Name"] for row in rows]


# --- every operation that moto has


def test_receipt_rule_sets_of_v1(both: Both) -> None:
    ses = both.v1
    ses.create_receipt_rule_set(RuleSetName="first")
    rule = {
        "Name": "keep",
        "Enabled": True,
        "Recipients": ["in@example.com"],
        "Actions": [{"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "a&<b>"}}],
    }
    ses.create_receipt_rule(RuleSetName="first", Rule=rule)
    ses.create_receipt_rule(RuleSetName="first", Rule={"Name": "stop"}, After="keep")
    shown = ses.describe_receipt_rule(RuleSetName="first", RuleName="keep")["Rule"]
    assert {name: shown[name] for name in rule} == rule
    ses.update_receipt_rule(RuleSetName="first", Rule={**rule, "Enabled": False})
    found = ses.describe_receipt_rule_set(RuleSetName="first")
    assert names(found["Rules"]) == ["keep", "stop"]
    assert found["Rules"][0]["Enabled"] is False
    ses.clone_receipt_rule_set(OriginalRuleSetName="first", RuleSetName="second")
    assert names(ses.list_receipt_rule_sets()["RuleSets"]) == ["first", "second"]
    assert "Metadata" not in ses.describe_active_receipt_rule_set()
    ses.set_active_receipt_rule_set(RuleSetName="second")
    active = ses.describe_active_receipt_rule_set()
    assert active["Metadata"]["Name"] == "second"
    assert names(active["Rules"]) == ["keep", "stop"]
    with refused("CannotDelete", 400, "Cannot delete active rule set: second"):
        ses.delete_receipt_rule_set(RuleSetName="second")
    ses.delete_receipt_rule_set(RuleSetName="first")
    assert names(ses.list_receipt_rule_sets()["RuleSets"]) == ["second"]


def test_contact_lists_and_contacts(ses: Any) -> None:
    ses.create_contact_list(ContactListName="letters", Topics=[TOPIC], Description="a & b")
    ses.update_contact_list(ContactListName="letters", Topics=[TOPIC], Description="x&Action=SendEmail&y=z")
    found = ses.get_contact_list(ContactListName="letters")
    assert (found["Description"], found["Topics"]) == ("x&Action=SendEmail&y=z", [TOPIC])
    assert abs(found["CreatedTimestamp"].timestamp() - time.time()) < 60
    assert [one["ContactListName"] for one in ses.list_contact_lists()["ContactLists"]] == ["letters"]

    preference = {"TopicName": "news", "SubscriptionStatus": "OPT_OUT"}
    ses.create_contact(ContactListName="letters", EmailAddress="a+b/c@example.com", AttributesData='{"a": "&"}')
    ses.update_contact(ContactListName="letters", EmailAddress="a+b/c@example.com", TopicPreferences=[preference])
    contact = ses.get_contact(ContactListName="letters", EmailAddress="a+b/c@example.com")
    assert (contact["AttributesData"], contact["TopicPreferences"]) == ('{"a": "&"}', [preference])
    assert len(ses.list_contacts(ContactListName="letters")["Contacts"]) == 1
    ses.delete_contact(ContactListName="letters", EmailAddress="a+b/c@example.com")
    assert ses.list_contacts(ContactListName="letters")["Contacts"] == []
    ses.delete_contact_list(ContactListName="letters")
    assert ses.list_contact_lists()["ContactLists"] == []


def test_dedicated_ip_pools(ses: Any) -> None:
    ses.create_dedicated_ip_pool(PoolName="main")
    assert ses.get_dedicated_ip_pool(PoolName="main")["DedicatedIpPool"] == {
        "PoolName": "main",
        "ScalingMode": "STANDARD",
    }
    ses.create_dedicated_ip_pool(PoolName="auto", ScalingMode="MANAGED")
    assert ses.list_dedicated_ip_pools()["DedicatedIpPools"] == ["auto", "main"]
    ses.delete_dedicated_ip_pool(PoolName="auto")
    assert ses.list_dedicated_ip_pools()["DedicatedIpPools"] == ["main"]


def test_tags_of_what_moto_keeps(ses: Any, region: str) -> None:
    ses.create_contact_list(ContactListName="letters", Tags=[{"Key": "a", "Value": "1"}])
    at = arn(region, "contact-list/letters")
    ses.tag_resource(ResourceArn=at, Tags=[{"Key": "b", "Value": "2"}, {"Key": "c", "Value": ""}])
    ses.untag_resource(ResourceArn=at, TagKeys=["a", "b"])
    assert ses.list_tags_for_resource(ResourceArn=at)["Tags"] == [{"Key": "c", "Value": ""}]


@pytest.mark.parametrize("kind", ["identity", "configuration-set", "template"])
def test_tags_of_what_is_native_are_the_same_to_both(ses: Any, region: str, kind: str) -> None:
    before, after = [{"Key": "a", "Value": "1"}], [{"Key": "b", "Value": "2"}]
    at = arn(region, f"{kind}/example")
    if kind == "identity":
        at = arn(region, "identity/example.com")
        ses.create_email_identity(EmailIdentity="example.com", Tags=before)
    elif kind == "configuration-set":
        ses.create_configuration_set(ConfigurationSetName="example", Tags=before)
    else:
        ses.create_email_template(TemplateName="example", TemplateContent={"Subject": "s"}, Tags=before)
    assert ses.list_tags_for_resource(ResourceArn=at)["Tags"] == before
    ses.tag_resource(ResourceArn=at, Tags=after)
    ses.untag_resource(ResourceArn=at, TagKeys=["a"])
    assert ses.list_tags_for_resource(ResourceArn=at)["Tags"] == after
    if kind == "identity":
        assert ses.get_email_identity(EmailIdentity="example.com")["Tags"] == after
    elif kind == "configuration-set":
        assert ses.get_configuration_set(ConfigurationSetName="example")["Tags"] == after


def test_a_deleted_resource_leaves_no_tags(ses: Any, region: str) -> None:
    for _ in range(2):
        ses.create_dedicated_ip_pool(PoolName="p", Tags=[{"Key": "a", "Value": "1"}])
        ses.delete_dedicated_ip_pool(PoolName="p")
    ses.create_dedicated_ip_pool(PoolName="p")
    assert ses.list_tags_for_resource(ResourceArn=arn(region, "dedicated-ip-pool/p"))["Tags"] == []


def test_the_older_path_of_a_listing_is_taken_too(lenient: Served, ses: Any, region: str) -> None:
    ses.create_contact_list(ContactListName="letters")
    for name in ("b", "a", "c"):
        ses.create_contact(ContactListName="letters", EmailAddress=f"{name}@example.com")
    path = "/v2/email/contact-lists/letters/contacts?PageSize=2"
    status, body = signed_call(lenient, region, "GET", path)
    assert (status, [one["EmailAddress"] for one in body["Contacts"]]) == (200, ["a@example.com", "b@example.com"])


def test_lists_come_in_pages(ses: Any) -> None:
    for name in ("c", "a", "b"):
        ses.create_contact_list(ContactListName=name)
        ses.create_dedicated_ip_pool(PoolName=name)
    first = ses.list_contact_lists(PageSize=2)
    rest = ses.list_contact_lists(PageSize=2, NextToken=first["NextToken"])
    found = [one["ContactListName"] for page in (first, rest) for one in page["ContactLists"]]
    assert (found, "NextToken" in rest) == (["a", "b", "c"], False)
    pools = ses.list_dedicated_ip_pools(PageSize=1)
    more = ses.list_dedicated_ip_pools(PageSize=5, NextToken=pools["NextToken"])
    assert pools["DedicatedIpPools"] + more["DedicatedIpPools"] == ["a", "b", "c"]
    with refused("BadRequestException", 400):
        ses.list_contact_lists(NextToken="nonsense")
    with refused("BadRequestException", 400):
        ses.list_dedicated_ip_pools(PageSize=0)


# --- envelopes


def test_an_answer_of_v1_looks_like_the_native_ones(lenient: Served, region: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = b"Action=CreateReceiptRuleSet&Version=2010-12-01&RuleSetName=a&x-moto-account-id=999999999999"
    status, headers, answer = raw_call(lenient, region, "POST", "/", body, form | {"x-moto-account-id": "9" * 12})
    request_id = headers["x-amzn-requestid"]
    assert _UUID.fullmatch(request_id)
    assert status == 200
    assert answer.decode() == (
        '<CreateReceiptRuleSetResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">\n'
        "  <CreateReceiptRuleSetResult/>\n"
        f"  <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  </ResponseMetadata>\n"
        "</CreateReceiptRuleSetResponse>\n"
    )
    assert headers.keys() == {"content-type", "x-amzn-requestid", "date", "content-length"}


def test_an_answer_of_v2_looks_like_the_native_ones(lenient: Served, region: str) -> None:
    status, headers, answer = raw_call(
        lenient, region, "POST", "/v2/email/dedicated-ip-pools", {"PoolName": "p"}, {"x-moto-account-id": "9" * 12}
    )
    assert (status, answer, headers["content-type"]) == (200, b"{}", "application/json")
    assert _UUID.fullmatch(headers["x-amzn-requestid"])
    assert headers.keys() == {"content-type", "x-amzn-requestid", "date", "content-length"}
    status, headers, answer = raw_call(lenient, region, "GET", "/v2/email/dedicated-ip-pools/q")
    assert (status, headers["x-amzn-errortype"]) == (404, "NotFoundException")
    assert json.loads(answer) == {"message": "Dedicated IP pool q does not exist."}
    assert lenient.exchange()["operation"] == "GetDedicatedIpPool"


def test_a_query_of_a_client_does_not_name_another_operation(lenient: Served, ses: Any, region: str) -> None:
    ses.create_contact_list(ContactListName="letters")
    path = "/v2/email/contact-lists/letters?Action=DeleteContactList&ContactListName=other"
    status, body = signed_call(lenient, region, "GET", path)
    assert (status, body["ContactListName"]) == (200, "letters")
    assert len(ses.list_contact_lists()["ContactLists"]) == 1


def test_the_exchange_says_that_moto_answered(lenient: Served, ses: Any) -> None:
    ses.list_contact_lists()
    exchange = lenient.exchange()
    assert (exchange["accepted"], exchange["explanation"]["note"]) == (True, "answered by moto")


# --- errors


def test_errors_of_v1_have_the_codes_of_aws(both: Both) -> None:
    ses = both.v1
    with refused("RuleSetDoesNotExist", 400, "Rule set does not exist: nope"):
        ses.describe_receipt_rule_set(RuleSetName="nope")
    ses.create_receipt_rule_set(RuleSetName="here")
    with refused("AlreadyExists", 400, "Rule set already exists: here"):
        ses.create_receipt_rule_set(RuleSetName="here")
    with refused("RuleDoesNotExist", 400, "Rule does not exist: nope"):
        ses.describe_receipt_rule(RuleSetName="here", RuleName="nope")
    ses.create_receipt_rule(RuleSetName="here", Rule={"Name": "r"})
    with refused("AlreadyExists", 400, "Rule already exists: r"):
        ses.create_receipt_rule(RuleSetName="here", Rule={"Name": "r", "Enabled": True})
    with refused("ValidationError", 400):
        ses.create_receipt_rule_set(RuleSetName="-")
    with refused("ValidationError", 400):
        ses.create_receipt_rule_set()


def test_errors_of_v2_have_the_types_of_aws(ses: Any, region: str) -> None:
    with refused("NotFoundException", 404):
        ses.get_contact_list(ContactListName="nope")
    with refused("NotFoundException", 404):
        ses.delete_dedicated_ip_pool(PoolName="nope")
    ses.create_contact_list(ContactListName="here")
    with refused("AlreadyExistsException", 400):
        ses.create_contact_list(ContactListName="here")
    ses.create_contact(ContactListName="here", EmailAddress="a@example.com")
    with refused("AlreadyExistsException", 400):
        ses.create_contact(ContactListName="here", EmailAddress="a@example.com")
    with refused("NotFoundException", 404):
        ses.get_contact(ContactListName="here", EmailAddress="b@example.com")
    ses.create_dedicated_ip_pool(PoolName="here")
    with refused("AlreadyExistsException", 400):
        ses.create_dedicated_ip_pool(PoolName="here")
    with refused("BadRequestException", 400):
        ses.create_contact_list()
    with refused("SerializationException", 400):
        ses.create_contact_list(ContactListName=["a"])
    for resource in ("contact-list/nope", "identity/nope@example.com", "configuration-set/nope", "nonsense/a"):
        with refused("NotFoundException", 404):
            ses.list_tags_for_resource(ResourceArn=arn(region, resource))
    with refused("BadRequestException", 400):
        ses.list_tags_for_resource(ResourceArn="nonsense")


@pytest.mark.parametrize("value", ["\x00\x01\x1b", "\r\n", "\ufffe", "é" * 300, "]]>", "%00"])
def test_odd_text_comes_back(both: Both, value: str) -> None:
    """In XML as far as XML can hold it."""
    both.v1.create_receipt_rule_set(RuleSetName="here")
    action = {"AddHeaderAction": {"HeaderName": "X", "HeaderValue": value}}
    both.v1.create_receipt_rule(RuleSetName="here", Rule={"Name": "r", "Actions": [action]})
    shown = both.v1.describe_receipt_rule(RuleSetName="here", RuleName="r")["Rule"]["Actions"][0]
    assert len(shown["AddHeaderAction"]["HeaderValue"]) == len(value)
    both.v2.create_contact_list(ContactListName="here", Description=value)
    assert both.v2.get_contact_list(ContactListName="here")["Description"] == value


def test_what_neither_has_is_unknown(lenient: Served, both: Both, region: str) -> None:
    assert "ListImportJobs" in V2_OTHERS - V2_MOTO
    with refused("UnknownOperationException", 404):
        both.v2.list_import_jobs()
    with refused("UnknownOperationException", 404):
        both.v2.create_tenant(TenantName="a")
    assert "ListReceiptFilters" in V1_OTHERS - V1_MOTO
    with refused("InvalidAction", 400):
        both.v1.list_receipt_filters()
    status, headers, body = raw_call(lenient, region, "PATCH", "/v2/email/nonsense")
    assert (status, headers["content-type"], "message" in json.loads(body)) == (404, "application/json", True)


def test_a_fault_hits_these_operations_too(lenient: Served, ses: Any) -> None:
    with (
        lenient.fault(Effect(error=ProviderError("Throttling")), operation="ListContactLists"),
        refused("TooManyRequestsException", 429),
    ):
        ses.list_contact_lists()


# --- state


def test_state_is_of_one_account_and_region_and_goes_with_a_reset(lenient: Served, region: str) -> None:
    ours, elsewhere = lenient.client(region), lenient.client(a_region())
    theirs = lenient.client(region, key_id=OTHER_KEY_ID, secret=OTHER_SECRET)
    ours.create_contact_list(ContactListName="letters")
    assert [len(one.list_contact_lists()["ContactLists"]) for one in (ours, elsewhere, theirs)] == [1, 0, 0]
    with serving() as other:
        assert other.client(region).list_contact_lists()["ContactLists"] == []
        fresh = other.client(region)
        fresh.create_contact_list(ContactListName="letters")
        url = other.gateway.url.removeprefix("http://")
        connection = http.client.HTTPConnection(url, timeout=10)
        connection.request("POST", "/api/reset", "{}", {"Content-Type": "application/json"})
        assert connection.getresponse().status == 200
        connection.close()
        assert fresh.list_contact_lists()["ContactLists"] == []
        fresh.create_contact_list(ContactListName="letters")


def test_many_at_once_lose_nothing(lenient: Served, ses: Any, region: str) -> None:
    ses.create_contact_list(ContactListName="letters")
    at = arn(region, "identity/example.com")
    ses.create_email_identity(EmailIdentity="example.com")

    def add(number: int) -> None:
        ses.create_contact(ContactListName="letters", EmailAddress=f"c{number}@example.com")
        ses.tag_resource(ResourceArn=at, Tags=[{"Key": f"k{number}", "Value": "v"}])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(32)))
    assert len(ses.list_contacts(ContactListName="letters")["Contacts"]) == 32
    assert len(ses.get_email_identity(EmailIdentity="example.com")["Tags"]) == 32


# --- moto that fails, hangs, or is not wanted


def test_a_failure_in_moto_is_a_clean_error_and_logged_without_contents(
    ses: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Any, params: dict[str, Any]) -> None:
        raise KeyError(params["ContactListName"])

    monkeypatch.setattr(SESV2Backend, "create_contact_list", broken)
    with caplog.at_level(logging.ERROR, "gateway"), refused("InternalServiceErrorException", 500):
        ses.create_contact_list(ContactListName="private")
    assert "CreateContactList: KeyError in test_tail.py" in caplog.text
    assert "private" not in caplog.text


def test_a_moto_that_hangs_is_given_up_and_nothing_else_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    free, entered = threading.Event(), threading.Event()

    def hang(self: Any) -> list[Any]:
        entered.set()
        free.wait(30)
        return []

    region = a_region()
    with serving(moto_seconds=1.5) as served, ThreadPoolExecutor(1) as threads:
        ses = served.client(region)
        ses.create_contact_list(ContactListName="letters")
        with monkeypatch.context() as patched:
            patched.setattr(SESV2Backend, "list_contact_lists", hang)
            try:
                hanging = threads.submit(ses.list_contact_lists)
                assert entered.wait(10)
                ses.send_email(**simple(a_recipient()))
                assert not hanging.done()
                with refused("InternalServiceErrorException", 500):
                    hanging.result(20)
                # Its state is gone, since a thread is still in it; the next call has a moto of its own.
                with refused("NotFoundException", 404):
                    ses.get_contact_list(ContactListName="letters")
            finally:
                free.set()


def test_another_version_of_moto_is_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Distribution, "version", property(lambda _: "0.0.1"))
    with serving() as served, caplog.at_level(logging.WARNING, "gateway"):
        assert served.client("eu-west-1").list_contact_lists()["ContactLists"] == []
    assert "moto 0.0.1 is here" in caplog.text


def test_moto_can_be_off() -> None:
    with serving(moto="off") as served:
        with refused("UnknownOperationException", 404):
            served.client("eu-west-1").list_contact_lists()
        assert "is off" in served.exchange()["explanation"]["hint"]
        with refused("InvalidAction", 400):
            served.client("eu-west-1", service="ses").list_receipt_rule_sets()
