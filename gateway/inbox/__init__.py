"""What arrived: captured messages, requests to the fakes, waiting for a code, and why a wait found nothing.

Imports ``delivery``, ``providers`` and the packages below them.
"""
