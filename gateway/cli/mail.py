"""What ``gateway preview`` shows of an email: its parts here, its HTML as a file or in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.exits import WrongUse
from gateway.cli.output import visible

if TYPE_CHECKING:
    from gateway.core.model import UsageType
    from gateway.rendering.preview import MailPreview


def rows(made: MailPreview) -> list[tuple[str, str]]:
    found = [("template", f"{made.file} ({made.origin})")]
    if made.content is not None:
        found += [
            ("from", made.sender.address or "(the connector names nobody)"),
            ("subject", made.content.subject or ""),
            ("preheader", made.preheader or "(none)"),
            ("text", made.content.text or "(none)"),
            ("html", f"{made.size} bytes" if made.content.html else "(none)"),
        ]
    return found


def line(made: MailPreview) -> str:
    size = "broken" if made.content is None else f"{made.size} B"
    subject = visible(made.content.subject or "") if made.content is not None else ""
    return f"{made.served_locale or '-':8} {made.usage_type:24} {size:9} {subject}"


class Page:
    """The HTML of one email as a file, written again at each look. ``opens``: in a browser, at the first one."""

    def __init__(self, file: Path | None, *, opens: bool) -> None:
        self._file = file
        self._opens = opens

    @classmethod
    def of(cls, usage_type: UsageType, out: Path | None, *, opens: bool) -> Page:
        """``opens`` without a file of one's own: one in a folder for temporary files, which stays there."""
        if out is None and opens:
            import tempfile

            out = Path(tempfile.mkdtemp(prefix="gateway-preview-")) / f"{usage_type}.html"
        return cls(out, opens=opens)

    def show(self, made: MailPreview) -> None:
        """Raises WrongUse where the file cannot be written."""
        html = made.content.html if made.content is not None else None
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
