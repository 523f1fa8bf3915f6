"""`manage.py hold`: puts a chat or a person on hold, and ends that."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refused
from apps.moderation.actions.audit import By, Door
from apps.retention.actions import holds
from apps.retention.models import Hold

OPERATOR = By(None, Door.COMMAND)


class Command(BaseCommand):
    """What is on hold is not deleted for good. The audit log has each change."""

    help = "Put a chat or a person on hold, end a hold, or list those in force. docs/retention.md"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand for each action."""
        parts = parser.add_subparsers(dest="what", required=True)
        begin = parts.add_parser("begin", help="put a chat or a person on hold")
        target = begin.add_mutually_exclusive_group(required=True)
        target.add_argument("--chat", type=UUID)
        target.add_argument("--person", type=UUID)
        begin.add_argument("--reason", required=True)
        end = parts.add_parser("end", help="end a hold")
        end.add_argument("hold", type=UUID)
        end.add_argument("--reason", default="")
        parts.add_parser("list", help="the holds in force")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when the action refuses."""
        try:
            if options["what"] == "begin":
                target = {name: options[name] for name in ("chat", "person")}
                row = holds.begin(OPERATOR, reason=options["reason"], **target)
                # The id alone, for scripts.
                self.stdout.write(str(row.id))
                which = "chat" if row.chat_id else "person"
                self.stderr.write(
                    f"The {which} is on hold. End it with: manage.py hold end {row.id}"
                )
            elif options["what"] == "end":
                holds.end(OPERATOR, options["hold"], reason=options["reason"])
        except Refused as error:
            raise CommandError(error.detail) from error
        if options["what"] == "list":
            for row in Hold.objects.filter(ended_at=None).order_by("since"):
                self.stdout.write(f"{row.id} since {row.since:%Y-%m-%d}: {row}: {row.reason}")
