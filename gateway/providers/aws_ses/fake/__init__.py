"""Amazon SES as a server, both versions. ``pipeline.fake`` is the whole of it; ``config.read`` configures it."""
