"""How a connection begins and ends, the same on every transport."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.accounts.queries import profiles
from apps.realtime import authentication
from apps.realtime.outgoing import Line, Outgoing
from apps.realtime.server import Server
from apps.realtime.session import Session
from apps.wire import bodies, events
from apps.wire.limits import FRAME_BYTES
from apps.wire.models import Epoch

# Connections of one person in one process, of all transports.
MOST_OF_A_PERSON = 30


def welcome(session_key: str) -> events.Welcome | None:
    """The first event for whoever is signed in with this session; None for nobody."""
    user = authentication.person_of(session_key)
    if user is None:
        return None
    return events.Welcome(
        epoch=Epoch.objects.values_list("id", flat=True).latest("began_at"),
        me=profiles.me_body(user),
        time=timezone.now(),
        limits=bodies.Limits(text_length=settings.TEXT_LENGTH - 1, frame_bytes=FRAME_BYTES),
        release=settings.STATIC_RELEASE,
    )


def too_many(running: Server, person: UUID) -> bool:
    """Whether somebody has as many connections here as a person may have."""
    return len(running.hub.sessions_of(person)) >= MOST_OF_A_PERSON


def session_on(line: Line, running: Server, *, welcomed: events.Welcome, key: str) -> Session:
    """A connection of the person who was welcomed with session `key`; they are greeted."""
    session = Session(
        person=welcomed.me.id,
        session_key=key,
        outgoing=Outgoing(line, running.hub.round),
    )
    session.send(welcomed)
    return session


@asynccontextmanager
async def connected(running: Server, session: Session) -> AsyncIterator[None]:
    """For as long as this lasts, the hub knows the connection and its person is here."""
    running.hub.sessions.add(session)
    try:
        running.presence.arrive(session)
        yield
    finally:
        session.outgoing.closed = True
        running.hub.leave(session)
        running.presence.depart(session)
