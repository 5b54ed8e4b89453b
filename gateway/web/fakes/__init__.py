"""From an HTTP request to a fake: finding the provider that a request is for, and running its fake."""
