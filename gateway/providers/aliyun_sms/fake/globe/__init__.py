"""The international API, version 2018-05-01."""
