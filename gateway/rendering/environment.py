"""The sandboxed Jinja environment of our templates, and the variables that a template uses."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import meta, nodes

# The names that Jinja itself gives every template: range(), dict() and so on.
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from gateway.core.errors import GatewayError

ROOTS = ("application", "organization", "user", "inviter", "ip", "code", "link", "locale", "uiLocales")
"""Names that a payload of Logto may have. Every template knows them; a name that the payload lacks is empty."""

FOLDER_VARIABLES = ("lang", "dir")
"""Variables of an email template besides the payload: the locale of its folder, as HTML's ``lang`` and ``dir``."""

UNSAVED = "unsaved.j2"
"""Name of a template without a file, in messages."""


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
    """The sandbox in which templates run.

    Args:
        folders: Where templates are searched, in this order.
        markup: Escape values for HTML. Texts and subjects need them unescaped, such as "R&D".
    """

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
    """Jinja's loader, which also notices a new file of the same name in an earlier folder."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, file, unchanged = super().get_source(environment, template)
        places = [Path(folder) / template for folder in self.searchpath]
        earlier = places[: places.index(Path(file))]
        return source, file, lambda: not any(path.is_file() for path in earlier) and unchanged()


def run(template: jinja2.Template, variables: dict[str, Any]) -> tuple[Context, str]:
    """Render a template, and return its text with a context that has the blocks of its layouts too."""
    context = template.new_context(variables)
    try:
        return context, "".join(template.root_render_func(context))
    except Exception:  # noqa: BLE001 (raised again, with a traceback that has the lines of the template)
        template.environment.handle_exception()


def block(context: Context, name: str) -> str | None:
    """Render one block. None if the template has no block of that name."""
    if name not in context.blocks:
        return None
    try:
        return "".join(context.blocks[name][0](context))
    except Exception:  # noqa: BLE001 (as above)
        context.environment.handle_exception()


def has_layout(template: jinja2.Template, context: Context) -> bool:
    """Tell whether the template extends another: then its context has more blocks than the template itself."""
    return any(len(stack) > 1 or name not in template.blocks for name, stack in context.blocks.items())


def place_of(error: BaseException) -> tuple[str | None, int | None]:
    """Return file and line of the innermost template in the traceback of an exception."""
    file, line, trace = None, None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            file, line = Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno
        trace = trace.tb_next
    return file, line


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a variable in a template."""

    path: str
    """As written, such as ``user.name``."""
    line: int
    guarded: bool = False
    """The template handles that the variable is absent, with ``if``, ``or`` or ``default``."""

    @property
    def root(self) -> str:
        return self.path.partition(".")[0]


def uses(tree: nodes.Template) -> list[Use]:
    """List every use of a variable that the template does not set itself, in the order of the source.

    The syntax tree is read; the template does not run.
    """
    free = meta.find_undeclared_variables(tree) - set(DEFAULT_NAMESPACE)
    return [use for use in _uses(tree, frozenset()) if use.root in free]


def absent(path: str, payload: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """Find the first part of a path that a payload lacks, with the names that exist beside it.

    Returns None if the payload has a value at the path.
    """
    value: Any = payload
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return part, []
        if value.get(part) is None:
            return part, list(value)
        value = value[part]
    return None


def _uses(node: nodes.Node, guards: frozenset[str]) -> Iterator[Use]:
    if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        path = _path(node)
        if path is not None:
            guarded = any(path == guard or path.startswith(f"{guard}.") for guard in guards)
            yield Use(path, node.lineno, guarded)
            return
    if isinstance(node, nodes.If | nodes.CondExpr):
        tested = frozenset(use.path for use in _uses(node.test, guards))
        yield from _all([node.test], guards | tested)
        inner = node.body if isinstance(node, nodes.If) else [node.expr1]
        yield from _all(inner, guards | tested)
        others = [*node.elif_, *node.else_] if isinstance(node, nodes.If) else [node.expr2]
        yield from _all([node for node in others if node is not None], guards)
        return
    is_default = isinstance(node, nodes.Filter) and node.name in {"default", "d"}
    if is_default or isinstance(node, nodes.Or | nodes.And | nodes.Test):
        guards |= frozenset(use.path for use in _all(node.iter_child_nodes(), guards))
    yield from _all(node.iter_child_nodes(), guards)


def _all(children: Iterable[nodes.Node], guards: frozenset[str]) -> Iterator[Use]:
    for node in children:
        yield from _uses(node, guards)


def _path(node: nodes.Node) -> str | None:
    """Write ``a.b.c`` or ``a["b"].c`` as one path. None for a computed expression."""
    if isinstance(node, nodes.Name):
        return node.name if node.ctx == "load" else None
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return f"{before}.{node.attr}" if before is not None else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        before = _path(node.node)
        return f"{before}.{node.arg.value}" if before is not None else None
    return None
