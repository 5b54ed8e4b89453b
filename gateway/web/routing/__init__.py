"""What every call of the API shares.

* ``api``: the table of routes, and running a route.
* ``calls``: the parameters, body and connection of one call.
* ``services``: the parts of the gateway that calls work with.
* ``idempotency``: requests with an ``Idempotency-Key``.
* ``models``: pydantic types that several resources share.
* ``errors``: the table of all errors.
* ``openapi``: the OpenAPI document.
"""
