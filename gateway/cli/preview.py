"""``gateway preview``: show a template as it will be on the phone or in a mail client, rendered in this process."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from gateway.cli import local, options
from gateway.cli.exits import NO, WrongUse
from gateway.cli.output import console, emit, facts, visible
from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, UsageType

if TYPE_CHECKING:
    from gateway.rendering import Renderer
    from gateway.rendering.lint import Finding
    from gateway.rendering.preview import MailPreview, Preview
    from gateway.rendering.segments import Segments
    from gateway.rendering.senders import Mailbox, Sender

FileStates: TypeAlias = dict[str, tuple[int, int]]

PAUSE = 0.3  # seconds between two comparisons of the files


@click.command("preview")
@click.argument("usage_type", metavar="[TYPE]", required=False, type=options.UsageTypeName())
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
    config = local.load_config(config_file, templates)
    renderer = local.renderer(config)
    show: Callable[[], list[Finding]]
    if usage_type is None:
        channels = list(Channel) if channel is None else [Channel(channel)]
        senders = [local.sender(local.connector(config, connector, one), one) for one in channels]
        show = functools.partial(show_all, renderer, senders, locale, as_json=as_json)
    else:
        chosen, kind = UsageType(usage_type), Channel(channel or Channel.SMS)
        sender = local.sender(local.connector(config, connector, kind), kind)
        html = HtmlFile.for_options(chosen, out, opens=opens)
        show = functools.partial(show_one, renderer, chosen, sender, locale, payload_file, html, as_json=as_json)
    if watch:
        places = [*renderer.folders, *([payload_file] if payload_file else ())]
        # The command waits for an edit of a file and has nothing else to do.
        for _ in changes(places, lambda: time.sleep(PAUSE)):
            with errors_printed():
                show()
        return
    try:
        findings = show()
    except TemplateNotFound as none:
        raise WrongUse(none.message) from none
    if check and any(finding.severity == "error" for finding in findings):
        raise SystemExit(NO)


@contextmanager
def errors_printed() -> Iterator[None]:
    """Print an error instead of ending the command: the file may be in the middle of an edit."""
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
    html: HtmlFile,
    *,
    as_json: bool,
) -> list[Finding]:
    from gateway.rendering.preview import MailPreview, mail_preview, preview
    from gateway.rendering.senders import Sender

    payload = read_payload(payload_file) if payload_file is not None else None
    shown: Preview | MailPreview
    if isinstance(sender, Sender):
        shown = preview(renderer, usage_type, Channel.SMS, sender, locale=locale, payload=payload)
    else:
        shown = mail_preview(renderer, usage_type, sender, locale=locale, payload=payload)
    if as_json:
        emit(shown.document())
    else:
        console().print(facts(email_rows(shown) if isinstance(shown, MailPreview) else sms_rows(shown)))
        show_findings(shown.findings)
    if isinstance(shown, MailPreview):
        html.write(shown)
    return list(shown.findings)


def read_payload(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except OSError as wrong:
        raise WrongUse(f"--payload: not JSON: {wrong}") from wrong
    return options.parse_payload(content)


def show_all(
    renderer: Renderer, senders: Sequence[Sender | Mailbox], locale: str | None, *, as_json: bool
) -> list[Finding]:
    from gateway.rendering.lint import in_order
    from gateway.rendering.preview import MailPreview, mail_preview_all, preview_all
    from gateway.rendering.senders import Sender

    previews: list[Preview | MailPreview] = []
    findings_of_sets: list[Finding] = []
    locales = [locale] if locale is not None else []
    for sender in senders:
        if isinstance(sender, Sender):
            texts, findings_of_set = preview_all(renderer, Channel.SMS, sender, locales)
            previews += texts
        else:
            emails, findings_of_set = mail_preview_all(renderer, sender, locales)
            previews += emails
        findings_of_sets += findings_of_set
    # A file that several previews use is reported once.
    own_findings = [finding for one in previews for finding in one.findings]
    findings = in_order(list(dict.fromkeys([*own_findings, *findings_of_sets])))
    if as_json:
        emit(
            {
                "previews": [one.document() for one in previews],
                "findings": [finding.document() for finding in findings],
            }
        )
        return findings
    for one in previews:
        click.echo(email_line(one) if isinstance(one, MailPreview) else sms_line(one))
    show_findings(findings)
    errors = sum(finding.severity == "error" for finding in findings)
    click.echo(f"templates: {len(previews)}, errors: {errors}, warnings: {len(findings) - errors}")
    return findings


def sms_line(sms: Preview) -> str:
    size = "broken" if sms.segments is None else f"{sms.segments.encoding} {sms.segments.count}"
    return f"{sms.served_locale:8} {sms.usage_type:24} {size:9} {visible(sms.on_phone or '')}"


def sms_rows(sms: Preview) -> list[tuple[str, str]]:
    rows = [("template", f"{sms.file} ({sms.origin})")]
    if sms.on_phone is not None and sms.segments is not None:
        size = sms.segments
        rows += [
            ("on the phone", sms.on_phone),
            ("encoding", encoding(size)),
            ("segments", f"{size.count} ({size.units} units, {size.room} in each, {size.free} left)"),
        ]
    return rows


def encoding(size: Segments) -> str:
    """Return the encoding, and the first characters that require UCS-2 with their positions from 1."""
    if size.market == "domestic":
        return "UCS-2 (to a mainland number every character counts as one)"
    from gateway.rendering.segments import first_of_each

    first = first_of_each(size.forced)
    causes = [f"{char.character!r} at {char.position + 1}" for char in first[:5]]
    more = [f"{len(first) - 5} more"] if len(first) > 5 else []
    return f"{size.encoding} (because of {', '.join([*causes, *more])})" if causes else size.encoding


def email_rows(email: MailPreview) -> list[tuple[str, str]]:
    rows = [("template", f"{email.file} ({email.origin})")]
    if email.content is not None:
        rows += [
            ("from", email.sender.address or "(the connector names nobody)"),
            ("subject", email.content.subject or ""),
            ("preheader", email.preheader or "(none)"),
            ("text", email.content.text or "(none)"),
            ("html", f"{email.size} bytes" if email.content.html else "(none)"),
        ]
    return rows


def email_line(email: MailPreview) -> str:
    size = "broken" if email.content is None else f"{email.size} B"
    subject = visible(email.content.subject or "") if email.content is not None else ""
    return f"{email.served_locale or '-':8} {email.usage_type:24} {size:9} {subject}"


class HtmlFile:
    """A file for the HTML of an email, written at each preview. ``opens``: open it in a browser the first time."""

    def __init__(self, file: Path | None, *, opens: bool) -> None:
        self._file = file
        self._opens = opens

    @classmethod
    def for_options(cls, usage_type: UsageType, out: Path | None, *, opens: bool) -> HtmlFile:
        """Make the file of ``--out``, or a temporary one for ``--open`` alone. The temporary one is not deleted."""
        if out is None and opens:
            import tempfile

            out = Path(tempfile.mkdtemp(prefix="gateway-preview-")) / f"{usage_type}.html"
        return cls(out, opens=opens)

    def write(self, email: MailPreview) -> None:
        """Write the HTML if there is any. Raises WrongUse if the file cannot be written."""
        html = email.content.html if email.content is not None else None
        if self._file is None or html is None:
            return
        try:
            self._file.write_text(html, encoding="utf-8")
        except OSError as error:
            raise WrongUse(f"--out: {self._file}: {error.strerror}") from error
        click.echo(f"written: {self._file}", err=True)
        if self._opens:
            import webbrowser

            self._opens = False
            if not webbrowser.open(self._file.absolute().as_uri()):
                click.echo("no browser could be opened: open that file yourself", err=True)


def show_findings(findings: Sequence[Finding]) -> None:
    """Print findings as compilers do, so that editors find the place; the same finding of several files once."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.message), []).append(finding)
    for (rule, message), (first, *others) in groups.items():
        more = f" (and in {len(others)} more)" if others else ""
        click.echo(visible(f"{first.file}:{first.line}: {first.severity}: {message}{more} [{rule}]"))


def file_states(places: Iterable[Path]) -> FileStates:
    """Return modification time (nanoseconds) and size of every file, and of every ``.j2`` below a folder."""
    states: FileStates = {}
    for place in places:
        for path in sorted(place.rglob("*.j2")) if place.is_dir() else [place]:
            try:
                status = path.stat()
            except OSError:
                continue  # an editor is replacing the file
            states[str(path)] = (status.st_mtime_ns, status.st_size)
    return states


def changes(places: Iterable[Path], pause: Callable[[], None]) -> Iterator[None]:
    """Yield at once, then whenever a file has changed. Calls ``pause`` before each comparison.

    Polling needs no dependency and works on every file system.
    """
    watched = list(places)
    before = file_states(watched)
    yield
    while True:
        pause()
        now = file_states(watched)
        if now != before:
            before = now
            yield
