"""Signatures and templates of an account: applications, their review, and the operations on them."""
