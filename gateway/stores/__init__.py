"""Stores: where records and the log live. Dumb; each passes the one contract suite in tests/stores."""
