"""How a fake misbehaves on purpose, so that a test can see what its app does then.

* ``rules``: fault rules that a test adds, and which requests they apply to
* ``magic``: recipients that cause the same fault at every provider, without a rule

A fake asks for the fault of a request and carries it out; ``web/server/connection`` carries out those of the
connection. Imports only ``core``.
"""
