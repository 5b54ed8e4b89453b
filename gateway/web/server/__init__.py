"""The HTTP server below the API: sockets, TLS, access rules, limits, responses, the request log, metrics."""
