"""The HTTP server, on aiohttp, for the API and for the fakes.

* ``server``: listening addresses, the limit of connections, the orderly stop.
* ``connection``: time limits of a client, reading a body, writing a response and its faults.
* ``answers``: responses of the API as values.
* ``access``: allowed host names and origins, and the API token.
* ``limits``: how many waits, streams and connections there may be, and how long a client may take.
* ``log``: one line for each request, and unexpected exceptions.
* ``metrics``: the metrics of ``GET /metrics``.
* ``tls``: certificates under the providers' host names.
"""
