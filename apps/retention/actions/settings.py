"""How long a chat keeps its messages."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from apps.chats.actions.chat_change import changing
from apps.chats.roles import Right
from apps.core.errors import Invalid
from apps.core.limits import GROUP_CHANGES, limited
from apps.core.runtime import runtime
from apps.retention.models import InstallationRule

# Fewer days count only then, so that a slip can be undone.
GRACE = timedelta(days=1)
MAX_DAYS = 3650
# The kind of the system entry; its text is the number of days.
RETENTION = "retention"


@limited(GROUP_CHANGES)
def set_keep_days(user_id: UUID, chat_id: UUID, days: int) -> None:
    """Delete a chat's messages when they are older than `days`; 0: keep them. A system entry tells
    all members. Fewer days count after GRACE, more at once.

    Owners of a group, and both people of a direct chat. Raises NotFound, Forbidden, NotContacts,
    ChatClosed, Invalid.
    """
    if not 0 <= days <= MAX_DAYS:
        raise Invalid(gettext("Choose up to {n} days.").format(n=MAX_DAYS), pointer="#/days")
    with changing(user_id, chat_id, Right.RETENTION) as change:
        chat = change.chat
        if days == chat.keep_days:
            return
        if days and (not chat.keep_days or days < chat.keep_days):
            chat.keep_days_from = change.now + GRACE
        chat.keep_days = days
        change.entry(RETENTION, text=str(days))


@transaction.atomic
def observe_installation_rule() -> None:
    """Note a new value of RETENTION_DAYS, and when it begins to count."""
    InstallationRule.objects.get_or_create(
        id=1, defaults={"days": 0, "counts_from": timezone.now()}
    )
    row = InstallationRule.objects.select_for_update().get(id=1)
    days = runtime.RETENTION_DAYS
    if days == row.days:
        return
    if days and (not row.days or days < row.days):
        row.counts_from = timezone.now() + GRACE
    row.days = days
    row.save()
