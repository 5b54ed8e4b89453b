"""The API, a file for each resource. ``ROUTES`` is all of it; docs/api.md says what each call means."""

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
