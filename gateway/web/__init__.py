"""The gateway over HTTP.

``server`` listens and writes responses, ``fakes`` runs the fake that a request is for, ``routing`` is what every
call of the API shares, ``api`` has the calls, and ``pages`` the pages for browsers.
"""
