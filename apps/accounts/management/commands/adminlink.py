"""`manage.py adminlink`: a link that makes the account of a new server's first administrator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actions import invites


class Command(BaseCommand):
    """Prints the link, which replaces an earlier one."""

    help = "Print a link that makes the first administrator's account, once and within a day."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it. Raises CommandError when there is an administrator, or no local accounts."""
        created = invites.renew_first_administrators()
        if created is None:
            raise CommandError("There is an administrator already, or LOCAL_ACCOUNTS is false.")
        self.stdout.write(created.link)
