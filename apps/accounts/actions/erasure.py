"""Erases what accounts store about a person whose account is deleted."""

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from apps.accounts import barred_emails, former_usernames
from apps.accounts.actions import streams
from apps.accounts.erasure_handlers import Erased
from apps.accounts.models import (
    Export,
    PersonWarning,
    Placeholder,
    Session,
    Slowdown,
    Suspension,
    Ticket,
    User,
)
from apps.accounts.queries.profiles import FORMER_NAME
from apps.wire.models import IdempotencyKey

# `share_seen`: where somebody has read is shown no more than before.
KEPT = {
    "id",
    "date_joined",
    "is_active",
    "closed_way",
    "erased_at",
    "share_seen",
    "version",
    "stream_rev",
    "search_name",
}


def erase(user_id: UUID) -> Erased:
    """Everything but the profile, which `contacts` erases: others see it."""
    user = User.objects.get(id=user_id)
    _bar_emails(user_id)
    slowdowns = Slowdown.objects.filter(user_id=user_id).delete()[0]
    streams.lock([user_id])
    user.groups.clear()
    user.user_permissions.clear()
    return {
        "warnings": PersonWarning.objects.filter(user_id=user_id).delete()[0],
        "slowdowns": slowdowns,
        "suspensions": Suspension.objects.filter(user_id=user_id).delete()[0],
        # Of a sign-in that was under way while the account was closed.
        "sessions": Session.objects.filter(user_id=user_id).delete()[1].get("accounts.Session", 0),
        "e-mail addresses": EmailAddress.objects.filter(user_id=user_id).delete()[0],
        "placeholders": Placeholder.objects.filter(user_id=user_id).delete()[0],
        "second factors": Authenticator.objects.filter(user_id=user_id).delete()[0],
        "tickets": Ticket.objects.filter(user_id=user_id).delete()[0],
        "stored responses": IdempotencyKey.objects.filter(user_id=user_id).delete()[0],
        # A task deletes the files, and the rows after them.
        "data exports": Export.objects.filter(user_id=user_id, expires_at__gt=Now()).update(
            expires_at=Now()
        ),
        "names in the admin's history": _history(user_id).update(object_repr=FORMER_NAME),
    }


def _bar_emails(user_id: UUID) -> None:
    """Keep a suspended person's addresses from new accounts. Not those that nobody confirmed: they
    may be of other people."""
    for suspension in Suspension.objects.filter(user_id=user_id):
        own = EmailAddress.objects.filter(user_id=user_id, verified=True)
        barred_emails.bar(own.values_list("email", flat=True), until=suspension.until)


def _history(user_id: UUID) -> "QuerySet[LogEntry]":
    """Entries of the admin's history that name the person."""
    account = ContentType.objects.get_for_model(User)
    entries = LogEntry.objects.filter(content_type=account, object_id=str(user_id))
    return entries.exclude(object_repr=FORMER_NAME)


def forget_profile(user_id: UUID) -> User:
    """Empty the profile and keep its username from others. Call it inside the transaction that
    tells everybody who sees the person.

    The row stays: chats and messages refer to it.
    """
    user = User.objects.get(id=user_id)
    former_usernames.reserve(user.username)
    blank = User(id=user.id, username=placeholder(user.id), name=FORMER_NAME)
    blank.set_unusable_password()
    names = {field.attname for field in User._meta.concrete_fields} - KEPT
    values = {name: getattr(blank, name) for name in names}
    User.objects.filter(id=user_id).update(**values, erased_at=Now(), version=F("version") + 1)
    return User.objects.get(id=user_id)


def placeholder(user_id: UUID) -> str:
    """A username that no account can choose: a valid one does not begin with a dash."""
    return f"-{user_id.hex[1:]}"
