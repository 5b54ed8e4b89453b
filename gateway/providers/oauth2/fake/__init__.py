"""Social providers as a server. ``pipeline.fake`` is the whole of it; ``config.read`` configures it."""
