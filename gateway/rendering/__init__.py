"""Usage type, channel, locale and payload -> Content. Two dialects that have nothing to do with each other.

``Renderer``: our own templates, in Jinja2. ``handlebars``: the templates in a connector's own config, as Logto
fills them in.
"""

from gateway.rendering.logto import handlebars
from gateway.rendering.templates import DEFAULT_LOCALE, ROOTS, Renderer, TemplateError, lookup

__all__ = ["DEFAULT_LOCALE", "ROOTS", "Renderer", "TemplateError", "handlebars", "lookup"]
