"""Values and small tools that every other package shares: the model, errors, the clock, recipients, blocking calls.

Imports nothing else of the gateway.
"""
