"""Sending a message: connectors, their drivers, one send with its fallbacks, and the messages sent so far.

Imports ``providers`` and the packages below it.
"""
