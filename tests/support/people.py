"""The cast: Alice owns, Bob belongs, Charlie stands outside, Dana is blocked."""

import time
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.test import Client
from django.utils import timezone
from msgspec.structs import replace

from apps.accounts.actions import streams
from apps.accounts.models import User
from apps.accounts.sessions import SessionStore
from apps.accounts.staff import PROVED_AT
from apps.chats.actions import groups
from apps.chats.actions.direct import open_direct
from apps.contacts.models import Contact
from apps.contacts.queries import contacts
from apps.wire.publish import publish

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "correct horse battery"
# The real hash takes 0.25 s by design.
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(username: str, **fields: object) -> User:
    """Somebody who never signs in with a password (making one takes long)."""
    return User.objects.create(username=username, password="!", **fields)


@pytest.fixture
def alice(db) -> User:
    return person("alice", name="Alice Ärmel")


@pytest.fixture
def bob(db) -> User:
    return person("bob", name="Bob")


@pytest.fixture
def charlie(db) -> User:
    return person("charlie")


@pytest.fixture
def dana(db) -> User:
    return person("dana", name="Dana")


def with_mail(user: User, email: str = "", *, verified: bool = True) -> User:
    """Give the person an address."""
    user.email = email or f"{user.username}@example.org"
    user.save(update_fields=["email"])
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def signed_in(user: User) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
    return client


def session_of(user: User) -> str:
    """The key of a new session of the person, as a sign-in makes it, without what else follows a
    sign-in (`Client.force_login` has that, in 21 statements instead of 4)."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[PROVED_AT] = time.time()
    session.create()
    return str(session.session_key)


@transaction.atomic
def in_touch(one: User, other: User) -> None:
    """Make two people contacts: `one` invited, `other` accepted. Stores the rows of the two actions
    (`tests/contacts/test_in_touch.py`) in four statements instead of 18, and publishes the event of
    the second one. Opens no chat: tests open it when they need it, and count its messages from one.
    """
    people = [one.id, other.id]
    streams.advance(people)
    revs = streams.advance(people)
    since = timezone.now()
    rows = [
        Contact(
            owner_id=owner.id,
            other_id=contact.id,
            state=Contact.State.CONTACT,
            since=since,
            owner_rev=revs[owner.id],
        )
        for owner, contact in ((one, other), (other, one))
    ]
    Contact.objects.bulk_create(
        rows,
        update_conflicts=True,  # of former contacts
        unique_fields=["owner", "other"],
        update_fields=["state", "since", "owner_rev", "greeting"],
    )
    events = [contacts.changed(row, user) for row, user in zip(rows, (other, one), strict=True)]
    # In place of two events: a device that listens misses none.
    publish(replace(each, follows=revs[each.to] - 2) for each in events)


@pytest.fixture
def crew(alice: User, bob: User) -> UUID:
    """Alice's group, Bob in it."""
    in_touch(alice, bob)
    return groups.create_group(alice.id, "Crew", [bob.id])


def direct_chat(one: User, other: User) -> UUID:
    """The direct chat of two people who are put in touch for it."""
    in_touch(one, other)
    return open_direct(one.id, other.id)


@pytest.fixture
def chat(alice: User, bob: User) -> UUID:
    """Alice's and Bob's direct chat."""
    return direct_chat(alice, bob)
