"""Our own templates: Jinja2, in ``templates/<channel>/<locale>/<UsageType>.j2``.

Each extends ``<channel>/layout.j2`` and fills its blocks (``text`` for SMS).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from gateway.errors import GatewayError, TemplateNotFound
from gateway.model import Channel, Content, UsageType
from gateway.rendering.locales import DEFAULT_LOCALE, asked_for, lookup
from gateway.rendering.variables import uses

ROOTS = ("application", "organization", "user", "inviter", "ip", "code", "link", "locale", "uiLocales")
"""What Logto's payloads may hold: always there in a template, empty where the payload has none."""

UNSAVED = "unsaved.j2"
"""What a template that is no file is called in messages."""


class TemplateError(GatewayError):
    """One of our templates is broken, or uses a name that nobody knows (``template.unknown_variable``).
    ``data`` has ``template`` and ``line``, where they are known."""

    code = "template.invalid"
    status = 400


class _Context(Context):
    def resolve_or_missing(self, key: str) -> Any:
        value = super().resolve_or_missing(key)
        if value is missing:
            name = self.name or UNSAVED
            near = difflib.get_close_matches(key, ROOTS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise TemplateError(
                f"{name} uses {key}, which is neither in the payload nor one of {', '.join(ROOTS)}{hint}",
                code="template.unknown_variable",
                data={"template": name, "variable": key},
            )
        return value


class _Environment(ImmutableSandboxedEnvironment):
    context_class = _Context


class _Loader(jinja2.FileSystemLoader):
    """Jinja's own sees that a file has changed, but not that an earlier folder has got one of that name."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, file, unchanged = super().get_source(environment, template)
        places = [Path(folder) / template for folder in self.searchpath]
        earlier = places[: places.index(Path(file))]
        return source, file, lambda: not any(path.is_file() for path in earlier) and unchanged()


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
        self._environment = _Environment(
            loader=_Loader([str(folder) for folder in folders]),
            undefined=jinja2.ChainableUndefined,
            # Text is not HTML: a name such as "R&D" must arrive as it is.
            autoescape=False,
            finalize=lambda value: "" if value is None else value,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None = None
    ) -> Content:
        """The content of a message. ``locale``: a BCP 47 tag, by default those of the payload (``locale``, then
        each of ``uiLocales``).

        Raises ``errors.TemplateNotFound`` if no file fits, and ``TemplateError`` if the one that does is broken.
        Neither says a word about the payload.
        """
        names = [name for _, _, name in self._candidates(usage_type, channel, payload, locale)]
        try:
            return self._content(
                lambda: self._environment.select_template(names),
                payload,
                lambda: self.find(usage_type, channel, payload, locale).name,
            )
        except jinja2.TemplatesNotFound:
            pass
        raise _none(usage_type, channel)

    def render_source(self, source: str, payload: Mapping[str, Any]) -> Content:
        """The same for a template that is no file: a whole one, or the text alone. Raises ``TemplateError``.

        A hostile source can take any amount of time and memory: ``bounded`` is for those."""

        def compiled() -> jinja2.Template:
            environment = self._environment
            code = environment.compile(source, filename=UNSAVED)
            return environment.template_class.from_code(environment, code, environment.make_globals(None))

        return self._content(compiled, payload, lambda: UNSAVED, source)

    def find(
        self, usage_type: UsageType, channel: Channel, payload: Mapping[str, Any], locale: str | None = None
    ) -> Found:
        """Which file ``render`` would take. Raises ``errors.TemplateNotFound``."""
        for place, used, name in self._candidates(usage_type, channel, payload, locale):
            for folder in self.folders:
                if (folder / name).is_file():
                    return Found(folder, place, used, name)
        raise _none(usage_type, channel)

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
        find: Callable[[], jinja2.Template],
        payload: Mapping[str, Any],
        name: Callable[[], str],
        source: str | None = None,
    ) -> Content:
        """``name``: for messages. ``source``: of a template that is no file, which without blocks is its own text.
        Raises TemplateError and TemplatesNotFound."""
        absent = self._environment.undefined
        known = {root: absent(name=root) for root in ROOTS}
        given = {key: value for key, value in payload.items() if value is not None}
        problem: TemplateError
        try:
            return Content(text=_block(find(), "text", known | given, whole=source is not None))
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
            file, line = _place(error)
            text = f"{name()} needs {error.name}, which is nowhere"
            problem = TemplateError(text, data={"template": file or name(), "line": line})
        except Exception as error:  # noqa: BLE001 (an expression may fail in any way; its text may hold the payload)
            file, line = _place(error)
            place = f"{file}, line {line}" if line else name()
            problem = TemplateError(
                f"{place}: {type(error).__name__}", data={"template": file or name(), "line": line}
            )
        raise problem

    def _line(self, data: Mapping[str, Any], source: str | None) -> int | None:
        """Where the unknown variable is. The traceback does not know: names are looked up as a block begins."""
        try:
            if data["template"] != UNSAVED and self._environment.loader is not None:
                source, _, _ = self._environment.loader.get_source(self._environment, data["template"])
            found = uses(self.parse(source or ""))
        except (KeyError, jinja2.TemplateError, UnicodeDecodeError):
            return None
        return next((use.line for use in found if use.root == data.get("variable")), None)


def _none(usage_type: UsageType, channel: Channel) -> TemplateNotFound:
    return TemplateNotFound(f"there is no {channel} template for {usage_type}, and none for Generic")


def _block(template: jinja2.Template, name: str, variables: dict[str, Any], *, whole: bool) -> str:
    """What is in one block, layouts included. Running the root fills in the blocks that the layout has."""
    context = template.new_context(variables)
    try:
        written = "".join(template.root_render_func(context))
        if name in context.blocks:
            return "".join(context.blocks[name][0](context)).strip()
        if whole:
            return written.strip()
    except Exception:  # noqa: BLE001 (raised again, its traceback in lines of the template instead of compiled code)
        template.environment.handle_exception()
    raise TemplateError(f"{template.name or UNSAVED} has no block {name}, nor has its layout")


def _place(error: BaseException) -> tuple[str | None, int | None]:
    """File and line of a template that an exception came through, the innermost."""
    file, line, trace = None, None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            file, line = Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno
        trace = trace.tb_next
    return file, line
