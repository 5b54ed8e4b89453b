"""``gateway templates``: copy the built-in templates for editing, and take what was edited elsewhere."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import local, options
from gateway.cli.exits import SaidNo, WrongUse
from gateway.errors import TemplateNotFound
from gateway.model import Channel, UsageType

if TYPE_CHECKING:
    from gateway.rendering import Renderer
    from gateway.rendering.phone import Sender


@click.group("templates")
def command() -> None:
    """Copy the built-in templates, and export edited ones to Aliyun or Logto.

    \b
    Examples:
      gateway templates init ./templates
      gateway templates export --for aliyun --templates ./templates
    """


@command.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Copy the built-in templates into DIR, to edit them there. A file that is there already is never replaced.

    \b
    Example:
      gateway templates init ./templates
    """
    from gateway import resources

    source = resources.folder("templates")
    files = sorted(path.relative_to(source) for path in source.rglob("*.j2"))
    there = next((file for file in files if (folder / file).exists()), None)
    if there is not None:
        raise WrongUse(f"{folder / there} is there already, nothing was copied: take another folder")
    try:
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, folder / file)
    except OSError as error:
        raise WrongUse(f"{folder}: {error.strerror}") from error
    click.echo(f"{len(files)} files in {folder}. Edit one, then: gateway preview --all --templates {folder}")


@command.command("export")
@click.option(
    "--for",
    "target",
    required=True,
    type=click.Choice(["aliyun", "logto:aliyun"]),
    help="aliyun: the texts to register. logto:aliyun: `templates` of Logto's connector.",
)
@click.option("--connector", metavar="ID", help="Whose sign name and template codes.  [default: the default]")
@options.templates
@options.config
def export(target: str, connector: str | None, templates: Path | None, config_file: Path | None) -> None:
    """Print the templates as JSON, as they are pasted elsewhere. Chinese goes to China, English abroad.

    aliyun: for each its usage type, its code in the sandbox, and the parameters of CreateSmsTemplate.
    logto:aliyun: {"templates": [...]}, with the connector's template codes. If a template has an error nothing is
    printed, and the exit code is 1.

    \b
    Example:
      gateway templates export --for aliyun --templates ./templates
    """
    from gateway.providers.aliyun_sms import registered

    config = local.loaded(config_file, templates)
    chosen = local.connector(config, connector, Channel.SMS)
    renderer, sender = local.renderer(config), local.sender(chosen)
    if chosen is None or not sender.is_aliyun:
        raise WrongUse("--connector: is not one of Aliyun's")
    try:
        refuse_errors(renderer, sender, (registered.CHINA, registered.OVERSEAS))
        texts = registered.registered(renderer)
        if target == "aliyun":
            found: Any = [one.document(sender.sign_name) for one in texts]
        else:
            found = registered.for_logto(renderer, codes(chosen.settings))
    except TemplateNotFound as none:
        raise WrongUse(none.message) from none
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    click.echo(json.dumps(found, ensure_ascii=not unicode, indent=2))


def refuse_errors(renderer: Renderer, sender: Sender, locales: tuple[str, ...]) -> None:
    from gateway.rendering.preview import preview_all

    made, _ = preview_all(renderer, Channel.SMS, sender, locales)
    findings = dict.fromkeys(one for each in made for one in each.findings if one.severity == "error")
    for one in findings:
        click.echo(f"{one.file}:{one.line}: {one.severity}: {one.message} [{one.rule}]", err=True)
    if findings:
        raise SaidNo(f"nothing is exported: errors in templates: {len(findings)}")


def codes(settings: Any) -> dict[UsageType, Any]:
    """The template code of each usage type, as Logto would choose it from a connector's settings."""
    found = {usage_type: settings.template_for(usage_type) for usage_type in UsageType}
    return {
        usage_type: {"china": one.template_code.china, "overseas": one.template_code.overseas}
        for usage_type, one in found.items()
        if one is not None
    }
