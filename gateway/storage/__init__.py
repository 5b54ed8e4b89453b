"""Where state lives: a store keeps records by key and append-only streams of entries. And scheduled jobs.

* ``ports``: the protocols of a store and of a schedule
* ``memory``: a store in memory
* ``sqlite``: a store in a SQLite file; ``sqlite_file`` opens, locks and migrates the file, ``sqlite_writer`` is the
  thread that commits
* ``log_index``: the index of a log, which both stores use: entries by stream and key, bounds, waiting callers
* ``measured``: a wrapper that reports how long each operation of a store takes
* ``jobs``: jobs that are due on the gateway's clock, kept in the store
* ``paging``: reads a stream in pages, with a filter

A store bounds its streams by count, bytes and age, and knows no other rule. Imports only ``core``.
"""
