"""What the API answers, as models: a file for each resource, and what several of them use in ``shared``.

They describe; nothing is made through them. A handler goes on building plain dicts (a model on the way out would
cost more than the rest of the answer), and every web test checks what comes over the wire against the description
that is made of them (``tests/support/api_description.py``).
"""
