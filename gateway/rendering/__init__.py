"""Usage type, channel, locale and payload -> Content. Two dialects that have nothing to do with each other.

``Renderer``: our own templates, in Jinja2. ``handlebars``: the templates in a connector's own config, as Logto
fills them in. Beside them, pure: ``segments`` (how a text goes over the air), ``lint``, and ``preview``, which puts
it all together.
"""

from gateway.rendering.environment import ROOTS, TemplateError, UnknownVariable
from gateway.rendering.locales import DEFAULT_LOCALE, lookup
from gateway.rendering.logto import handlebars
from gateway.rendering.templates import Renderer

__all__ = ["DEFAULT_LOCALE", "ROOTS", "Renderer", "TemplateError", "UnknownVariable", "handlebars", "lookup"]
