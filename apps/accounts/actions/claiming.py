"""Gives the account of a placeholder to the person who proved to be the one it stands for.

`take` locks the account and opens it; the caller then sets and saves its other fields, and calls
`finish`, all in one transaction. So of two who prove the same address at once, one gets it, and the
other an account as anybody.
"""

import logging

from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.actions.access import Way
from apps.accounts.models import Placeholder, Suspension, User
from apps.accounts.queries import profiles
from apps.accounts.staff_record import record_following
from apps.wire.publish import publish

logger = logging.getLogger(__name__)


def take(*, email: str = "", subject: tuple[str, str] | None = None) -> User | None:
    """The account of the placeholder with this identity at a provider (issuer, subject), else with
    this address; None if there is none. Call it inside the transaction of the claim.

    Both must be proven by the person. An address does not claim somebody who had left: it may be
    another person's by now. The account of somebody whom moderators have suspended is returned, and
    stays closed until the suspension ends.
    """
    found = Placeholder.objects.filter(user__is_bot=False).order_by("made_at", "user_id")
    known = found.filter(subjects__contains=[[*subject]]).first() if subject else None
    if known is None and email:
        known = found.filter(email=email.strip().lower(), former=False).first()
    if known is None:
        return None
    # The order of docs/locks.md: the stream, then the person.
    streams.lock([known.user_id])
    user = User.objects.select_for_update(no_key=True).get(id=known.user_id)
    if not Placeholder.objects.filter(user=user).delete()[0]:
        return None  # somebody else was first
    rev = streams.advance([user.id])[user.id]
    is_suspended = Suspension.objects.filter(user=user).exists()
    user.is_active, user.closed_way = not is_suspended, Way.SUSPENSION if is_suspended else ""
    user.date_joined = timezone.now()
    user.version, user.stream_rev = user.version + 1, rev
    return user


def finish(user: User) -> None:
    """Tell of a claimed account, which is saved, and record the claim."""
    publish([profiles.changed(user)])
    logger.info("%s claimed an imported account", user.id)
    record_following("claim_account", person=user.id)
