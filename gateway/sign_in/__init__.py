"""Social sign-in through a connector: from the authorization URL to the user's profile.

Imports ``delivery``, ``providers`` and the packages below them.
"""
