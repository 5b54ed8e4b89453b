"""OAuth2, OpenID Connect and what is built on them."""
