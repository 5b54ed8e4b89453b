"""What the tail of the fake relies on in moto, one test each: none of it is a promise of moto's.

Another version of moto fails here by name. Then look at what changed, adapt ``fake/tail/backend.py``, and pin anew.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from moto.core.base_backend import BaseBackend
from moto.core.model_instances import model_data
from moto.core.request import Request
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.iam.models import iam_backends
from moto.ses.models import ContactList, DedicatedIpPool, ReceiptRuleSet, SESBackend, ses_backends
from moto.ses.responses import EmailResponse
from moto.sesv2.models import SESV2Backend
from moto.sesv2.responses import SESV2Response

from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.operations import V1_NATIVE, V1_OTHERS, V2_NATIVE, V2_OTHERS
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.tail.backend import Moto
from gateway.providers.aws_ses.fake.tail.engine import PINNED
from gateway.providers.aws_ses.fake.tail.operations import V1_MOTO, V2_MOTO, v1_table, v2_table
from gateway.providers.aws_ses.fake.tail.translating import Answer, Primitives, v1_request
from gateway.providers.aws_ses.fake.v1.reading import V1Operation
from gateway.providers.aws_ses.fake.v2.routes import V2Operation
from tests.providers.aws_ses.served_fake import service_model

ACCOUNT, REGION = "111122223333", "eu-nowhere-1"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def moto() -> Moto:
    return Moto(ACCOUNT, REGION)


def v2(method: str, path: str, body: object = None) -> Primitives:
    sent = b"" if body is None else json.dumps(body).encode()
    return Primitives(method, f"/v2/email/{path}?-=", "application/json", sent)


def v1(action: str, **form: str) -> Primitives:
    return v1_request({"Action": action, "Version": "2010-12-01", **form})


def test_the_version_is_the_pinned_one_everywhere() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert version("moto") == PINNED
    assert extras["moto"] == [f"moto=={PINNED}"]
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert f"moto=={PINNED} " in (ROOT / lock).read_text()


def test_moto_has_the_operations_that_we_give_it_and_no_others() -> None:
    """More of them in a new version: they get a shape in ``tail/operations.py``. Do they look at identities or
    configuration sets? None of these does, tags apart."""

    def has(responder: type[BaseResponse], names: frozenset[str]) -> frozenset[str]:
        return frozenset(name for name in names if hasattr(responder, camelcase_to_underscores(name)))

    assert has(EmailResponse, V1_OTHERS) == V1_MOTO
    assert has(SESV2Response, V2_OTHERS) == V2_MOTO


@pytest.mark.parametrize(
    ("service", "known"), [("ses", V1_NATIVE | V1_OTHERS), ("sesv2", V2_NATIVE | V2_OTHERS)], ids=["v1", "v2"]
)
def test_the_tables_have_every_operation_of_the_model(service: str, known: frozenset[str]) -> None:
    assert set(service_model(service).operation_names) == known


async def never(_: Call) -> Outcome:
    raise AssertionError


@pytest.mark.parametrize("row", v1_table(never).values(), ids=lambda row: row.name)
def test_the_shapes_of_v1_are_those_of_the_model(row: V1Operation) -> None:
    theirs = service_model("ses").operation_model(row.name).input_shape
    assert {name.rstrip("!") for name in row.shape} == theirs.members.keys()
    assert {name.rstrip("!") for name in row.shape if name.endswith("!")} == set(theirs.required_members)


@pytest.mark.parametrize("row", v2_table(never).values(), ids=lambda row: row.name)
def test_the_shapes_of_v2_are_those_of_the_model(row: V2Operation) -> None:
    model = service_model("sesv2").operation_model(row.name)
    theirs = model.input_shape
    assert row.shape.types.keys() | row.shape.others.keys() == theirs.members.keys()
    assert set(row.shape.required) == set(theirs.required_members)
    assert (row.method, f"/v2/email/{row.path}") == (model.http["method"], model.http["requestUri"])


def test_a_request_is_made_of_primitives() -> None:
    made = Request.from_primitives(
        "PUT", "https://email.x.amazonaws.com/a%2Fb?c=d", {"Content-Type": "t/x"}, b"body"
    )
    assert (made.method, made.raw_path, made.content_type, made.data) == ("PUT", "/a%2Fb", "t/x", b"body")


def test_dispatch_answers_status_headers_and_body(moto: Moto) -> None:
    answer = moto.answer(v2("POST", "contact-lists", {"ContactListName": "a"}))
    assert (answer.status, answer.body) == (200, "{}")
    answer = moto.answer(v1("CreateReceiptRuleSet", RuleSetName="a"))
    assert answer.status == 200
    assert answer.body.startswith("<CreateReceiptRuleSetResponse xmlns=")


def test_the_backend_of_a_responder_is_a_property_of_its_own() -> None:
    assert isinstance(EmailResponse.__dict__["backend"], property)
    assert isinstance(SESV2Response.__dict__["sesv2_backend"], property)


def test_the_registries_of_moto_stay_empty(moto: Moto) -> None:
    moto.answer(v2("POST", "contact-lists", {"ContactListName": "a"}))
    moto.answer(v1("CreateReceiptRuleSet", RuleSetName="a"))
    assert ACCOUNT not in ses_backends or REGION not in dict(ses_backends[ACCOUNT])


def test_a_backend_needs_no_registry_and_no_known_region() -> None:
    assert list(signature(BaseBackend.__init__).parameters) == ["self", "region_name", "account_id"]
    core = SESBackend(REGION, ACCOUNT)
    assert (core.contacts_lists, core.dedicated_ip_pools, core.receipt_rule_set) == ({}, {}, {})
    assert (core.region_name, core.account_id, core.partition) == (REGION, ACCOUNT, "aws")


def test_v2_keeps_nothing_but_its_core_backend() -> None:
    backend = SESV2Backend("eu-west-1", ACCOUNT)
    try:
        assert vars(backend).keys() == {"region_name", "account_id", "partition", "core_backend"}
    finally:
        ses_backends.pop(ACCOUNT, None)


@pytest.mark.parametrize(
    ("owner", "method", "parameters"),
    [
        (SESBackend, "_validate_receipt_rule_actions", ["rule"]),
        (SESBackend, "create_receipt_rule", ["rule_set_name", "rule", "after"]),
        (SESV2Backend, "create_contact_list", ["params"]),
        (SESV2Backend, "create_contact", ["contact_list_name", "params"]),
        (SESV2Backend, "get_contact_list", ["contact_list_name"]),
        (SESV2Backend, "delete_contact_list", ["name"]),
        (SESV2Backend, "create_dedicated_ip_pool", ["pool_name", "tags", "scaling_mode"]),
        (SESV2Backend, "get_dedicated_ip_pool", ["pool_name"]),
        (SESV2Backend, "delete_dedicated_ip_pool", ["pool_name"]),
        (SESV2Backend, "tag_resource", ["arn", "tags"]),
        (SESV2Backend, "untag_resource", ["arn", "tag_keys"]),
        (SESV2Backend, "list_tags_for_resource", ["resource_arn"]),
    ],
)
def test_what_is_put_right_is_still_there(owner: type, method: str, parameters: list[str]) -> None:
    assert list(signature(getattr(owner, method)).parameters) == ["self", *parameters]


def test_the_tagger_lists_adds_and_forgets() -> None:
    tagger, arn = SESBackend(REGION, ACCOUNT).tagger, "arn:aws:ses:::identity/a"
    tagger.tag_resource(arn, [{"Key": "a", "Value": "1"}])
    assert tagger.list_tags_for_resource(arn) == {"Tags": [{"Key": "a", "Value": "1"}]}
    tagger.delete_all_tags_for_resource(arn)
    assert tagger.list_tags_for_resource(arn) == {"Tags": []}


def test_every_object_is_tracked_in_its_class_until_we_clear_it(moto: Moto) -> None:
    pool = DedicatedIpPool("a", "STANDARD", [])
    assert DedicatedIpPool.instances_tracked == [pool]  # type: ignore[attr-defined]  # put there by a metaclass
    moto.answer(v2("POST", "contact-lists", {"ContactListName": "a"}))
    moto.answer(v1("CreateReceiptRuleSet", RuleSetName="a"))
    models: dict[str, Any] = model_data["ses"]
    assert {models[one.__name__] for one in (DedicatedIpPool, ContactList, ReceiptRuleSet)} == {
        DedicatedIpPool,
        ContactList,
        ReceiptRuleSet,
    }
    assert {name: model.instances_tracked for name, model in models.items() if model.instances_tracked} == {}


def test_errors_of_v1_are_an_envelope_and_those_of_v2_a_type_and_a_message(moto: Moto) -> None:
    answer = moto.answer(v1("DescribeReceiptRuleSet", RuleSetName="a"))
    assert answer.status == 400
    assert "<Error><Type>Sender</Type><Code>RuleSetDoesNotExist</Code><Message>" in answer.body
    answer = moto.answer(v2("GET", "contact-lists/a"))
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (404, "NotFoundException")
    assert json.loads(answer.body)["message"] == "List with name: a doesn't exist."


def test_what_moto_does_not_have_is_a_not_implemented_error_or_an_empty_answer(moto: Moto) -> None:
    for request in (v2("GET", "export-jobs/a"), v2("GET", "no/such/path"), v1("ListReceiptFilters")):
        with pytest.raises(NotImplementedError):
            moto.answer(request)


def test_the_account_is_that_of_the_header() -> None:
    seen: list[Answer] = []

    class Watched(SESV2Response):
        def list_contact_lists(self) -> str:
            seen.append(Answer(200, {}, f"{self.current_account} {self.region}"))
            return "{}"

    url = f"https://email.{REGION}.amazonaws.com/v2/email/contact-lists"
    Watched.dispatch(Request.from_primitives("GET", url, {"x-moto-account-id": ACCOUNT}, b""))
    assert seen[0].body == f"{ACCOUNT} {REGION}"


def test_moto_asks_nobody_for_a_password_once_we_say_so(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)
    for request in (v2("GET", "contact-lists"), v1("ListReceiptRuleSets")):
        assert moto.answer(request).status == 200
    url = f"https://email.{REGION}.amazonaws.com/v2/email/contact-lists"
    with pytest.raises(KeyError, match="AUTHORIZATION"):
        SESV2Response.dispatch(Request.from_primitives("GET", url, {}, b""))


def test_a_region_may_have_any_name() -> None:
    for region in ("local", "EU West", "a/b?c#d@e", ""):
        assert Moto(ACCOUNT, region).answer(v2("GET", "contact-lists")).body == '{"ContactLists": []}'


def test_accounts_of_ours_do_not_pile_up_in_the_iam_of_moto() -> None:
    for number in range(3):
        Moto(f"99999999000{number}", REGION).answer(v2("GET", "contact-lists"))
    assert not [account for account in dict(iam_backends) if account.startswith("99999999")]


@pytest.mark.slow  # a process that loads moto
def test_loading_moto_leaves_other_clients_alone() -> None:
    """moto hooks into botocore at import; unless somebody starts a mock, nothing is diverted."""
    script = (
        "import gateway.providers.aws_ses.fake.tail.backend, os\n"
        "from moto.core.models import botocore_stubber\n"
        "assert botocore_stubber.enabled is False\n"
        "assert 'AWS_ACCESS_KEY_ID' not in os.environ\n"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", script], env=environment, timeout=50, check=True)
