"""The providers: what a provider is, which ones are known, and one folder for each.

A folder such as ``aliyun_sms`` holds everything about its provider: connector settings, driver (client side) and
fake (server side). Beside the folders:

* ``ports``: the protocols of a driver and a fake, and the values that describe a provider
* ``registry``: the providers that are known, by name
* ``social``: the protocol, the values and the errors of social sign-in drivers
* ``directory``: the protocol of a fake's test users (personas) and apps (clients), which tests change
* ``reviews``: signatures and templates that wait for a provider's approval

Imports ``rendering``, ``faults``, ``storage`` and the packages below them.
"""
