"""What every call of the API needs: routes, reading input, errors as responses, idempotency, OpenAPI."""
