"""Sending reminders that are due. A worker claims each, and its id is the client id of the message:
so it is sent once, whatever worker dies in between."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext, override

from apps.accounts.models import User
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.content_rules import content_rules
from apps.core.claims import claim, still_held
from apps.core.errors import NotFound, RateLimited, Refused, Slowed
from apps.core.skip_failed import skip_failed
from apps.integrations.plugins.bots import direct_chat
from apps.plugins.reminders.models import Reminder

logger = logging.getLogger(__name__)
MAX_SENDS_PER_PASS = 50
# Short, because repeating a send is harmless: rows of a dead worker are soon due again.
LEASE = timedelta(seconds=15)
State = Reminder.State


def send_due() -> int:
    """Send due reminders. Returns how many were claimed. Safe to run concurrently anywhere."""
    due = Reminder.objects.filter(state=State.WAITING, due_at__lte=Now()).order_by("due_at", "id")
    taken = claim(due, limit=MAX_SENDS_PER_PASS, lease=LEASE)
    if taken:
        content_rules().refresh()
    for row in taken:
        with skip_failed(logger, "a reminder cannot be sent: %s", row.id):
            finish(row, send(row))
    return len(taken)


def send(row: Reminder) -> Sent | Refused:
    """Send a claimed row. If this raises, the claim runs out and the row is due again."""
    person = User.objects.filter(id=row.user_id, is_active=True).first()
    if person is None:
        return NotFound()
    with override(person.locale):
        text = gettext("Reminder: %(text)s") % {"text": row.text}
        try:
            sender, chat = row.user_id, row.chat_id
            if not row.here:
                sender, chat = direct_chat("reminders", person.id, name=_name_of_bot())
            request = validated_send(
                sender=sender, chat=chat, client_id=row.id, text=text, reply_to=row.reply_to
            )
        except Refused as refusal:
            return refusal
    [outcome] = send_batch([request])
    return outcome


def _name_of_bot() -> str:
    # It is the bot of all people, whatever the language of the first one.
    with override(settings.LANGUAGE_CODE):
        return gettext("Reminders")


def finish(row: Reminder, outcome: Sent | Refused) -> None:
    """Store what became of a claimed row, unless another worker has it."""
    with transaction.atomic():
        held = still_held(row)
        if held is None or held.state != State.WAITING:
            return
        held.claimed_at = None
        if isinstance(outcome, Slowed | RateLimited):
            held.due_at = timezone.now() + timedelta(seconds=outcome.retry_after_s)
        else:
            held.ended_at = timezone.now()
            held.text = ""
            held.state = State.SENT if isinstance(outcome, Sent) else State.FAILED
            held.reason = outcome.code if isinstance(outcome, Refused) else ""
        held.save()
