"""Sending: what a message is, the rules that it must pass, and what lands in the inbox."""
