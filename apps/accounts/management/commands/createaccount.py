"""`manage.py createaccount`: makes an account for somebody, who chooses the password by mail."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.accounts.actions import made_accounts
from apps.accounts.management.account_command import AccountCommand
from apps.core.errors import Invalid, NotPossible


class Command(AccountCommand):
    """Makes the account and mails its owner a link to choose a password."""

    help = "Make an account. Its owner gets a mail with a link to choose a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose account."""
        super().add_arguments(parser)
        parser.add_argument("--email", required=True, help="the address of its owner")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError that says which field is wrong."""
        fields = {name: options[name] for name in ("username", "email", "name")}
        try:
            user = made_accounts.make(None, **fields)
        except Invalid as error:
            raise CommandError(f"{error.pointer}: {error.reason}") from error
        except NotPossible as error:
            raise CommandError(error.detail) from error
        result = {"id": str(user.id), "username": user.username, "sent_to": user.email}
        self.show(options, f"A link to choose a password was sent to {user.email}.", result)
