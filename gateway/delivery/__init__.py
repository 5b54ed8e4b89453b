"""Sending a message through a connector.

* ``connectors``: all connectors of the gateway; ``secrets``: their secrets, masked
* ``fallbacks``: which connector stands in for another one
* ``mounted_fakes``: the settings and keys that each fake gets from its connectors
* ``delivery``: one send; ``driver_pool``: the drivers in use
* ``allow_list``: the recipients that a live connector may write to
* ``messages``: the messages sent and their timelines

Imports ``providers`` and the packages below it.
"""
