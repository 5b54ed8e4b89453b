"""How a fake misbehaves on purpose, so that a test can see what its app does then.

* ``rules``: fault rules that a test adds, and which requests they apply to
* ``magic``: recipients that cause the same fault at every provider, without a rule

Imports only ``core``.
"""
