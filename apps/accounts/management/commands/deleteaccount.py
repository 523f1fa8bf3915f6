"""`manage.py deleteaccount`: deletes a person's account from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.accounts.actions import deletions, erasing
from apps.accounts.management.account_command import AccountCommand
from apps.accounts.models import Deletion, Ending
from apps.core import runtime
from apps.core.errors import NotPossible


class Command(AccountCommand):
    """Begins the deletion of an account, or carries it out."""

    help = (
        "Delete a person's account after DELETION_DAYS. Until then the person keeps it by signing "
        "in, and the admin by a button. docs/people.md says what is deleted and what stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person, and when."""
        super().add_arguments(parser)
        parser.add_argument("--now", action="store_true", help="at once; it cannot be taken back")
        parser.add_argument(
            "--refuse-identities",
            action="store_true",
            help="nobody signs in with the person's identities at the provider again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown person."""
        runtime.refresh_if_due()
        user = self.person(options)
        try:
            row = deletions.start(
                user.id, at_once=options["now"], refuse_identities=options["refuse_identities"]
            )
        except NotPossible as error:
            raise CommandError(error.detail) from error
        if not options["now"]:
            words = f"The account will be deleted at {row.due_at:%Y-%m-%d %H:%M} UTC."
            self.show(options, words, {"due_at": row.due_at.isoformat()})
            return
        erasing.erase_due(user.id)
        if Deletion.objects.filter(user_id=user.id).exists():
            raise CommandError("It is not complete yet: a worker goes on with it. See the log.")
        endings = Ending.objects.filter(user_id=user.id, account=True)
        self.show_ending(options, endings.latest("begun_at"))
