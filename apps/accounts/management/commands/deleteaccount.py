"""`manage.py deleteaccount`: deletes a person's account from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actions import deletions, erasing
from apps.accounts.models import Deletion, Ending, User
from apps.accounts.queries import endings
from apps.core import runtime
from apps.core.errors import NotPossible


class Command(BaseCommand):
    """Begins the deletion of an account, or carries it out."""

    help = (
        "Delete a person's account after DELETION_DAYS. Until then the person keeps it by signing "
        "in, and the admin by a button. docs/people.md says what is deleted and what stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person, and when."""
        parser.add_argument("username")
        parser.add_argument("--now", action="store_true", help="at once; it cannot be taken back")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown person."""
        runtime.refresh_if_due()
        user = User.objects.filter(username=options["username"].lower()).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        try:
            row = deletions.start(user.id, at_once=options["now"])
        except NotPossible as error:
            raise CommandError(error.detail) from error
        if not options["now"]:
            self.stdout.write(f"The account will be deleted at {row.due_at:%Y-%m-%d %H:%M} UTC.")
            return
        erasing.erase_due(user.id)
        if Deletion.objects.filter(user_id=user.id).exists():
            raise CommandError("It is not complete yet: a worker goes on with it. See the log.")
        ending = Ending.objects.filter(user_id=user.id, account=True).latest("begun_at")
        self.stdout.write(str(endings.totals(ending, ending.parts.all())))
