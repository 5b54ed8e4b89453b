"""The Jinja that our templates run in: sandboxed, with Logto's roots always known, and errors that say where."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from gateway.core.errors import GatewayError

ROOTS = ("application", "organization", "user", "inviter", "ip", "code", "link", "locale", "uiLocales")
"""What Logto's payloads may hold: always there in a template, empty where the payload has none."""

OF_FOLDER = ("lang", "dir")
"""What an email knows besides: the locale of the folder it is in, as HTML's ``lang`` and ``dir``."""

UNSAVED = "unsaved.j2"
"""What a template that is no file is called in messages."""


class TemplateError(GatewayError):
    """A template is broken. ``data`` has ``template`` and ``line`` if they are known."""

    code = "template.invalid"
    status = 400
    cause = "One of our templates is broken."
    cure = "The message names the file and, where it can, the line."


class UnknownVariable(TemplateError):
    """A template uses a variable that is neither in the payload nor one of ``ROOTS``: ``data["variable"]``."""

    code = "template.unknown_variable"
    cause = "A template uses a name that is neither in the payload nor one of Logto's."
    cure = "Give it in `payload`, or correct the template: `data.variable`, `data.template`."


class _Context(Context):
    def resolve_or_missing(self, key: str) -> Any:
        value = super().resolve_or_missing(key)
        if value is missing:
            name = self.name or UNSAVED
            near = difflib.get_close_matches(key, ROOTS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UnknownVariable(
                f"{name} uses {key}, which is neither in the payload nor one of {', '.join(ROOTS)}{hint}",
                data={"template": name, "variable": key},
            )
        return value


class Environment(ImmutableSandboxedEnvironment):
    """``markup``: what is filled in is escaped for HTML. Elsewhere a name such as "R&D" must arrive as it is."""

    context_class = _Context

    def __init__(self, folders: Sequence[Path], *, markup: bool) -> None:
        super().__init__(
            loader=Loader([str(folder) for folder in folders]),
            undefined=jinja2.ChainableUndefined,
            autoescape=markup,
            finalize=lambda value: "" if value is None else value,
            trim_blocks=True,
            lstrip_blocks=True,
        )


class Loader(jinja2.FileSystemLoader):
    """Jinja's own sees that a file has changed, but not that an earlier folder has got one of that name."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, file, unchanged = super().get_source(environment, template)
        places = [Path(folder) / template for folder in self.searchpath]
        earlier = places[: places.index(Path(file))]
        return source, file, lambda: not any(path.is_file() for path in earlier) and unchanged()


def run(template: jinja2.Template, variables: dict[str, Any]) -> tuple[Context, str]:
    """Run the root: what it writes, and a context whose blocks are those of its layouts too."""
    context = template.new_context(variables)
    try:
        return context, "".join(template.root_render_func(context))
    except Exception:  # noqa: BLE001 (raised again, its traceback in lines of the template instead of compiled code)
        template.environment.handle_exception()


def block(context: Context, name: str) -> str | None:
    """What one block writes, None if there is none of that name."""
    if name not in context.blocks:
        return None
    try:
        return "".join(context.blocks[name][0](context))
    except Exception:  # noqa: BLE001 (as above)
        context.environment.handle_exception()


def has_layout(template: jinja2.Template, context: Context) -> bool:
    """Does it extend another? Seen by the blocks, which a layout adds to those of the template."""
    return any(len(stack) > 1 or name not in template.blocks for name, stack in context.blocks.items())


def place_of(error: BaseException) -> tuple[str | None, int | None]:
    """File and line of a template that an exception came through, the innermost."""
    file, line, trace = None, None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            file, line = Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno
        trace = trace.tb_next
    return file, line
