"""``gateway templates``: copy the built-in templates for editing, and export edited ones."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import local, options
from gateway.cli.exits import SaidNo, WrongUse
from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, UsageType

if TYPE_CHECKING:
    from gateway.providers.ports import Connector
    from gateway.rendering import Renderer
    from gateway.rendering.lint import Finding


@click.group("templates")
def command() -> None:
    """Copy the built-in templates, and export edited ones to Aliyun, AWS SES or Logto.

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
    from gateway.core import data_files

    source = data_files.folder("templates")
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
    type=click.Choice(["aliyun", "logto:aliyun", "aws-ses", "logto:aws-ses"]),
    help="aliyun, aws-ses: what to register there. logto:...: `templates` of Logto's connector.",
)
@click.option("--connector", metavar="ID", help="aliyun: whose sign name and codes.  [default: the default]")
@click.option("--locale", help="aws-ses: a language tag.  [default: all; logto: en]")
@click.option(
    "--with",
    "given",
    metavar="NAME",
    multiple=True,
    help="aws-ses: what your sender always has besides code and link, such as application.name. May be repeated.",
)
@options.templates
@options.config
def export(
    target: str,
    connector: str | None,
    locale: str | None,
    given: tuple[str, ...],
    templates: Path | None,
    config_file: Path | None,
) -> None:
    """Print the templates as JSON, as they are pasted elsewhere.

    aliyun: for each SMS its usage type, its code in the sandbox, and the parameters of CreateSmsTemplate. Chinese
    goes to China, English abroad. logto:aliyun: {"templates": [...]}, with the connector's template codes.

    aws-ses: for each email the parameters of CreateEmailTemplate. logto:aws-ses: {"templates": [...]}, in one
    language. Conditions are decided here: what --with does not name is taken as absent.

    If a template has an error nothing is printed, and the exit code is 1.

    \b
    Examples:
      gateway templates export --for aliyun --templates ./templates
      gateway templates export --for logto:aws-ses --locale zh-CN --with application.name
    """
    config = local.load_config(config_file, templates)
    renderer = local.renderer(config)
    try:
        if target.endswith("aliyun"):
            if locale is not None or given:
                raise WrongUse("--locale and --with go with aws-ses")
            found = of_aliyun(renderer, local.connector(config, connector, Channel.SMS), logto=target != "aliyun")
        else:
            if connector is not None:
                raise WrongUse("--connector goes with aliyun")
            found = of_ses(renderer, locale, given, logto=target != "aws-ses")
    except TemplateNotFound as none:
        raise WrongUse(none.message) from none
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    click.echo(json.dumps(found, ensure_ascii=not unicode, indent=2))


def of_aliyun(renderer: Renderer, chosen: Connector | None, *, logto: bool) -> Any:
    from gateway.providers.aliyun_sms import registered
    from gateway.rendering.preview import preview_all
    from gateway.rendering.senders import Sender

    sender = Sender("") if chosen is None else Sender.of(chosen.provider, chosen.config)
    if chosen is None or not sender.is_aliyun:
        raise WrongUse("--connector: is not one of Aliyun's")
    made, _ = preview_all(renderer, Channel.SMS, sender, (registered.CHINA, registered.OVERSEAS))
    refuse_errors(finding for one in made for finding in one.findings)
    if logto:
        return registered.for_logto(renderer, codes(chosen.settings))
    return [one.document(sender.sign_name) for one in registered.registered(renderer)]


def of_ses(renderer: Renderer, locale: str | None, given: tuple[str, ...], *, logto: bool) -> Any:
    from gateway.rendering import TemplateError
    from gateway.rendering.export import export_email
    from gateway.rendering.preview import mail_preview_all
    from gateway.rendering.senders import Mailbox
    from gateway.rendering.templates import DEFAULT_LOCALE, lookup

    wrong = next((name for name in given if not re.fullmatch(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*", name)), None)
    if wrong is not None:
        raise WrongUse(f"--with: {wrong} is no name such as application.name")
    there = renderer.locales(Channel.EMAIL)
    places = [DEFAULT_LOCALE] if logto else there
    if locale is not None:
        places = list(lookup([locale], there))[:1]
        if not places:
            raise WrongUse(f"--locale: there are no emails in {locale}; there are: {', '.join(there)}")
    made, _ = mail_preview_all(renderer, Mailbox(""), places)
    refuse_errors(finding for one in made for finding in one.findings)
    try:
        texts = [export_email(renderer, usage_type, place, given) for place in places for usage_type in UsageType]
    except TemplateError as refused:
        raise SaidNo(f"nothing is exported: {refused.message}") from refused
    absent = sorted({name for one in texts for name in one.absent} - {"code", "link"})
    if absent:
        click.echo(f"taken as absent: {', '.join(absent)}. Keep one that is always sent: --with NAME", err=True)
    if logto:
        return {"templates": [one.for_logto() for one in texts]}
    return [one.for_ses() for one in texts]


def refuse_errors(findings: Iterable[Finding]) -> None:
    errors = dict.fromkeys(one for one in findings if one.severity == "error")
    for one in errors:
        click.echo(f"{one.file}:{one.line}: {one.severity}: {one.message} [{one.rule}]", err=True)
    if errors:
        raise SaidNo(f"nothing is exported: errors in templates: {len(errors)}")


def codes(settings: Any) -> dict[UsageType, Any]:
    """Return the template codes of each usage type that Logto would find in a connector's settings."""
    found = {usage_type: settings.template_for(usage_type) for usage_type in UsageType}
    return {
        usage_type: {"china": one.template_code.china, "overseas": one.template_code.overseas}
        for usage_type, one in found.items()
        if one is not None
    }
