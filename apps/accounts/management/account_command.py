"""What commands about one account have in common."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import Ending, User
from apps.accounts.queries import endings


class AccountCommand(BaseCommand):
    """Takes a username, and `--json`."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person, and how the result is printed."""
        parser.add_argument("username")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def person(self, options: dict[str, Any]) -> User:
        """The person. Raises CommandError for an unknown one."""
        user = User.objects.filter(username=options["username"].lower()).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        return user

    def show(self, options: dict[str, Any], words: str, result: dict[str, Any]) -> None:
        """Print what was done, as words or as JSON."""
        self.stdout.write(json.dumps(result) if options["json"] else words)

    def show_ending(self, options: dict[str, Any], ending: Ending | None) -> None:
        """Print what ended, and the id of its record."""
        if ending is None:
            self.show(options, "Nothing to end.", {"ending": None, "ended": {}})
            return
        totals = endings.totals(ending, ending.parts.all())
        result = {"ending": str(ending.id), "ended": dict(totals.counts)}
        self.show(options, str(totals), result)
