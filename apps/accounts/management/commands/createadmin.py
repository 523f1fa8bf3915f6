"""`manage.py createadmin`: the first account of a new server."""

import os
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.actions.registration import register
from apps.core.errors import Invalid

VARIABLE = "ADMIN_PASSWORD"


class Command(BaseCommand):
    """Makes an account that may do everything."""

    help = (
        "Make an administrator's account. Asks for what is missing; without a terminal give "
        f"--username, and the password in the environment variable {VARIABLE}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A password is no argument: others on the machine could read it."""
        parser.add_argument("--username")
        parser.add_argument("--email", default="")
        parser.add_argument("--name", default="")
        parser.add_argument("--noinput", action="store_true", help="never ask, fail instead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError that says what is wrong or missing."""
        username = options["username"] or self._ask("--username", "Username: ", options, input)
        password = os.environ.get(VARIABLE) or self._ask(VARIABLE, "Password: ", options, getpass)
        try:
            user = register(
                username,
                password=password,
                name=options["name"],
                email=options["email"],
                confirmed=True,
                administrator=True,
            )
        except Invalid as refusal:
            raise CommandError(f"{refusal.pointer}: {refusal.reason}") from refusal
        self.stdout.write(f"{user.username} may do everything now.")

    def _ask(self, missing: str, prompt: str, options: dict[str, Any], ask: Any) -> str:
        if options["noinput"]:
            raise CommandError(f"Give {missing}.")
        try:
            return str(ask(prompt))
        except (EOFError, KeyboardInterrupt) as error:
            raise CommandError(f"Give {missing}.") from error
