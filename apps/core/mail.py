"""Whether the server sends mail."""

from django.conf import settings

# Without a mail server, mails are printed to the log (`EMAIL_URL`).
WITHOUT_SERVER = (
    "chatproject.console.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
)


def sends_mail() -> bool:
    """Whether there is a mail server."""
    return settings.EMAIL_BACKEND not in WITHOUT_SERVER
