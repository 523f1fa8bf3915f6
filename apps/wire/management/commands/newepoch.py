"""`manage.py newepoch`: after a restore or a failover, make every client fetch everything again."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.wire import epochs


class Command(BaseCommand):
    help = (
        "Begin a new epoch. Run it after restoring a backup and after promoting a replica: every "
        "client then drops its copy and fetches everything again."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace the epoch and print the new one."""
        self.stdout.write(f"epoch {epochs.begin(after=epochs.current())}")
