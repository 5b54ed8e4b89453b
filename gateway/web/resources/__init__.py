"""The API, a file for each resource. ``ROUTES`` is all of it; docs/api.md says what each call means."""

from gateway.web.resources import (
    captures,
    clock,
    codes,
    connectors,
    description,
    events,
    exchanges,
    factories,
    faults,
    messages,
    metrics,
    recipients,
    reviews,
    sending,
    status,
    templates,
)

ROUTES = (
    *status.ROUTES,
    *metrics.ROUTES,
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
    *templates.ROUTES,
    *description.ROUTES,
)
