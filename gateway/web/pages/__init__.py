"""Pages for a browser, with their scripts and styles."""
