"""The Parley project: settings, URLs, ASGI application, and the one-command runner."""
