"""`manage.py demo`: create or remove the demo workspace."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.crypto import salted_hmac

from apps.accounts.models import User
from apps.chats.demo import script, workspace
from apps.core.errors import Refused

# What POSIX programs look at for the language of messages, the strongest first.
LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


class Command(BaseCommand):
    help = "Create a small, realistic workspace: people, chats, a week of messages."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--language`, and `--remove`, which deletes the demo people and every chat they are
        in."""
        parser.add_argument("--remove", action="store_true", help="remove the demo workspace")
        parser.add_argument(
            "--language",
            choices=[code for code, _ in settings.LANGUAGES],
            default=_language_of_shell(),
            help="of names and messages; the default is that of LANG",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create or remove the workspace. Creating one that is there changes nothing. Raises
        CommandError when it cannot be created, or there is none to remove."""
        if options["remove"]:
            if not workspace.exists():
                raise CommandError("There is no demo workspace.")
            self.stdout.write(f"Removed {workspace.remove()} demo people and their chats.")
            return
        if workspace.exists():
            self.stdout.write("The demo workspace is there already; `demo --remove` removes it.")
        else:
            self._fill(options["language"])
        self.stdout.write(
            f"Sign in at {settings.PUBLIC_URL} as {script.HERO!r} (or {', '.join(script.CONTACTS)})"
            f" with the password {_password()}"
        )

    def _fill(self, language: str) -> None:
        taken = User.objects.filter(username__in=script.PEOPLE).values_list("username", flat=True)
        if taken:
            raise CommandError(f"These usernames are taken by real people: {', '.join(taken)}.")
        try:
            workspace.fill(_password(), language=language)
        except Refused as error:
            raise CommandError(f"The demo workspace was not created: {error}") from error


def _language_of_shell() -> str:
    """The language of the environment if there is a translation, else the server's default."""
    chosen = next(filter(None, map(os.environ.get, LANGUAGE_VARIABLES)), "")
    code = chosen.partition("_")[0].partition(".")[0].lower()
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _password() -> str:
    """Of the demo people: always the same on this server, and unknown elsewhere."""
    return salted_hmac("apps.chats.demo", "password", algorithm="sha256").hexdigest()[:14]
