"""`manage.py invite`: an invitation to register."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actions import invites
from apps.core import runtime
from apps.core.errors import Refused


class Command(BaseCommand):
    """Prints the link of a new invitation."""

    help = "Invite somebody to register: print a link that makes one account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How long, and to whom."""
        parser.add_argument("--days", type=int, default=invites.DEFAULT_DAYS)
        parser.add_argument("--email", default="", help="also mail the link to this address")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the invitation. Raises CommandError that says why not."""
        runtime.refresh_if_due()
        try:
            invite, link = invites.create(days=options["days"], email=options["email"])
        except Refused as error:
            raise CommandError(error.detail) from error
        made = {"id": str(invite.id), "link": link, "expires_at": invite.expires_at.isoformat()}
        self.stdout.write(json.dumps(made) if options["json"] else link)
