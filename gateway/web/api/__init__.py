"""The API: a file is a resource, with the models of its input and output, its handlers, and its ``ROUTES``.

Handlers return plain dicts, because a model would cost more than the rest of the answer. The models of output are
for the OpenAPI document, and tests check every answer against it. What resources share is in
``gateway.web.routing``. docs/api.md explains the calls.
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
