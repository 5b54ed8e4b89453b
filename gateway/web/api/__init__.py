"""The API: a file is a resource, with the models of its input and output, its handlers, and its ``ROUTES``.

The models of output describe the answers and do not make them: a handler builds plain dicts, since a model would
cost more than the rest of the answer. Tests check every answer against the OpenAPI document, which is made from the
models. What resources share is in ``gateway.web.routing``. docs/api.md explains the calls.
"""

from gateway.web.api import (
    captures,
    clock,
    codes,
    connectors,
    directories,
    events,
    exchanges,
    faults,
    logto,
    messages,
    metrics,
    recipients,
    reviews,
    sending,
    sign_in,
    status,
    templates,
    verifications,
)
from gateway.web.pages import docs

_DESCRIBED = (
    *status.ROUTES,
    *metrics.ROUTES,
    *sending.ROUTES,
    *connectors.ROUTES,
    *sign_in.ROUTES,
    *codes.ROUTES,
    *logto.ROUTES,
    *verifications.ROUTES,
    *captures.ROUTES,
    *messages.ROUTES,
    *exchanges.ROUTES,
    *events.ROUTES,
    *recipients.ROUTES,
    *faults.ROUTES,
    *reviews.ROUTES,
    *directories.ROUTES,
    *clock.ROUTES,
    *templates.ROUTES,
)
ROUTES = (*_DESCRIBED, *docs.routes(_DESCRIBED))
