"""Turn a usage type, channel, locale and payload into the content of a message, and check templates.

There are two template dialects: ours (Jinja2, rendered by ``Renderer``) and that of a connector's config (Logto's
``handlebars``).

* ``templates``: find and render our templates; ``environment``: the sandboxed Jinja under them
* ``logto``: Logto's handlebars, filled in and read back
* ``senders``: what the connector adds to a message, such as the signature
* ``segments``: encoding and length of an SMS
* ``lint``, ``sms_lint``, ``mail_lint``: findings about templates; ``markup``: facts about the HTML of an email
* ``preview``: a template as its recipient sees it; ``bounded``: previews of untrusted templates;
  ``preview_service``: previews for the API
* ``export``: our emails as templates for Logto and Amazon SES

This package imports ``core`` and ``extraction`` only.
"""

from gateway.rendering.environment import ROOTS, TemplateError, UnknownVariable
from gateway.rendering.logto import Pattern, handlebars
from gateway.rendering.templates import DEFAULT_LOCALE, Renderer, lookup

__all__ = [
    "DEFAULT_LOCALE",
    "ROOTS",
    "Pattern",
    "Renderer",
    "TemplateError",
    "UnknownVariable",
    "handlebars",
    "lookup",
]
