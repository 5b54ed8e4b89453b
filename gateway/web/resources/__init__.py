"""The API, a file for each resource. ``ROUTES`` is all of it; docs/api.md says what each call means."""

from gateway.web.resources import (
    captures,
    clock,
    codes,
    connectors,
    events,
    exchanges,
    factories,
    faults,
    messages,
    recipients,
    reviews,
    sending,
    status,
)

ROUTES = (
    *status.ROUTES,
    *sending.ROUTES,
    *factories.ROUTES,
    *connectors.ROUTES,
    *codes.ROUTES,
    *captures.ROUTES,
    *messages.ROUTES,
    *exchanges.ROUTES,
    *events.ROUTES,
    *recipients.ROUTES,
    *faults.ROUTES,
    *reviews.ROUTES,
    *clock.ROUTES,
)
