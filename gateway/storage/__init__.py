"""Where state lives: the protocols of a store, a store in memory, a store in a SQLite file, and due jobs.

A store knows no rules. Imports only ``core``.
"""
