"""Our own templates: Jinja2, in ``templates/<channel>/<locale>/<UsageType>.j2``.

Each extends ``<channel>/layout.j2`` and fills its blocks (``text`` for SMS).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from gateway.errors import GatewayError, TemplateNotFound
from gateway.model import Channel, Content, UsageType

ROOTS = ("application", "organization", "user", "inviter", "ip", "code", "link", "locale", "uiLocales")
"""What Logto's payloads may hold: always there in a template, empty where the payload has none."""

DEFAULT_LOCALE = "en"


class TemplateError(GatewayError):
    """One of our templates is broken, or uses a name that nobody knows (``template.unknown_variable``)."""

    code = "template.invalid"
    status = 400


class _Context(Context):
    def resolve_or_missing(self, key: str) -> Any:
        value = super().resolve_or_missing(key)
        if value is missing:
            raise TemplateError(
                f"{self.name} uses {key}, which is neither in the payload nor one of {', '.join(ROOTS)}",
                code="template.unknown_variable",
                data={"template": self.name, "variable": key},
            )
        return value


class _Environment(ImmutableSandboxedEnvironment):
    context_class = _Context


class Renderer:
    """``folders``: where templates are looked for; a file in an earlier one wins over its namesake in a later.

    Compiled templates are kept, and compiled again when their file changes.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._environment = _Environment(
            loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
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
        wanted = (locale,) if locale is not None else _asked_for(payload)
        names = [
            f"{channel}/{folder}/{name}.j2"
            for folder in (*lookup(wanted, self._locales(channel)), DEFAULT_LOCALE)
            for name in dict.fromkeys((usage_type, UsageType.GENERIC))
        ]
        absent = self._environment.undefined
        known = {root: absent(name=root) for root in ROOTS}
        given = {name: value for name, value in payload.items() if value is not None}
        problem: GatewayError
        try:
            template = self._environment.select_template(names)
            return Content(text=_block(template, "text", known | given))
        except TemplateError as error:
            problem = error
        except jinja2.TemplatesNotFound:
            problem = TemplateNotFound(f"there is no {channel} template for {usage_type}, and none for Generic")
        except jinja2.TemplateSyntaxError as error:
            problem = TemplateError(f"{error.name}, line {error.lineno}: {error.message}")
        except jinja2.TemplateNotFound as error:
            problem = TemplateError(f"{names[-1]} or one in its place needs {error.name}, which is nowhere")
        except Exception as error:  # noqa: BLE001 (an expression may fail in any way; its text may hold the payload)
            problem = TemplateError(f"{_place(error) or names[0]}: {type(error).__name__}")
        raise problem

    def _locales(self, channel: Channel) -> list[str]:
        """The locales that have a folder, sorted. Read each time, so that a new folder is found at once."""
        found: set[str] = set()
        for folder in self._folders:
            try:
                with os.scandir(folder / channel) as entries:
                    found.update(entry.name for entry in entries if entry.is_dir())
            except FileNotFoundError:
                continue
        return sorted(found)


def lookup(wanted: Sequence[str], available: Sequence[str]) -> Iterator[str]:
    """Which of the available locales serve the wanted ones, best first (RFC 4647, section 3.4, "lookup").

    A tag is cut from its end until something fits: ``zh-Hans-CN``, ``zh-Hans``, ``zh``. Beyond the RFC, what is
    left also takes a longer name of the same language: somebody who asks for ``zh`` or ``zh-TW`` reads ``zh-CN``
    better than the default.
    """
    for tag in wanted:
        parts = tag.replace("_", "-").lower().split("-")[:8]
        while parts:
            prefix = "-".join(parts)
            yield from (name for name in available if name.lower() == prefix)
            yield from (name for name in available if name.lower().startswith(f"{prefix}-"))
            parts.pop()
            if parts and len(parts[-1]) == 1:  # A singleton ("x", "u") means nothing without what followed.
                parts.pop()


def _asked_for(payload: Mapping[str, Any]) -> list[str]:
    locale, others = payload.get("locale"), payload.get("uiLocales")
    tags = [locale] if isinstance(locale, str) else []
    return [*tags, *(others.split()[:16] if isinstance(others, str) else ())]


def _block(template: jinja2.Template, name: str, variables: dict[str, Any]) -> str:
    """What is in one block, layouts included. Running the root fills in the blocks that the layout has."""
    context = template.new_context(variables)
    try:
        for _ in template.root_render_func(context):
            pass
        if name in context.blocks:
            return "".join(context.blocks[name][0](context)).strip()
    except Exception:  # noqa: BLE001 (raised again, its traceback in lines of the template instead of compiled code)
        template.environment.handle_exception()
    raise TemplateError(f"{template.name} has no block {name}, nor has its layout")


def _place(error: BaseException) -> str | None:
    """The last line of a template that an exception came through."""
    place, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            place = f"{Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
