"""`manage.py endaccess`: ends a person's access from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actions import accounts, sessions
from apps.accounts.actions.access import Way
from apps.accounts.models import User
from apps.accounts.queries import endings


class Command(BaseCommand):
    """Closes an account, or ends its sessions, and says what ended."""

    help = (
        "Close a person's account and end everything that it can do. The admin has the record, "
        "with the live connections that each server process has closed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person, and how much ends."""
        parser.add_argument("username")
        parser.add_argument(
            "--only-sessions", action="store_true", help="sign out everywhere, leave it open"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown person."""
        user = User.objects.filter(username=options["username"].lower()).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        end = sessions.sign_out_everywhere if options["only_sessions"] else accounts.deactivate
        ending = end(user.id, way=Way.COMMAND)
        if ending is None:
            self.stdout.write("Nothing to end.")
        else:
            self.stdout.write(str(endings.totals(ending, ending.parts.all())))
