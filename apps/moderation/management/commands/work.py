"""`manage.py work`: work that failed or is late."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refused
from apps.moderation.actions import work
from apps.moderation.actions.audit import By, Door
from apps.moderation.queries.work import Work, all_work

OPERATOR = By(None, Door.COMMAND)


class Command(BaseCommand):
    """Lists it, and tries one again. The audit log has each retry."""

    help = "List exports, deletions of accounts and files that failed or are late; try one again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand for each action."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parts = parser.add_subparsers(dest="what", required=True)
        parts.add_parser("list", help="what failed, and what waits for more than 10 minutes")
        again = parts.add_parser("again", help="let workers try one again")
        again.add_argument("kind", choices=sorted(work.AGAIN))
        again.add_argument("id", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for a refusal."""
        if options["what"] == "list":
            self._list(options)
            return
        kind, work_id = options["kind"], options["id"]
        try:
            work.try_again(OPERATOR, kind, work_id)
        except Refused as error:
            raise CommandError(error.detail) from error
        result = {"again": kind, "id": str(work_id)}
        self.stdout.write(
            json.dumps(result) if options["json"] else f"A worker tries {kind} again."
        )

    def _list(self, options: dict[str, Any]) -> None:
        found = all_work()
        if options["json"]:
            self.stdout.write(msgspec.json.encode(found).decode())
            return
        lines = [_line(each) for each in found]
        self.stdout.write("\n".join(lines or ["Nothing failed, and nothing is late."]))


def _line(each: Work) -> str:
    problem = f" ({each.problem})" if each.problem else ""
    since = f"{each.since:%Y-%m-%d %H:%M}"
    return f"{each.kind} {each.id} {each.person or '-'}: {each.state}{problem} since {since}"
