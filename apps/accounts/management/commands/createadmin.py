"""`manage.py createadmin`: creates the first account of a new server."""

import os
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.accounts.actions.registration import register
from apps.accounts.staff_record import record_deed
from apps.core.errors import Invalid

ENVIRONMENT_VARIABLE = "ADMIN_PASSWORD"


class Command(BaseCommand):
    """Creates an account with every permission."""

    help = (
        "Create an administrator's account. Asks for what is missing; without a terminal give "
        f"--username, and the password in the environment variable {ENVIRONMENT_VARIABLE}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The password is not an argument: others on the machine could read it."""
        parser.add_argument("--username")
        parser.add_argument("--email", default="")
        parser.add_argument("--name", default="")
        parser.add_argument("--noinput", action="store_true", help="never ask, fail instead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the account. Raises CommandError that says what is wrong or missing."""
        username = options["username"] or self._ask("--username", "Username: ", options, input)
        password = os.environ.get(ENVIRONMENT_VARIABLE) or self._ask(
            ENVIRONMENT_VARIABLE, "Password: ", options, getpass
        )
        try:
            with transaction.atomic():
                user = register(
                    username,
                    password=password,
                    name=options["name"],
                    email=options["email"],
                    confirmed=True,
                    administrator=True,
                )
                record_deed("create_account", by=None, person=user.pk, is_superuser=True)
        except Invalid as error:
            raise CommandError(f"{error.pointer}: {error.reason}") from error
        self.stdout.write(f"{user.username} is an administrator now.")
        if settings.STAFF_SECOND_FACTOR:
            self.stdout.write(
                "The admin (/admin/) asks for a second step: set up an authenticator app or a "
                "passkey when it says so."
            )

    def _ask(self, missing: str, prompt: str, options: dict[str, Any], ask: Any) -> str:
        if options["noinput"]:
            raise CommandError(f"Give {missing}.")
        try:
            return str(ask(prompt))
        except (EOFError, KeyboardInterrupt) as error:
            raise CommandError(f"Give {missing}.") from error
