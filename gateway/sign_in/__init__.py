"""Social sign-in through a connector, from the authorization URL to the user's profile: see ``sign_in``.

Imports ``delivery``, ``providers`` and the packages below them.
"""
