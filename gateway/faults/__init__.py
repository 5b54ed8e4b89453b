"""What makes a fake misbehave on purpose: fault rules, and recipients that always cause the same error.

Imports only ``core``.
"""
