"""`manage.py removesecondfactor`: for somebody who has lost phone, passkeys and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actions import second_factor
from apps.accounts.models import User
from apps.core.operators import operator_name


class Command(BaseCommand):
    """Removes all second factors of one account."""

    help = (
        "Remove the second factors of an account, whose password alone signs in then. Make sure "
        "first that it is its owner who asks. The owner is told by mail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One account."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove them. Raises CommandError for an account that does not exist."""
        user = User.objects.filter(username=options["username"].lower()).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        by = f"{operator_name()} on this machine"
        if second_factor.remove_all(user.id, by=by):
            self.stdout.write(f"{user.username} signs in with the password alone now.")
        else:
            self.stdout.write(f"{user.username} has no second factor.")
