"""`manage.py demo`: fill a small workspace to look at, or remove it again."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.models import User
from apps.chats.demo import script, workspace


class Command(BaseCommand):
    help = "Fill a small, believable workspace: people, chats, a week of talk. --remove undoes it."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--remove` deletes the demo people, and every chat they are in."""
        parser.add_argument("--remove", action="store_true", help="take the demo away again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when there is nothing to do."""
        if options["remove"]:
            if not workspace.exists():
                raise CommandError("There is no demo workspace.")
            self.stdout.write(f"Removed {workspace.remove()} demo people and their chats.")
            return
        if workspace.exists():
            raise CommandError(
                "The demo workspace is there already; `demo --remove` takes it away."
            )
        taken = User.objects.filter(username__in=script.PEOPLE).values_list("username", flat=True)
        if taken:
            raise CommandError(f"These names are taken by real people: {', '.join(taken)}.")
        password = secrets.token_urlsafe(9)
        workspace.fill(password)
        self.stdout.write(
            f"Sign in at {settings.PUBLIC_URL} as {script.HERO!r} (or {', '.join(script.CONTACTS)})"
            f" with the password {password}"
        )
