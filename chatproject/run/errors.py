"""The error that ends a start."""


class StartupError(Exception):
    """The product cannot start. The text is one line that says what to do."""
