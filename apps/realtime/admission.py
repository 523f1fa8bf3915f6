"""Admits people who connect: who they are, and their first event."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.accounts.queries import profiles
from apps.accounts.queries.app_sessions import SignedIn
from apps.core.errors import Unavailable
from apps.realtime import authentication
from apps.realtime.announced import announced
from apps.realtime.authentication import Credentials
from apps.wire import epochs, events


class Admitted(NamedTuple):
    """A person who may connect: their first event, the session of the connection, and what the
    token of a bot covers (None for people)."""

    welcome: events.Welcome
    session_key: str
    scopes: frozenset[str] | None


def admit(asked: Sequence[Credentials]) -> list[Admitted | Exception | None]:
    """The person whom each of these credentials signs in, or None. An exception is for its
    credentials alone: nothing is read again after a ticket has been used up."""
    epoch = epochs.reading()
    found = authentication.signed_in_together(asked, epoch)
    return [_answer(each, epoch.result) for each in found]


def _answer(found: SignedIn | Exception | None, epoch: UUID | None) -> Admitted | Exception | None:
    if found is None or isinstance(found, Exception):
        return found
    if epoch is None:
        return Unavailable()
    try:
        return _admitted(found, epoch=epoch)
    except Exception as error:
        return error


def _admitted(found: SignedIn, *, epoch: UUID) -> Admitted:
    limits, motd, emoji = announced()
    welcome = events.Welcome(
        epoch=epoch,
        me=profiles.me_body(found.user),
        time=timezone.now(),
        limits=limits,
        release=settings.STATIC_RELEASE,
        motd=motd,
        emoji=emoji,
    )
    return Admitted(welcome, found.session_key, found.scopes)
