"""Sending: what a mail is, the rules that it must pass, whom it reaches, and what lands in the inbox."""
