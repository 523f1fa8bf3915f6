"""`manage.py connectmicrosoft`: connect a Microsoft account, so that changes of presence arrive at
once instead of with the next poll."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.graph.actions import service, subscriptions
from apps.graph.errors import SignInRefused
from apps.graph.gateways import login
from apps.sso.errors import ProviderUnavailable


class Command(BaseCommand):
    """Connects an account, or forgets one."""

    help = (
        "Connect a Microsoft account in whose name this server is told of changes of presence, "
        "for 650 people each. Somebody signs in with it in a browser, once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--forget` takes the name of an account."""
        parser.add_argument("--forget", metavar="ACCOUNT", help="forget this account")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with what Microsoft says."""
        if options["forget"]:
            if not subscriptions.forget_account(options["forget"]):
                raise CommandError("There is no such account.")
            self.stdout.write("Forgotten.")
            return
        if not service.is_on():
            raise CommandError("Set GRAPH_TENANT, GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET first.")
        try:
            flow = login.begin_connecting()
            self.stdout.write(flow["message"])
            self.stdout.flush()
            account, refresh_token = login.finish_connecting(flow)
        except (SignInRefused, ProviderUnavailable) as error:
            raise CommandError(f"Microsoft says: {error}") from error
        subscriptions.connect_account(account, refresh_token)
        self.stdout.write(f"Connected {account}.")
