"""`manage.py passwordlink`: mails a person a link to choose a new password."""

from typing import Any

from django.core.management.base import CommandError

from apps.accounts.actions import set_password_links
from apps.accounts.management.account_command import AccountCommand
from apps.core.errors import NotPossible


class Command(AccountCommand):
    """Sends the link to the person alone."""

    help = "Mail a link to choose a new password to the confirmed address of a person."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown person, and one who gets no link."""
        user = self.person(options)
        try:
            set_password_links.send(None, user)
        except NotPossible as error:
            raise CommandError(error.detail) from error
        words = f"A link was sent to {user.username}."
        self.show(options, words, {"username": user.username, "sent_to": user.email})
