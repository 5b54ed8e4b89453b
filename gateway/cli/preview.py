"""``gateway preview``: a template as it will be on the phone or in a mail client, rendered in this process."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import local, mail, options
from gateway.cli.exits import NO, WrongUse
from gateway.cli.output import console, emit, facts, visible
from gateway.cli.watching import PAUSE, changes
from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, UsageType

if TYPE_CHECKING:
    from gateway.rendering import Renderer
    from gateway.rendering.lint import Finding
    from gateway.rendering.preview import MailPreview, Preview
    from gateway.rendering.segments import Segments
    from gateway.rendering.senders import Mailbox, Sender

_NAMES = [usage.value for usage in UsageType]


@click.command("preview")
@click.argument("usage_type", metavar="[TYPE]", required=False, type=click.Choice(_NAMES, case_sensitive=False))
@click.option("--all", "everything", is_flag=True, help="Every usage type, in every locale or in --locale.")
@options.channel("sms unless given; with --all both.")
@click.option("--locale", help="A language tag such as zh-CN.")
@click.option(
    "--connector", metavar="ID", help="Whose signature, or address, it has.  [default: the channel's default]"
)
@click.option(
    "--payload",
    "payload_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The payload, a JSON object.  [default: a sample]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Write the HTML of an email.",
)
@click.option("--open", "opens", is_flag=True, help="Show the HTML of an email in the browser.")
@click.option("--check", is_flag=True, help="Exit with 1 if there is an error: for CI.")
@click.option("--watch", is_flag=True, help="Stay, and show it again when a file changes. Ctrl-C ends it.")
@options.templates
@options.config
@options.as_json
def command(
    *,
    usage_type: str | None,
    everything: bool,
    channel: str | None,
    locale: str | None,
    connector: str | None,
    payload_file: Path | None,
    out: Path | None,
    opens: bool,
    check: bool,
    watch: bool,
    templates: Path | None,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """Show the message of usage type TYPE as its recipient will see it, and what is wrong with it.

    An SMS with its encoding and segments; an email with its subject, preheader and parts. Needs no running gateway.

    \b
    Examples:
      gateway preview SignIn --locale zh-CN
      gateway preview SignIn --channel email --open
      gateway preview --all --check --templates ./templates
    """
    if (usage_type is None) != everything:
        raise WrongUse("say which one: a usage type such as SignIn, or --all")
    if everything and payload_file is not None:
        raise WrongUse("--payload goes with one TYPE, not with --all")
    if (out is not None or opens) and (usage_type is None or channel != Channel.EMAIL):
        raise WrongUse("--out and --open go with one TYPE and --channel email")
    if connector is not None and everything and channel is None:
        raise WrongUse("--connector goes with one channel: add --channel")
    config = local.loaded(config_file, templates)
    renderer = local.renderer(config)
    show: Callable[[], list[Finding]]
    if usage_type is None:
        asked = list(Channel) if channel is None else [Channel(channel)]
        senders = [local.sender(local.connector(config, connector, one), one) for one in asked]
        show = functools.partial(show_all, renderer, senders, locale, as_json=as_json)
    else:
        one, kind = UsageType(usage_type), Channel(channel or Channel.SMS)
        sender = local.sender(local.connector(config, connector, kind), kind)
        page = mail.Page.of(one, out, opens=opens)
        show = functools.partial(show_one, renderer, one, sender, locale, payload_file, page, as_json=as_json)
    if watch:
        places = [*renderer.folders, *([payload_file] if payload_file else ())]
        # A person edits beside it; tests pass a pause of their own to `changes`.
        for _ in changes(places, lambda: time.sleep(PAUSE)):
            with staying():
                show()
        return
    try:
        findings = show()
    except TemplateNotFound as none:
        raise WrongUse(none.message) from none
    if check and any(finding.severity == "error" for finding in findings):
        raise SystemExit(NO)


@contextmanager
def staying() -> Iterator[None]:
    """Somebody is in the middle of an edit: say what is wrong, and go on."""
    try:
        yield
    except (TemplateNotFound, WrongUse) as wrong:
        click.echo(f"Error: {wrong.message}", err=True)


def show_one(
    renderer: Renderer,
    usage_type: UsageType,
    sender: Sender | Mailbox,
    locale: str | None,
    payload_file: Path | None,
    page: mail.Page,
    *,
    as_json: bool,
) -> list[Finding]:
    from gateway.rendering.preview import MailPreview, mail_preview, preview
    from gateway.rendering.senders import Sender

    payload = read_payload(payload_file) if payload_file is not None else None
    made: Preview | MailPreview
    if isinstance(sender, Sender):
        made = preview(renderer, usage_type, Channel.SMS, sender, locale=locale, payload=payload)
    else:
        made = mail_preview(renderer, usage_type, sender, locale=locale, payload=payload)
    if as_json:
        emit(made.document())
    else:
        console().print(facts(mail.rows(made) if isinstance(made, MailPreview) else rows(made)))
        show_findings(made.findings)
    if isinstance(made, MailPreview):
        page.show(made)
    return list(made.findings)


def show_all(
    renderer: Renderer, senders: Sequence[Sender | Mailbox], locale: str | None, *, as_json: bool
) -> list[Finding]:
    from gateway.rendering.lint import in_order
    from gateway.rendering.preview import MailPreview, mail_preview_all, preview_all
    from gateway.rendering.senders import Sender

    made: list[Preview | MailPreview] = []
    told: list[Finding] = []
    places = [locale] if locale is not None else []
    for sender in senders:
        if isinstance(sender, Sender):
            texts, of_the_set = preview_all(renderer, Channel.SMS, sender, places)
            made += texts
        else:
            mails, of_the_set = mail_preview_all(renderer, sender, places)
            made += mails
        told += of_the_set
    # A file that serves several is told about once.
    findings = in_order(list(dict.fromkeys([*(one for each in made for one in each.findings), *told])))
    if as_json:
        emit(
            {
                "previews": [one.document() for one in made],
                "findings": [finding.document() for finding in findings],
            }
        )
        return findings
    for one in made:
        click.echo(mail.line(one) if isinstance(one, MailPreview) else line(one))
    show_findings(findings)
    errors = sum(finding.severity == "error" for finding in findings)
    click.echo(f"templates: {len(made)}, errors: {errors}, warnings: {len(findings) - errors}")
    return findings


def line(made: Preview) -> str:
    size = "broken" if made.segments is None else f"{made.segments.encoding} {made.segments.count}"
    return f"{made.served_locale:8} {made.usage_type:24} {size:9} {visible(made.on_phone or '')}"


def rows(made: Preview) -> list[tuple[str, str]]:
    found = [("template", f"{made.file} ({made.origin})")]
    if made.on_phone is not None and made.segments is not None:
        size = made.segments
        found += [
            ("on the phone", made.on_phone),
            ("encoding", encoding(size)),
            ("segments", f"{size.count} ({size.units} units, {size.room} in each, {size.free} left)"),
        ]
    return found


def encoding(size: Segments) -> str:
    """With what forced UCS-2: the first few characters, counted from 1."""
    if size.market == "domestic":
        return "UCS-2 (to a mainland number every character counts as one)"
    from gateway.rendering.segments import first_of_each

    first = first_of_each(size.forced)
    told = [f"{one.character!r} at {one.position + 1}" for one in first[:5]]
    more = [f"{len(first) - 5} more"] if len(first) > 5 else []
    return f"{size.encoding} (because of {', '.join([*told, *more])})" if told else size.encoding


def show_findings(findings: Sequence[Finding]) -> None:
    """As compilers have it, so that editors find the place. What several files have in common is said once."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        alike.setdefault((one.rule, one.message), []).append(one)
    for (rule, message), (first, *others) in alike.items():
        more = f" (and in {len(others)} more)" if others else ""
        click.echo(visible(f"{first.file}:{first.line}: {first.severity}: {message}{more} [{rule}]"))


def read_payload(file: Path) -> dict[str, Any]:
    try:
        payload = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as wrong:
        raise WrongUse(f"--payload: not JSON: {wrong}") from wrong
    if not isinstance(payload, dict):
        raise WrongUse('--payload: must be a JSON object such as {"code": "123456"}')
    return payload
