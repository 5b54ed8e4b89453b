"""Aliyun SMS as a server. ``pipeline.fake`` is the whole of it; ``settings.fake_settings`` configures it."""
