"""The connector gateway: it sends one-time codes, and stands in for the providers that do.

* A provider is a third party: Aliyun SMS, AWS SES, an OAuth2 server. Its *driver* is the client side and sends for
  real, its *fake* is the server side, offline.
* A connector is one configured use of a provider, with Logto's JSON (Logto is an identity server).
* A usage type is the reason for a message, such as ``SignIn``.
* An exchange is a request at a fake with its response. A capture is a message that a fake accepted.

``app`` builds a gateway from a config and its providers, and is the only module that picks concrete classes. The
folders import in one direction: ``cli``, ``app``, ``web`` and ``config``, ``verification`` and ``sign_in``,
``inbox``, ``delivery``, ``providers``, ``faults`` and ``rendering`` and ``storage``, ``extraction``, ``core``.
"""
