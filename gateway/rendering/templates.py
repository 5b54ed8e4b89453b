"""Our own templates: Jinja2, in ``templates/<channel>/<locale>/<UsageType>.j2``.

Each template extends ``<channel>/layout.j2`` and fills its blocks: ``text`` for SMS; ``subject``, ``text`` and the
blocks of the HTML layout for email. Payload values are escaped in the HTML, and its CSS is inlined.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import jinja2

from gateway.core import data_files
from gateway.core.errors import TemplateNotFound
from gateway.core.model import Channel, Content, Document, UsageType
from gateway.rendering.environment import (
    ROOTS,
    UNSAVED,
    Environment,
    TemplateError,
    block,
    has_layout,
    place_of,
    run,
    uses,
)

DEFAULT_LOCALE = "en"

# Gets a compiled template from one of the two environments.
_Load: TypeAlias = Callable[[Environment], jinja2.Template]
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """The file that serves a usage type in a locale."""

    folder: Path
    locale: str
    """The folder of its language, such as ``zh-CN``."""
    usage_type: UsageType
    name: str
    """Path below ``folder``, such as ``sms/zh-CN/SignIn.j2``."""

    def read(self) -> str:
        """Read the source. Raises ``TemplateError`` if the file cannot be read."""
        try:
            return (self.folder / self.name).read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
        raise TemplateError(f"{self.name}: {reason}", data={"template": self.name})


class Renderer:
    """Renders the templates of some folders.

    Jinja keeps compiled templates, and compiles one again when its file changes.

    Args:
        folders: Where templates are searched. A file in an earlier folder hides its namesake in a later one.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._environment = Environment(folders, markup=False)
        self._markup = Environment(folders, markup=True)

    def render(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None = None
    ) -> Content:
        """Render the content of a message. The subject is made one line.

        Args:
            locale: A BCP 47 tag. By default, the tags of the payload: ``locale``, then each of ``uiLocales``.

        Raises:
            errors.TemplateNotFound: No file serves the usage type and channel.
            TemplateError: The template is broken. The message has no values of the payload.
        """
        content = self.as_written(usage_type, channel, payload, locale)
        return content if content.subject is None else replace(content, subject=one_line(content.subject))

    def as_written(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None = None
    ) -> Content:
        """Render like ``render``, but keep the line breaks of the subject."""
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
        """Render like ``as_written`` a template that has no file: a whole template, or for SMS the text alone.

        An untrusted source can take any amount of time and memory. Use ``bounded`` for it.

        Args:
            locale: The folder for which the template is meant.

        Raises:
            TemplateError: The template is broken.
        """

        def compiled(environment: Environment) -> jinja2.Template:
            code = environment.compile(source, filename=UNSAVED)
            return environment.template_class.from_code(environment, code, environment.make_globals(None))

        return self._content(compiled, channel, payload, lambda: UNSAVED, source, locale)

    def find(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None = None
    ) -> TemplateFile:
        """Return the file that ``render`` would use. Raises ``errors.TemplateNotFound``."""
        for served_locale, served_type, name in self._candidates(usage_type, channel, payload, locale):
            for folder in self.folders:
                if (folder / name).is_file():
                    return TemplateFile(folder, served_locale, served_type, name)
        raise _none(usage_type, channel)

    def read(self, name: str) -> str:
        """Read a file by its name from the first folder that has it.

        Raises ``errors.TemplateNotFound``, and ``TemplateError`` if the file cannot be read.
        """
        for folder in self.folders:
            if (folder / name).is_file():
                return TemplateFile(folder, "", UsageType.GENERIC, name).read()
        raise TemplateNotFound(f"there is no template {name}")

    def locales(self, channel: Channel) -> list[str]:
        """List the locales that have a folder, sorted. The folders are read at each call."""
        names: set[str] = set()
        for folder in self.folders:
            try:
                with os.scandir(folder / channel) as entries:
                    names.update(entry.name for entry in entries if entry.is_dir())
            except FileNotFoundError:
                continue
        return sorted(names)

    def parse(self, source: str) -> jinja2.nodes.Template:
        """Parse a source. Raises ``jinja2.TemplateSyntaxError``, or ``RecursionError`` for too deep nesting."""
        return self._environment.parse(source)

    def _candidates(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None
    ) -> list[tuple[str, UsageType, str]]:
        """List locale, usage type and name of every file that would serve, best first."""
        tags = (locale,) if locale is not None else payload_locales(payload)
        return [
            (folder, served_type, f"{channel}/{folder}/{served_type}.j2")
            for folder in (*lookup(tags, self.locales(channel)), DEFAULT_LOCALE)
            for served_type in dict.fromkeys((usage_type, UsageType.GENERIC))
        ]

    def _content(
        self,
        load: _Load,
        channel: Channel,
        payload: Mapping[str, Any],
        name: Callable[[], str],
        source: str | None = None,
        locale: str | None = None,
    ) -> Content:
        """Render a template, and turn its errors into ``TemplateError`` with file and line.

        Args:
            name: Returns the name of the template, for messages.
            source: The source, if the template has no file.
            locale: The locale, if the template has no file.

        Raises:
            TemplateError: The template is broken.
            jinja2.TemplatesNotFound: There is no file.
        """
        absent = self._environment.undefined
        known = {root: absent(name=root) for root in ROOTS}
        variables = known | {key: value for key, value in payload.items() if value is not None}
        problem: TemplateError
        try:
            if channel is Channel.EMAIL:
                return self._mail(load, variables, locale)
            return Content(text=self._text(load, variables, whole=source is not None))
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
        if problem.data.get("line") is None:  # an unknown line is left out, rather than null
            problem.data.pop("line", None)
        raise problem

    def _text(self, load: _Load, variables: dict[str, Any], *, whole: bool) -> str:
        """Render an SMS.

        Args:
            whole: If the template has no block ``text``, take all that it writes as the text.
        """
        template = load(self._environment)
        context, written = run(template, variables)
        text = block(context, "text")
        if text is None and not whole:
            raise _without(template, "text")
        return (written if text is None else text).strip()

    def _mail(self, load: _Load, variables: dict[str, Any], locale: str | None) -> Content:
        """Render an email. The HTML is what the layout writes, or the block ``html`` if there is no layout."""
        template = load(self._environment)
        lang = locale or (template.name or "").split("/")[1]
        variables |= {"lang": lang, "dir": direction(lang)}
        context, _ = run(template, variables)
        subject, text = block(context, "subject"), block(context, "text")
        if subject is None:
            raise _without(template, "subject")
        template = load(self._markup)
        context, written = run(template, variables)
        html = written if has_layout(template, context) else block(context, "html")
        return Content(
            subject=subject.strip(),
            text=(text or "").strip(),
            html=inline_css(html) if html else None,
        )

    def _line(self, data: Mapping[str, Any], source: str | None) -> int | None:
        """Find the line of an unknown variable. The traceback lacks it: Jinja looks names up as a block begins."""
        try:
            if data["template"] != UNSAVED and self._environment.loader is not None:
                source, _, _ = self._environment.loader.get_source(self._environment, data["template"])
            used = uses(self.parse(source or ""))
        except (KeyError, jinja2.TemplateError, UnicodeDecodeError):
            return None
        return next((use.line for use in used if use.root == data.get("variable")), None)


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
    """Replace line breaks and other control characters by spaces: a header is one line (RFC 5322, section 2.2)."""
    return _BREAKS.sub(" ", subject).strip()


# --- templates in use ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One template file in use. ``file`` is relative to its ``folder``."""

    channel: Channel
    locale: str
    usage_type: UsageType
    folder: Path
    file: str
    origin: Literal["built-in", "overlay"]

    def document(self) -> Document:
        try:
            source = (self.folder / self.file).read_text(encoding="utf-8", errors="replace")
        except OSError:  # deleted since it was listed, or not readable for us
            source = ""
        return {
            "channel": self.channel.value,
            "locale": self.locale,
            "type": self.usage_type.value,
            "file": self.file,
            "origin": self.origin,
            "source": source,
        }


def origin(folder: Path) -> Literal["built-in", "overlay"]:
    """Tell whether a folder of templates is the one that comes with the package."""
    return "built-in" if folder.resolve() == data_files.folder("templates").resolve() else "overlay"


def entries(renderer: Renderer) -> list[Entry]:
    """List all templates in use, by channel, locale and usage type. A file that an overlay hides is left out."""
    listed = []
    for channel in Channel:
        for locale in renderer.locales(channel):
            for usage_type in UsageType:
                file = f"{channel}/{locale}/{usage_type}.j2"
                folder = next((folder for folder in renderer.folders if (folder / file).is_file()), None)
                if folder is not None:
                    listed.append(Entry(channel, locale, usage_type, folder, file, origin(folder)))
    return listed


# --- locales ---------------------------------------------------------------------------------------------------

# From Unicode's CLDR: languages whose usual script runs from right to left, and these scripts.
_RTL_LANGUAGES = frozenset(("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"))
_RTL_SCRIPTS = frozenset(("adlm", "arab", "hebr", "nkoo", "syrc", "thaa"))


def lookup(wanted: Sequence[str], available: Sequence[str]) -> Iterator[str]:
    """Yield the available locales that serve the wanted ones, best first (RFC 4647, section 3.4, "lookup").

    A tag is cut from its end until it matches: ``zh-Hans-CN``, ``zh-Hans``, ``zh``. Beyond the RFC, each of these
    also matches a longer name of the same language: for ``zh`` or ``zh-TW``, ``zh-CN`` is better than the default.
    """
    for tag in wanted:
        parts = tag.replace("_", "-").lower().split("-")[:8]
        while parts:
            prefix = "-".join(parts)
            yield from (name for name in available if name.lower() == prefix)
            yield from (name for name in available if name.lower().startswith(f"{prefix}-"))
            parts.pop()
            if parts and len(parts[-1]) == 1:  # A singleton ("x", "u") has no meaning without its extension.
                parts.pop()


def payload_locales(payload: Mapping[str, Any]) -> list[str]:
    """List the locales that a payload names: ``locale``, then each of ``uiLocales``."""
    locale, others = payload.get("locale"), payload.get("uiLocales")
    tags = [locale] if isinstance(locale, str) else []
    return [*tags, *(others.split()[:16] if isinstance(others, str) else ())]


def direction(tag: str) -> str:
    """Return HTML's ``dir`` for a language: ``rtl`` if it is written from right to left, else ``ltr``."""
    language, *more = tag.replace("_", "-").lower().split("-")
    script = next((part for part in more if len(part) == 4), None)
    rtl = script in _RTL_SCRIPTS if script else language in _RTL_LANGUAGES
    return "rtl" if rtl else "ltr"


# --- sample payloads -------------------------------------------------------------------------------------------


def sample(usage_type: UsageType) -> dict[str, Any]:
    """Return the constant sample payload of a usage type, as Logto would send it (fixtures/payloads)."""
    path = data_files.folder("fixtures") / "payloads" / f"{usage_type}.json"
    payload: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return payload


def has_code(usage_type: UsageType) -> bool:
    """Tell whether Logto sends a code with a usage type. An invitation has a link."""
    return usage_type is not UsageType.ORGANIZATION_INVITATION
