"""`manage.py contentrules`: the rules about messages in groups."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refused
from apps.moderation.actions import rules
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import ContentRule

OPERATOR = By(None, Door.COMMAND)


class Command(BaseCommand):
    """Lists, adds and deletes rules. The audit log has each change."""

    help = "List, add and delete rules about messages in groups."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand for each action."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parts = parser.add_subparsers(dest="what", required=True)
        parts.add_parser("list", help="all rules")
        add = parts.add_parser("add", help="add a rule")
        add.add_argument("kind", choices=ContentRule.Kind.values)
        add.add_argument("effect", choices=ContentRule.Effect.values)
        add.add_argument("pattern", help="words, or a domain")
        delete = parts.add_parser("delete", help="delete a rule")
        delete.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it. Raises CommandError that says why not."""
        try:
            shown = self._run(options)
        except Refused as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            self.stdout.write(json.dumps(shown))
        else:
            for rule in shown:
                self.stdout.write("{id}  {effect}  {kind}  {pattern}".format(**rule))

    def _run(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        """The rules that are listed or added."""
        if options["what"] == "delete":
            rules.delete(OPERATOR, options["id"])
            return []
        rows = ContentRule.objects.order_by("id")
        if options["what"] == "add":
            given = {name: options[name] for name in ("kind", "pattern", "effect")}
            rows = rows.filter(id=rules.add(OPERATOR, **given).id)
        return [dict(row) for row in rows.values("id", "kind", "pattern", "effect")]
