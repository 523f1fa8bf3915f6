"""`manage.py audit`: checks and exports the audit log."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.moderation.queries import audit


class Command(BaseCommand):
    """Checks the chain of the audit log, or writes the log as JSON lines."""

    help = (
        "`verify` finds changed, missing and moved records, and prints the last hash. Keep that "
        "hash elsewhere: only `--expect HASH` finds that the end was cut. `export` prints each "
        "record as a line of JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        parts = parser.add_subparsers(dest="what", required=True)
        verify = parts.add_parser("verify", help="check the chain")
        verify.add_argument("--expect", default="", metavar="HASH", help="a hash printed earlier")
        verify.add_argument("--json", action="store_true", help="print the result as JSON")
        parts.add_parser("export", help="print all records, one JSON object a line")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError (exit status 1) when something is wrong."""
        if options["what"] == "export":
            for line in audit.lines():
                # ASCII alone: no terminal refuses it, and no reader takes U+2028 for a new line.
                self.stdout.write(json.dumps(line))
            return
        found = audit.verify(expected=options["expect"])
        last = {"records": found.records, "last": found.number, "hash": found.hash}
        if options["json"]:
            self.stdout.write(json.dumps({**last, "faults": found.faults}))
        elif found.intact:
            self.stdout.write(
                f"{found.records} records, no fault. Last: {found.number} {found.hash}"
            )
        if not found.intact:
            raise CommandError("\n".join(found.faults))
