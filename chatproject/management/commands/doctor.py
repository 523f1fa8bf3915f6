"""`manage.py doctor`: what is wrong with this deployment, and how to mend it."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from msgspec.structs import asdict

from chatproject.health.doctor import examine
from chatproject.health.findings import ERROR, OK, WARNING


class Command(BaseCommand):
    """Exits with 1 if something is wrong, with 0 if there are only warnings."""

    help = "Say what is wrong with this deployment, and how to mend it. Changes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--json` is for programs, `--quiet` leaves out what is well."""
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument("--quiet", action="store_true", help="print only what is not well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each finding as soon as it is known."""
        found = []
        for each in examine():
            found.append(each)
            if options["json"] or (options["quiet"] and each.level == OK):
                continue
            self.stdout.write(f"{each.level:8} {each.name}: {each.said}")
            if each.mend:
                self.stdout.write(f"         {each.mend}")
        wrong = sum(each.level == ERROR for each in found)
        warnings = sum(each.level == WARNING for each in found)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(each) for each in found], ensure_ascii=False))
        else:
            self.stdout.write(f"{wrong} wrong, {warnings} warnings")
        if wrong:
            sys.exit(1)
