"""`manage.py demo`: create or remove the demo workspace."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.models import User
from apps.chats.demo import script, workspace


class Command(BaseCommand):
    help = "Create a small, realistic workspace: people, chats, a week of messages."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--remove`, which deletes the demo people and every chat they are in."""
        parser.add_argument("--remove", action="store_true", help="remove the demo workspace")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create or remove the workspace. Raises CommandError when there is nothing to do."""
        if options["remove"]:
            if not workspace.exists():
                raise CommandError("There is no demo workspace.")
            self.stdout.write(f"Removed {workspace.remove()} demo people and their chats.")
            return
        if workspace.exists():
            raise CommandError("The demo workspace already exists. Remove it with `demo --remove`.")
        taken = User.objects.filter(username__in=script.PEOPLE).values_list("username", flat=True)
        if taken:
            raise CommandError(f"These usernames are taken by real people: {', '.join(taken)}.")
        password = secrets.token_urlsafe(9)
        workspace.fill(password)
        self.stdout.write(
            f"Sign in at {settings.PUBLIC_URL} as {script.HERO!r} (or {', '.join(script.CONTACTS)})"
            f" with the password {password}"
        )
