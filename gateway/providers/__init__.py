"""One folder a provider. Providers do not import each other."""
