"""`manage.py runtime_settings`: settings and rate limits of the running server."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from apps.core import runtime
from apps.core.errors import Refused
from apps.moderation.actions import runtime_settings
from apps.moderation.actions.audit import By, Door
from apps.moderation.queries.runtime_settings import Adjustable, everything

OPERATOR = By(None, Door.COMMAND)


class Command(BaseCommand):
    """Lists, sets and resets. The audit log has each change."""

    help = "List, set and reset the settings and rate limits that change while the server runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand for each action."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parts = parser.add_subparsers(dest="what", required=True)
        parts.add_parser("list", help="all of them, with what counts and the default")
        change = parts.add_parser("set", help="set some, all or none")
        change.add_argument("values", nargs="+", metavar="NAME=VALUE")
        reset = parts.add_parser("reset", help="let the defaults count again")
        reset.add_argument("names", nargs="+", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it. Raises CommandError that says why not."""
        runtime.refresh()  # the defaults of rate limits follow LIMITS_TIMES
        values = _values(options)
        if values:
            try:
                runtime_settings.change(OPERATOR, values)
            except Refused as error:
                raise CommandError(error.detail) from error
        rows = [each for each in everything() if not values or each.name in values]
        if options["json"]:
            dicts = [each._asdict() for each in rows]
            self.stdout.write(json.dumps(dicts, cls=DjangoJSONEncoder))
        else:
            self.stdout.write("\n".join(map(_line, rows)))


def _values(options: dict[str, Any]) -> dict[str, str | None]:
    if options["what"] == "reset":
        return dict.fromkeys(options["names"])
    values: dict[str, str | None] = {}
    for each in options.get("values") or ():
        name, separator, value = each.partition("=")
        if not separator:
            raise CommandError(f"{each} is not NAME=VALUE.")
        values[name] = value
    return values


def _line(row: Adjustable) -> str:
    period = f" in {row.seconds:g} s" if row.seconds else ""
    if not row.is_set:
        return f"{row.name}  {row.value}{period}  default"
    when = row.set_at.isoformat(timespec="seconds") if row.set_at else ""
    by = row.set_by or "manage.py"
    return f"{row.name}  {row.value}{period}  set by {by}, {when}; default {row.default}"
