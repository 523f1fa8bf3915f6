"""`manage.py egress_report`: every host that the servers of this installation may ever call."""

from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandParser

from apps.core import runtime
from chatproject.egress import Egress, egress


class Command(BaseCommand):
    help = (
        "List every host that the servers of this installation may ever call, by its settings, "
        "for a firewall or an installation without a way out. Calls none of them but PostgreSQL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--json`: for programs."""
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints one paragraph for each purpose."""
        runtime.refresh()
        found = egress()
        if options["json"]:
            self.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
            return
        for each in found:
            self.stdout.write("\n".join(_lines(each)))


def _lines(each: Egress) -> list[str]:
    hosts = each.hosts or ["none"]
    return [
        f"{each.purpose} ({each.processes}; {', '.join(each.decided_by)})",
        *(f"    {host}" for host in hosts),
        *([f"    {each.note}"] if each.note else []),
    ]
