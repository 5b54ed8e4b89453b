"""The gateway over HTTP: the server, the fakes behind it, the API and the pages."""
