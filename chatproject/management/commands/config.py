"""`manage.py config`: the settings in effect, their changes while the server runs, and the files
that list them."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error

from apps.configuration.actions import changes
from apps.configuration.models import SettingsVersion
from apps.configuration.queries import versions
from apps.configuration.queries.adjustable import Adjustable, everything
from apps.core import runtime
from apps.core.errors import NotFound, Refused
from apps.moderation.actions.audit import By, Door
from chatproject.config import documents
from chatproject.config.environment import text_and_source
from chatproject.config.hints import hints
from chatproject.config.setting import Setting
from chatproject.config.table import SETTINGS

MASK = "********"
OPERATOR = By(None, Door.COMMAND)


class Command(BaseCommand):
    help = (
        "Print the value of each setting and rate limit, and where it comes from. Secrets are "
        "masked. set, unset and revert change them while the server runs."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` and `--write` are about files and print no values."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--check",
            action="store_true",
            help="fail if one of the files that list settings or metrics is out of date",
        )
        group.add_argument("--write", action="store_true", help="update these files")
        parts = parser.add_subparsers(dest="what")
        change = parts.add_parser("set", help="set some, all or none: NAME VALUE NAME VALUE")
        change.add_argument("pairs", nargs="+", metavar="NAME VALUE")
        _add_reason(change)
        unset = parts.add_parser("unset", help="let the values of the environment count again")
        unset.add_argument("names", nargs="+", metavar="NAME")
        _add_reason(unset)
        history = parts.add_parser("history", help="what was changed, the newest first")
        history.add_argument("--most", type=int, default=20, help="as many versions (20)")
        back = parts.add_parser("revert", help="undo the newest change, or go back to a version")
        back.add_argument(
            "version",
            nargs="?",
            type=int,
            help="the version to return to (0: as if nothing were set); without one, the newest "
            "change is undone",
        )
        _add_reason(back)

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError that names the outdated files, or says why not."""
        if options["check"] or options["write"]:
            self._update_files(write=options["write"])
            return
        for line in hints():
            self.stderr.write(line)
        try:
            self._run(options)
        except NotFound as error:
            raise CommandError("There is no such version: see manage.py config history.") from error
        except Refused as error:
            raise CommandError(error.detail) from error

    def _run(self, options: dict[str, Any]) -> None:
        what = options["what"]
        if what is None:
            self._print_all(as_json=options["json"])
            return
        runtime.refresh()  # the defaults of rate limits follow LIMITS_TIMES
        if what == "history":
            self._print_history(options["most"], as_json=options["json"])
            return
        if what == "revert":
            changes.revert(OPERATOR, options["version"], reason=options["reason"])
            self._print_history(1, as_json=options["json"])
            return
        values = _values(options)
        _check_names(values)
        changes.change(OPERATOR, values, reason=options["reason"])
        rows = [each for each in everything() if each.name in values]
        if options["json"]:
            self._print_json([each._asdict() for each in rows])
        for row in () if options["json"] else rows:
            self.stdout.write(f"{row.name}  {row.value}  {_source(row)}")

    def _print_all(self, *, as_json: bool) -> None:
        found = {setting.name: _value_and_source(setting) for setting in SETTINGS}
        for row in self._adjustable():
            if row.name in found or row.is_set:
                found[row.name] = row.value, _source(row)
        if as_json:
            rows = (dict(name=name, value=value, source=by) for name, (value, by) in found.items())
            self._print_json(list(rows))
            return
        widths = max(map(len, found)), max(len(value) for value, _ in found.values())
        for name, (value, source) in found.items():
            self.stdout.write(f"{name:{widths[0]}}  {value:{min(widths[1], 50)}}  {source}")

    def _adjustable(self) -> list[Adjustable]:
        """Nothing while the database is away, with a line about that."""
        try:
            runtime.refresh()
            return everything()
        except Error:
            self.stderr.write(
                "PostgreSQL cannot be asked for what was set while the server runs: this is the "
                "environment alone."
            )
            return []

    def _print_history(self, most: int, *, as_json: bool) -> None:
        rows = list(versions.history()[:most])
        if as_json:
            self._print_json([_as_dict(row) for row in rows])
            return
        if not rows:
            self.stdout.write("Nothing has been changed yet.")
        for row in rows:
            by = versions.changed_by(row)
            back = "" if row.reverted_to is None else f", back to version {row.reverted_to}"
            reason = f": {row.reason}" if row.reason else ""
            when = row.at.isoformat(timespec="seconds")
            self.stdout.write(f"{row.number}  {when}  {by}{back}{reason}")
            for name, (old, new) in sorted(row.changes.items()):
                self.stdout.write(f"    {name}: {old or '-'} → {new or '-'}")

    def _print_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, cls=DjangoJSONEncoder))

    def _update_files(self, *, write: bool) -> None:
        base = Path(settings.BASE_DIR)
        outdated = {
            path: text
            for path, text in documents.updated(base).items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        }
        names = ", ".join(str(path.relative_to(base)) for path in outdated)
        if outdated and not write:
            raise CommandError(f"Out of date: {names}. Run `make settings`.")
        for path, text in outdated.items():
            path.write_text(text, encoding="utf-8")
        if names:
            self.stdout.write(f"wrote {names}")


def _add_reason(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="why, for the audit log")


def _values(options: dict[str, Any]) -> dict[str, str | None]:
    if options["what"] == "unset":
        return dict.fromkeys(options["names"])
    pairs = options["pairs"]
    if len(pairs) % 2:
        raise CommandError(f"{pairs[-1]} has no value: config set NAME VALUE.")
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def _check_names(names: Iterable[str]) -> None:
    """Raises CommandError for a name that nothing has, with the nearest one."""
    known = {setting.name for setting in SETTINGS} | {each.name for each in everything()}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise CommandError(f"There is no setting or rate limit {name}.{hint}")


def _source(row: Adjustable) -> str:
    where = row.source
    if row.locked:
        return f"{where}, locked by CONFIG_LOCKED"
    if not row.is_set or row.set_at is None:
        return where
    by = f"set by {row.set_by or 'manage.py'}, {row.set_at.isoformat(timespec='seconds')}"
    if row.unread is not None:
        return f"{where}: this release does not allow {row.unread!r}, {by}"
    return f"{by}; {where}: {row.default}"


def _as_dict(row: SettingsVersion) -> dict[str, Any]:
    body = versions.body(row)
    return {name: getattr(body, name) for name in body.__struct_fields__}


def _value_and_source(setting: Setting) -> tuple[str, str]:
    value, source = text_and_source(setting)
    return (MASK if setting.secret and value else value or "", source)
