"""What is registered with Aliyun is made from our templates, and comes out of the fake as we render it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alibabacloud_dysmsapi20170525.models import CreateSmsTemplateRequest
from ruamel.yaml import YAML

from gateway.core.data_files import folder
from gateway.core.errors import ConfigError
from gateway.core.model import Channel, UsageType
from gateway.providers.aliyun_sms.fake.templates import Template, seeded
from gateway.providers.aliyun_sms.registered import CHINA, OVERSEAS, for_logto, registered, with_templates
from gateway.providers.aliyun_sms.settings import parse
from gateway.rendering import Renderer
from tests.rendering.conftest import Show
from tests.repo.registered_templates import FILE, page

BUILT_IN = Renderer([folder("templates")])
CODES = ("SMS_1{:08}", "SMS_2{:08}")


def test_the_templates_of_the_fakes_are_made_from_ours() -> None:
    """``python -m tests.repo.registered_templates`` writes the file anew."""
    assert FILE.read_text(encoding="utf-8") == page()
    made = {one.code: Template(one.code, one.text, one.kind) for one in registered(BUILT_IN)}  # type: ignore[arg-type]  # a kind is a plain string here
    assert made == seeded()


def test_the_sandbox_names_each_of_them_for_its_usage_type() -> None:
    sandbox = YAML(typ="safe", pure=True).load(folder("fixtures") / "sandbox.yaml")
    templates = sandbox["connectors"][0]["config"]["templates"]
    named = {(row["usageType"], code) for row in templates for code in row["templateCode"].values()}
    assert named == {(one.usage_type.value, one.code) for one in registered(BUILT_IN)}


@pytest.mark.parametrize("edited", [False, True], ids=["built-in", "edited"])
def test_what_is_exported_comes_out_of_the_fake_as_we_render_it(
    edited: bool, show: Show, overlay: Renderer
) -> None:
    if edited:
        show("Hi R&D, {{ code }} / {{ code }}!", locale="en")
        show("{% if code %}码：{{ code }}{% endif %}", UsageType.REGISTER, locale="zh-CN")
    for one in registered(overlay):
        exported = one.parameters("Sandbox")["TemplateContent"]
        from_the_fake = Template(one.code, exported, "verification").render({"code": "135790"})
        locale = OVERSEAS if one.kind == "international" else CHINA
        payload = {"code": "135790"} if one.has_code else {}
        assert from_the_fake == overlay.render(one.usage_type, Channel.SMS, payload, locale).text
        assert ("135790" in from_the_fake) == (one.usage_type is not UsageType.ORGANIZATION_INVITATION)


def test_the_parameters_are_those_of_create_sms_template_in_the_official_sdk() -> None:
    for one in registered(BUILT_IN):
        made = one.parameters("Sandbox")
        assert CreateSmsTemplateRequest().from_map(made).to_map() == made
        assert made["TemplateType"] == {"verification": 0, "notification": 1, "international": 3}[one.kind]
        assert ("RelatedSignName" in made) == (one.kind != "international") == ("IntlType" not in made)
        assert ("TemplateRule" in made) == one.has_code
        assert len(made["TemplateName"]) <= 30  # the documentation of CreateSmsTemplate
    kinds = {one.kind: one.parameters(None).get("IntlType") for one in registered(BUILT_IN)[9:10]}
    assert kinds == {"international": 2}


def test_the_rule_of_a_variable_is_json() -> None:
    assert json.loads(registered(BUILT_IN)[0].parameters(None)["TemplateRule"]) == {"code": "numberCaptcha"}


def test_the_export_for_logto_is_a_part_of_a_config_that_the_factory_takes() -> None:
    config = {"accessKeyId": "a", "accessKeySecret": "b", "signName": "c"}
    codes = {
        usage_type: {"china": CODES[0].format(at), "overseas": CODES[1].format(at)}
        for at, usage_type in enumerate(UsageType, 1)
    }
    settings = parse({**config, **for_logto(BUILT_IN, codes)}, {})
    by_code = seeded()
    for usage_type in UsageType:
        template = settings.template_for(usage_type)
        assert template is not None
        at_home = by_code[template.template_code.china]
        assert template.type == (2 if at_home.kind == "verification" else 0)


def test_a_folder_of_templates_is_what_the_fake_has_registered_below_the_files_own(
    show: Show, overlay: Renderer
) -> None:
    show("Edited {{ code }}")
    own = {"code": "SMS_100000001", "text": "mine ${code}"}
    rows = with_templates({"strict": True, "templates": [own]}, overlay)
    assert rows["strict"] is True
    assert {"code": "SMS_200000001", "kind": "international", "text": "Edited ${code}"} in rows["templates"]
    assert [row for row in rows["templates"] if row["code"] == own["code"]] == [own]
    assert len(rows["templates"]) == 18
    wrong = {"templates": None}
    assert with_templates(wrong, overlay) == wrong


def test_a_broken_template_in_that_folder_is_a_config_error_with_its_line(show: Show, overlay: Renderer) -> None:
    show("{{ code }\n")
    with pytest.raises(ConfigError, match=r"templates: .*SignIn\.j2, line 3"):
        with_templates({}, overlay)


def test_the_payloads_are_one_for_each_usage_type() -> None:
    names = {path.stem for path in Path(folder("fixtures") / "payloads").iterdir()}
    assert names == {usage_type.value for usage_type in UsageType}
