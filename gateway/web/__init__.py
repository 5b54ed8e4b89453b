"""HTTP: the one port. Dispatch, the adapter that runs fakes, the API. Nothing below knows of aiohttp."""
