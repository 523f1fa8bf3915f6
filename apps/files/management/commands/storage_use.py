"""`manage.py storage_use`: what is stored, by kind and by whom most."""

from argparse import ArgumentParser
from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from apps.files.queries.storage_use import MAX_PEOPLE, storage_use
from apps.files.templatetags.file_sizes import size


class Command(BaseCommand):
    """Prints the last count of a worker."""

    help = f"Print what is stored: by kind, and the {MAX_PEOPLE} people who store most."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How to print it."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sizes are in bytes in JSON, and rounded otherwise."""
        found = storage_use()
        if options["json"]:
            self.stdout.write(msgspec.json.encode(found).decode())
            return
        if found.counted_at is None:
            self.stdout.write("Not counted yet: a worker counts every hour.")
            return
        self.stdout.write(f"{size(found.bytes)}, counted at {found.counted_at:%Y-%m-%d %H:%M} UTC")
        for kind in found.kinds:
            self.stdout.write(f"  {kind.kind}: {kind.number}, {size(kind.bytes)}")
        for person in found.people:
            name = person.username or person.id
            self.stdout.write(f"{name}: {person.number}, {size(person.bytes)}")
