"""Our own templates: Jinja2, in ``templates/<channel>/<locale>/<UsageType>.j2``.

Each extends ``<channel>/layout.j2`` and fills its blocks: ``text`` for SMS; ``subject``, ``text`` and what the
layout of emails has for HTML. That layout is the HTML itself, which is escaped and has its CSS inlined.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import jinja2

from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, Content, UsageType
from gateway.rendering.environment import (
    ROOTS,
    UNSAVED,
    Environment,
    TemplateError,
    block,
    has_layout,
    place_of,
    run,
)
from gateway.rendering.locales import DEFAULT_LOCALE, asked_for, direction, lookup
from gateway.rendering.variables import uses

# A template as one of our two environments has compiled it.
_Find: TypeAlias = Callable[[Environment], jinja2.Template]
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Found:
    """The file that serves a usage type in a locale: ``name`` is relative to its ``folder``."""

    folder: Path
    locale: str
    usage_type: UsageType
    name: str

    def read(self) -> str:
        """Raises ``TemplateError``."""
        try:
            return (self.folder / self.name).read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
        raise TemplateError(f"{self.name}: {reason}", data={"template": self.name})


class Renderer:
    """``folders``: where templates are looked for; a file in an earlier one wins over its namesake in a later.

    Compiled templates are kept, and compiled again when their file changes.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._environment = Environment(folders, markup=False)
        self._markup = Environment(folders, markup=True)

    def render(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None = None
    ) -> Content:
        """The content of a message. ``locale``: a BCP 47 tag, by default those of the payload (``locale``, then
        each of ``uiLocales``). A subject is one line, whatever is in it.

        Raises ``errors.TemplateNotFound`` if no file fits, and ``TemplateError`` if the one that does is broken.
        Neither says a word about the payload.
        """
        made = self.as_written(usage_type, channel, payload, locale)
        return made if made.subject is None else replace(made, subject=one_line(made.subject))

    def as_written(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None = None
    ) -> Content:
        """As ``render``; the subject with the line breaks that the template has."""
        names = [name for _, _, name in self._candidates(usage_type, channel, payload, locale)]
        try:
            return self._content(
                lambda environment: environment.select_template(names),
                channel,
                payload,
                lambda: self.find(usage_type, channel, payload, locale).name,
            )
        except jinja2.TemplatesNotFound:
            pass
        raise _none(usage_type, channel)

    def render_source(
        self,
        source: str,
        payload: Mapping[str, Any],
        channel: Channel = Channel.SMS,
        locale: str = DEFAULT_LOCALE,
    ) -> Content:
        """As ``as_written`` for a template that is no file: a whole one, or for SMS the text alone. ``locale``: of
        the folder that it is meant for. Raises ``TemplateError``.

        A hostile source can take any amount of time and memory: ``bounded`` is for those."""

        def compiled(environment: Environment) -> jinja2.Template:
            code = environment.compile(source, filename=UNSAVED)
            return environment.template_class.from_code(environment, code, environment.make_globals(None))

        return self._content(compiled, channel, payload, lambda: UNSAVED, source, locale)

    def find(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None = None
    ) -> Found:
        """Which file ``render`` would take. Raises ``errors.TemplateNotFound``."""
        for place, used, name in self._candidates(usage_type, channel, payload, locale):
            for folder in self.folders:
                if (folder / name).is_file():
                    return Found(folder, place, used, name)
        raise _none(usage_type, channel)

    def read(self, name: str) -> str:
        """The source of a file by its name, from the first folder that has it. Raises ``errors.TemplateNotFound``
        and ``TemplateError``."""
        for folder in self.folders:
            if (folder / name).is_file():
                return Found(folder, "", UsageType.GENERIC, name).read()
        raise TemplateNotFound(f"there is no template {name}")

    def locales(self, channel: Channel) -> list[str]:
        """The locales that have a folder, sorted. Read each time, so that a new folder is found at once."""
        found: set[str] = set()
        for folder in self.folders:
            try:
                with os.scandir(folder / channel) as entries:
                    found.update(entry.name for entry in entries if entry.is_dir())
            except FileNotFoundError:
                continue
        return sorted(found)

    def parse(self, source: str) -> jinja2.nodes.Template:
        """Raises ``jinja2.TemplateSyntaxError``, and ``RecursionError`` where it is nested too deeply."""
        return self._environment.parse(source)

    def _candidates(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None
    ) -> list[tuple[str, UsageType, str]]:
        """Locale, usage type and name of every file that would do, best first."""
        wanted = (locale,) if locale is not None else asked_for(payload)
        return [
            (folder, used, f"{channel}/{folder}/{used}.j2")
            for folder in (*lookup(wanted, self.locales(channel)), DEFAULT_LOCALE)
            for used in dict.fromkeys((usage_type, UsageType.GENERIC))
        ]

    def _content(
        self,
        find: _Find,
        channel: Channel,
        payload: Mapping[str, Any],
        name: Callable[[], str],
        source: str | None = None,
        locale: str | None = None,
    ) -> Content:
        """``name``: for messages. ``source``, ``locale``: of a template that is no file.
        Raises TemplateError and TemplatesNotFound."""
        absent = self._environment.undefined
        known = {root: absent(name=root) for root in ROOTS}
        variables = known | {key: value for key, value in payload.items() if value is not None}
        problem: TemplateError
        try:
            if channel is Channel.EMAIL:
                return self._mail(find, variables, locale)
            return Content(text=self._text(find, variables, whole=source is not None))
        except TemplateError as error:
            problem = error
            problem.data["line"] = self._line(error.data, source)
        except jinja2.TemplatesNotFound:
            raise
        except jinja2.TemplateSyntaxError as error:
            broken = error.name or UNSAVED
            text = f"{broken}, line {error.lineno}: {error.message}"
            problem = TemplateError(text, data={"template": broken, "line": error.lineno})
        except jinja2.TemplateNotFound as error:
            file, line = place_of(error)
            text = f"{name()} needs {error.name}, which is nowhere"
            problem = TemplateError(text, data={"template": file or name(), "line": line})
        except Exception as error:  # noqa: BLE001 (an expression may fail in any way; its text may hold the payload)
            file, line = place_of(error)
            place = f"{file}, line {line}" if line else name()
            problem = TemplateError(
                f"{place}: {type(error).__name__}", data={"template": file or name(), "line": line}
            )
        if problem.data.get("line") is None:  # not known: there is none, rather than null
            problem.data.pop("line", None)
        raise problem

    def _text(self, find: _Find, variables: dict[str, Any], *, whole: bool) -> str:
        """``whole``: without blocks it is its own text."""
        template = find(self._environment)
        context, written = run(template, variables)
        text = block(context, "text")
        if text is None and not whole:
            raise _without(template, "text")
        return (written if text is None else text).strip()

    def _mail(self, find: _Find, variables: dict[str, Any], locale: str | None) -> Content:
        """The HTML is what the layout writes, or the block ``html`` where there is no layout."""
        template = find(self._environment)
        lang = locale or (template.name or "").split("/")[1]
        variables |= {"lang": lang, "dir": direction(lang)}
        context, _ = run(template, variables)
        subject, text = block(context, "subject"), block(context, "text")
        if subject is None:
            raise _without(template, "subject")
        template = find(self._markup)
        context, written = run(template, variables)
        html = written if has_layout(template, context) else block(context, "html")
        return Content(
            subject=subject.strip(),
            text=(text or "").strip(),
            html=inline_css(html) if html else None,
        )

    def _line(self, data: Mapping[str, Any], source: str | None) -> int | None:
        """Where the unknown variable is. The traceback does not know: names are looked up as a block begins."""
        try:
            if data["template"] != UNSAVED and self._environment.loader is not None:
                source, _, _ = self._environment.loader.get_source(self._environment, data["template"])
            found = uses(self.parse(source or ""))
        except (KeyError, jinja2.TemplateError, UnicodeDecodeError):
            return None
        return next((use.line for use in found if use.root == data.get("variable")), None)


def inline_css(html: str) -> str:
    """Move the rules of style elements into ``style`` attributes, as mail clients want it.

    Media queries stay in a style element. Style sheets that the HTML links to are not loaded. The whole mail is
    parsed and written anew, values included: a value that was escaped stays text. Half a surrogate pair becomes
    ``?``.
    """
    import css_inline  # a library of 6 MB that SMS does without

    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    return _style_last(inliner.inline(html.strip().encode("utf-8", "replace").decode()))


def _style_last(html: str) -> str:
    """Move the rules that css-inline keeps to the end of the head.

    css-inline puts them in front of the ``<meta charset>``, which must be within the first kilobyte.
    """
    start = html.find("<head><style>")
    end = html.find("</style>", start) + len("</style>")
    head = html.find("</head>", end)
    if start < 0 or head < 0:
        return html
    start += len("<head>")
    return html[:start] + html[end:head].lstrip() + html[start:end] + "\n" + html[head:]


def _without(template: jinja2.Template, name: str) -> TemplateError:
    return TemplateError(f"{template.name or UNSAVED} has no block {name}, nor has its layout")


def _none(usage_type: UsageType, channel: Channel) -> TemplateNotFound:
    return TemplateNotFound(f"there is no {channel} template for {usage_type}, and none for Generic")


def one_line(subject: str) -> str:
    """A header is one line: breaks and other control characters become spaces (RFC 5322, section 2.2)."""
    return _BREAKS.sub(" ", subject).strip()
