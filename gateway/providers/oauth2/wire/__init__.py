"""What driver and fake of OAuth2 and OpenID Connect both know."""
