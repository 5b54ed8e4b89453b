"""From an HTTP request to a fake.

``dispatch`` finds the provider that a request is for, or passes the request to the API. ``adapter`` runs the fake,
sends its response and keeps the exchange.
"""
