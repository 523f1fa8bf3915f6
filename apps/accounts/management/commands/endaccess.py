"""`manage.py endaccess`: ends a person's access from the command line."""

from argparse import ArgumentParser
from typing import Any

from apps.accounts.actions import accounts
from apps.accounts.management.account_command import AccountCommand


class Command(AccountCommand):
    """Closes an account, or ends its sessions, and says what ended."""

    help = (
        "Close a person's account and end everything that it can do. The admin has the record, "
        "with the live connections that each server process has closed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person, and how much ends."""
        super().add_arguments(parser)
        parser.add_argument(
            "--only-sessions", action="store_true", help="sign out everywhere, leave it open"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown person."""
        person = self.person(options).id
        ending = accounts.close_by(None, person, only_sessions=options["only_sessions"])
        self.show_ending(options, ending)
