"""What stops a start."""


class StartupError(Exception):
    """The product cannot be started; the text is one line that says what to do."""
