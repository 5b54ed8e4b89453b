"""The providers: what a provider is, which ones are known, and one folder for each.

A folder holds everything about its provider: connector settings, driver (client side) and fake (server side).
"""
