"""`manage.py wire`: write the protocol's schema and browser types, or check them."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.wire import schema


class Command(BaseCommand):
    help = "Write the protocol's JSON Schema and browser types from apps/wire/."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--check`, which writes nothing."""
        parser.add_argument("--check", action="store_true", help="fail when a file is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write stale files; with `--check`, raise CommandError naming them."""
        base = Path(settings.BASE_DIR)
        files = {
            base / "docs" / "protocol.schema.json": json.dumps(schema.json_schema(), indent=1)
            + "\n",
            base / "static" / "realtime" / "wire.d.ts": schema.declarations(),
        }
        stale = [p for p, text in files.items() if not p.is_file() or p.read_text() != text]
        if options["check"]:
            if stale:
                names = ", ".join(str(path.relative_to(base)) for path in stale)
                raise CommandError(f"Stale: {names}. Run `manage.py wire`.")
            return
        for path in stale:
            path.write_text(files[path])
            self.stdout.write(f"wrote {path.relative_to(base)}")
