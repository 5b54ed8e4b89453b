"""Values and small tools that all other folders share.

* ``model``: messages, recipients, captures, requests and responses of fakes
* ``errors``: the errors that are raised on purpose, each with its code, HTTP status, cause and cure
* ``recipients``: phone numbers and email addresses, their normal forms, made-up numbers
* ``clock``: the gateway's time, which tests move, beside real time
* ``offload``: blocking calls in threads, with a deadline
* ``outcomes``: the outcome of an operation as a label of metrics
* ``data_files``: where ``templates/`` and ``fixtures/`` are

Imports nothing else of the gateway.
"""
