"""`manage.py erase`: deletes the beginning of a chat, or all of it, for good."""

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.chats.models import Chat
from apps.chats.queries.history import first_on
from apps.core.errors import Refused
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By, Door
from apps.retention.actions import deleting
from apps.retention.models import DeletionReceipt
from apps.retention.queries.receipts import document


class Command(BaseCommand):
    """Erases messages at once, and prints the receipt."""

    help = "Delete messages of a chat for good, and print the receipt. docs/retention.md"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The chat, how much of it, and why."""
        parser.add_argument("chat", type=UUID)
        part = parser.add_mutually_exclusive_group(required=True)
        part.add_argument("--before", type=date.fromisoformat, help="a day of UTC: 2026-11-30")
        part.add_argument("--all", action="store_true")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--yes", action="store_true", help="do not ask; scripts are not asked")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown chat, and while it is on hold."""
        chat = Chat.objects.filter(id=options["chat"]).first()
        if chat is None:
            raise CommandError("There is no such chat.")
        before = None
        if options["before"]:
            before = first_on(chat.id, day=options["before"], time_zone=ZoneInfo(str(UTC)))
        before = chat.last_seq + 1 if before is None else before
        if not options["yes"] and sys.stdin.isatty():
            _ask(chat, before)
        reason, by = options["reason"], By(None, Door.COMMAND)
        try:
            with transaction.atomic():
                row = deleting.begin(
                    chat,
                    kind=DeletionReceipt.Kind.OPERATOR,
                    before=before,
                    reason=reason,
                )
                audit.record("erase", by=by, about=About(chat=chat.id), reason=reason)
        except Refused as error:
            raise CommandError(error.detail) from error
        deleting.go_on(row.id)
        row.refresh_from_db()
        self.stdout.write(json.dumps(document(row), indent=2))
        if row.finished_at is None:
            self.stderr.write(
                "The deletion goes on: workers delete the rest, and the objects at the file "
                "storage. The receipt in the admin then has `finished_at` and its hash."
            )


def _ask(chat: Chat, before: int) -> None:
    """Raises CommandError unless the operator says yes."""
    name = chat.title or f"the {chat.kind} chat"
    count = max(0, before - chat.kept_from)
    print(f"{count} entries of {name} ({chat.id}) are deleted for good.")  # noqa: T201
    if input("Type yes to delete them: ").strip() != "yes":
        raise CommandError("Nothing was deleted.")
