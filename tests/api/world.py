"""The people and chats of the examples in the API's document.

The document names them by ids that never change; `World.names` maps these to those of this run.
"""

import base64
import time
from copy import copy
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from apps.accounts.actions import app_tokens, exports, slowdowns, suspensions, warnings
from apps.accounts.models import User
from apps.accounts.second_factor_adapter import SecondFactorAdapter
from apps.accounts.sessions import SessionStore
from apps.accounts.staff import PROVED_AT
from apps.chats.actions import (
    drafts,
    edits,
    groups,
    hiding,
    holding,
    invite_links,
    moderating,
    reactions,
    saved,
    scheduled,
)
from apps.chats.actions.direct import open_direct
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.models import Scheduled
from apps.configuration.actions import changes
from apps.contacts.actions import contacts, personal_links
from apps.contacts.queries.personal_links import token
from apps.core.identifiers import new_id
from apps.emoji.models import Emoji, ListRevision
from apps.emoji.queries.emoji import _list_at
from apps.files.actions import uploads
from apps.files.gateways import objects
from apps.files.models import File
from apps.integrations.actions import bots, incoming, outgoing
from apps.moderation.actions import appeals, break_glass, reports
from apps.moderation.actions.audit import By, Door
from apps.notifications.actions import subscriptions
from apps.retention.models import DeletionReceipt
from apps.sso.models import Identity
from apps.wire import bodies
from tests.chats.factories import write
from tests.support.passkeys import PasskeyDevice
from tests.support.people import PASSWORD, in_touch, person, session_of
from tests.support.totp import totp
from tests.support.uploads import stored_file

ALICE = "0193a000-0000-7000-8000-00000000a11c"
BOB = "0193a000-0000-7000-8000-000000000b0b"
ERIN = "0193a000-0000-7000-8000-00000000e417"
FRANK = "0193a000-0000-7000-8000-00000000f4a4"
GRACE = "0193a000-0000-7000-8000-0000000064ac"
DANA = "0193a000-0000-7000-8000-00000000da4a"
WAITING = "0193a000-0000-7000-8000-000000003a17"
OPEN = "0193a000-0000-7000-8000-000000000be4"
HENRY = "0193a000-0000-7000-8000-000000004e47"
CREW = "0193a000-0000-7000-8000-00000000c4e0"
DIRECT = "0193a000-0000-7000-8000-00000000d14e"
BARGAINS = "0193a000-0000-7000-8000-0000000ba46a"
WARNING = "0193a000-0000-7000-8000-00000003a490"
LINK = "0193a000-0000-7000-8000-00000000114c"
LATER = "0193a000-0000-7000-8000-000000001a7e"
HELD = "0193a000-0000-7000-8000-000000004e1d"
EMOJI = "0193a000-0000-7000-8000-000000000e30"
BOT = "0193a000-0000-7000-8000-000000000b07"
BOT_TOKEN = "0193a000-0000-7000-8000-0000000b0770"
OPERATIONS = "0193a000-0000-7000-8000-0000000000b5"
WEBHOOK = "0193a000-0000-7000-8000-000000003eb0"
OUTGOING = "0193a000-0000-7000-8000-0000003eb400"
WEBHOOK_EVENT = "0193a000-0000-7000-8000-000003eb4e7e"
# In the future whenever the examples run.
DUE = "2027-01-01T08:00:00Z"
# The month in which the examples were written.
MONTH = "2026-11"
DEVICE = "0193a000-0000-7000-8000-00000000de01"
APP = "0193a000-0000-7000-8000-00000000a440"
EXPORT = "0193a000-0000-7000-8000-00000000e890"
RECEIPT = "0193a000-0000-7000-8000-0000000de1e7"
UPLOAD = "0193a000-0000-7000-8000-000000000b10"
FILE = "0193a000-0000-7000-8000-00000000f11e"
UNUSED = "0193a000-0000-7000-8000-000000000f1e"
# Ids that are numbers are those of the document: Grace's.
PASSKEY, IDENTITY = "7070707", "8080808"
CODE = "287082"
CHALLENGE = "Zm9yIHRoZSBleGFtcGxlcyBvZiB0aGUgZG9jdW1lbnQ"
NUMBERS = (PASSKEY, IDENTITY)
IDS = (
    *(ALICE, BOB, ERIN, FRANK, GRACE, DANA, CREW, DIRECT, LINK, LATER, DEVICE, APP, EXPORT),
    *(UPLOAD, FILE, UNUSED, HENRY, BARGAINS, WAITING, OPEN, WARNING, HELD, BOT, BOT_TOKEN),
    EMOJI,
    *(RECEIPT, OPERATIONS, WEBHOOK, OUTGOING, WEBHOOK_EVENT),
    *NUMBERS,
)
TOTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
SECRET = "the-secret-part-of-a-link"
OF_BOB = "the-secret-part-of-the-link-of-a-person"
ACCESS_TOKEN = "eyJhbGciOiJIUzI1NiJ9.access.signature"
REFRESH_TOKEN = "eyJhbGciOiJIUzI1NiJ9.refresh.signature"
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/gAAAA"
KEYS = {
    "p256dh": base64.urlsafe_b64encode(b"\x04" + bytes(range(64))).decode().rstrip("="),
    "auth": base64.urlsafe_b64encode(bytes(range(16))).decode().rstrip("="),
}


class World(NamedTuple):
    """`people` by name, the ids of this run by those of the document, Alice's session, and the
    contents of files by the keys of their objects."""

    people: dict[str, User]
    names: dict[str, str]
    session: str
    contents: dict[str, bytes]

    def actual(self, text: str) -> str:
        """A text of the document with the ids of this run."""
        for documented, own in self.names.items():
            text = text.replace(documented, own)
        return text

    def documented(self, text: str) -> str:
        """A text of this run with the ids of the document."""
        # The longest first: a time of this run may begin with its month.
        for documented, own in sorted(self.names.items(), key=lambda name: -len(name[1])):
            text = text.replace(own, documented)
        return text

    def copy(self) -> "World":
        """The same world for another test, which may change what is here. What gets old in minutes
        is new: a code, and the proof behind Alice's session."""
        people = {name: copy(user) for name, user in self.people.items()}
        session = SessionStore(self.session)
        session[PROVED_AT] = time.time()
        session.save()
        return self._replace(people=people, names=self.names | {CODE: totp(TOTP_SECRET)})

    def store_files(self) -> None:
        """Store the files again, at the storage of a new test."""
        for key, content in self.contents.items():
            objects.put(key, BytesIO(content))


def build() -> World:
    """Alice, who asks, and what the examples name. Needs the database."""
    people = {
        name: person(name, name=name.title())
        for name in ("alice", "bob", "erin", "frank", "grace", "dana", "henry", "mona", "nick")
    }
    User.objects.filter(username="alice").update(
        email="alice@example.org", time_zone="Europe/Berlin", password=_hashed()
    )
    people["alice"].refresh_from_db()
    alice, bob, erin = people["alice"], people["bob"], people["erin"]
    in_touch(alice, bob)
    in_touch(alice, erin)
    in_touch(erin, bob)
    contacts.invite(people["frank"].id, alice.id)
    contacts.invite(alice.id, people["grace"].id)
    contacts.block(alice.id, people["dana"].id)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    direct = open_direct(alice.id, bob.id)
    contents: dict[str, bytes] = {}
    menu = _store(alice, "menu.txt", b"Soup, fish, ice cream", contents)
    _talk(alice, bob, crew, menu.id)
    write(bob, direct, "Lunch? https://example.org/menu")
    _ask(bob, direct)
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(days=7), most_uses=10)
    later = scheduled.schedule(
        alice.id,
        crew,
        client_id=new_id(),
        text="Good morning!",
        due_at=timezone.now() + timedelta(days=1),
    )
    drafts.save_draft(alice.id, direct, text="Gladly, at", reply_to=None)
    session = session_of(alice)
    device = subscriptions.subscribe(
        alice.id, session_key=session, endpoint=f"{ENDPOINT}-phone", keys=KEYS, name="Phone"
    )
    bargains, warning = _moderate(people)
    waiting, reading = _ask_to_read(people, bargains)
    documented = (ALICE, BOB, ERIN, FRANK, GRACE, DANA, HENRY)
    ids = {
        **dict(zip(documented, people.values(), strict=False)),
        LINK: link,
        LATER: later,
        HELD: _hold(alice, crew),
        DEVICE: device,
        EXPORT: exports.ask(alice.id),
        RECEIPT: _receipt(crew),
        UPLOAD: uploads.begin(alice.id, client_id=new_id(), name="notes.txt", size=11),
        FILE: menu,
        UNUSED: _store(alice, "list.txt", b"Cheese", contents),
    }
    names = {documented: str(each.id) for documented, each in ids.items()}
    due = timezone.now().replace(microsecond=0) + timedelta(days=30)
    names[MONTH] = f"{timezone.now():%Y-%m}"
    names[DUE] = due.isoformat().replace("+00:00", "Z")
    app = app_tokens.begin(alice.id, name="Phone")
    names[CODE] = totp(TOTP_SECRET)
    _give_factors(people["grace"], people["erin"])
    names |= {APP: str(app.device), ACCESS_TOKEN: app.access, REFRESH_TOKEN: app.refresh}
    names |= {CREW: str(crew), DIRECT: str(direct), BARGAINS: str(bargains)}
    names |= {WAITING: str(waiting), OPEN: str(reading), WARNING: str(warning)}
    bot = bots.make(people["grace"].id, username="builds", name="Builds")
    scopes = ["chats:read", "messages:write"]
    _, bot_token = bots.make_token(people["grace"].id, bot, name="Nightly", scopes=scopes)
    names |= {BOT: str(bot), BOT_TOKEN: str(bot_token)}
    names[EMOJI] = _emoji(alice, contents)
    operations = groups.create_group(people["grace"].id, "Operations", [])
    webhook, _ = incoming.make(people["grace"].id, operations, name="Alarms")
    names |= {OPERATIONS: str(operations), WEBHOOK: str(webhook)}
    hook, _ = outgoing.make(
        alice.id, crew, url="https://hooks.example.org/parley", events=["message.created"]
    )
    names |= {OUTGOING: str(hook), WEBHOOK_EVENT: str(outgoing.test(alice.id, crew, hook))}
    names[SECRET] = link.secret
    names[OF_BOB] = token(personal_links.make(bob.id))
    return World(people, names, session, contents)


def _ask(person: User, chat: UUID) -> None:
    """A poll, which is written in this transaction."""
    data = {
        "question": "Soup?",
        "options": ["Yes", "No"],
        "multiple": False,
        "anonymous": False,
        "closed": False,
        "counts": [0, 0],
        "voters": 0,
    }
    layout = bodies.Layout(plugin="polls", data=data)
    given = {"sender": person.id, "chat": chat, "client_id": new_id(), "text": "Soup?"}
    send_batch([validated_send(**given, layout=layout)])


def _receipt(crew: UUID) -> DeletionReceipt:
    """Of messages that an operator erased, before those that the examples read."""
    now = timezone.now()
    return DeletionReceipt.objects.create(
        kind="operator",
        chat_id=crew,
        reason="Asked for by the owner.",
        before=1,
        removed={"messages": 12, "search": 12, "objects": 2},
        digest=64 * "0",
        begun_at=now,
        due_at=now,
        rows_deleted_at=now,
        finished_at=now,
    )


def _emoji(owner: User, contents: dict[str, bytes]) -> str:
    """One that moves, noted in `contents`."""
    row = Emoji.objects.create(name="party_cat", made_by=owner.id, size=3, still_size=2)
    row.aliases.create(name="kitty")
    ListRevision.objects.create(number=1)
    # Another world of this process had the same revision.
    _list_at.cache_clear()
    contents |= dict(zip(row.keys, (b"GIF", b"gi"), strict=True))
    return str(row.id)


def _store(owner: User, name: str, content: bytes, contents: dict[str, bytes]) -> File:
    """A ready file, noted in `contents`."""
    file = stored_file(owner, name, content)
    contents[file.blob.key("original")] = content
    return file


def _hold(alice: User, crew: UUID) -> Scheduled:
    """A message of Alice's that waits for a moderator."""
    holding.hold(
        alice.id,
        crew,
        client_id=new_id(),
        text="Cheap pills, see below",
        reply_to=None,
        files=(),
        rules=(),
    )
    return Scheduled.objects.get(user_id=alice.id, state=Scheduled.State.HELD)


def _moderate(people: dict[str, User]) -> tuple[UUID, UUID]:
    """Mona is an administrator. Henry's group has a hidden message and is closed, and he is
    suspended, has answered, and was slowed down. Alice has reported Dana, who was warned. Returns
    the group and the warning."""
    alice, henry, mona = people["alice"], people["henry"], people["mona"]
    mona.is_staff = mona.is_superuser = True
    mona.save(update_fields=["is_staff", "is_superuser"])
    group = groups.create_group(henry.id, "Bargains", [])
    hiding.hide_message(group, write(henry, group, "Buy now").seq)
    until = timezone.now() + timedelta(days=7)
    suspensions.begin(henry.id, until=until, reason="Adverts")
    appeals.appeal(henry.id, "My account was stolen.")
    by_mona = By(mona.id, Door.API)
    changes.change(by_mona, {"HELD_DAYS": "3"}, reason="Nothing waits for a week")
    slowdowns.begin(henry.id, interval_s=60, until=until, reason="Adverts")
    moderating.set_closed(group, "Adverts")
    warning = warnings.give(people["dana"].id, text="No threats, please.")
    asked = reports.Reported(kind="person", reason="harassment", person=people["dana"].id)
    reports.create_report(alice.id, asked)
    return group, warning.id


def _ask_to_read(people: dict[str, User], group: UUID) -> tuple[UUID, UUID]:
    """Nick waits for approval to read Henry's group, and Mona has it. Returns both requests."""
    mona, nick = people["mona"], people["nick"]
    nick.is_staff = nick.is_superuser = True
    nick.save(update_fields=["is_staff", "is_superuser"])
    since = timezone.now() - timedelta(days=1)
    by_mona, by_nick = By(mona.id, Door.API), By(nick.id, Door.API)
    asked = break_glass.Asked(group, since, "illegal", "Offers of stolen goods", 2)
    reading = break_glass.ask(by_mona, asked)
    break_glass.approve(by_nick, reading.id)
    return break_glass.ask(by_nick, asked).id, reading.id


@cache
def _hashed() -> str:
    """The stored form of Alice's password: hashing takes long."""
    return make_password(PASSWORD)


def pending() -> dict[str, Any]:
    """What a browser's session remembers between two requests of setting up a second factor."""
    return {
        SECRET_SESSION_KEY: SecondFactorAdapter().encrypt(TOTP_SECRET),
        STATE_SESSION_KEY: {"challenge": CHALLENGE, "user_verification": None},
    }


def _give_factors(grace: User, erin: User) -> None:
    """Grace has a password, a passkey and an identity; Erin has an authenticator app."""
    for each in (grace, erin):
        each.password = _hashed()
        each.save(update_fields=["password"])
    options = {"rp": {"id": urlsplit(settings.PUBLIC_URL).hostname}, "challenge": CHALLENGE}
    Authenticator.objects.create(
        id=int(PASSKEY),
        user=grace,
        type=Authenticator.Type.WEBAUTHN,
        data={
            "name": "Blue key",
            "credential": PasskeyDevice(settings.PUBLIC_URL).create(options),
        },
    )
    TOTP.activate(erin, TOTP_SECRET)
    Identity.objects.create(
        id=int(IDENTITY), user=grace, issuer="https://id.example.org", subject="grace"
    )


def _talk(alice: User, bob: User, crew: UUID, menu: UUID) -> None:
    """The entries 3 to 6 of the group; "created" and "joined" are 1 and 2."""
    asked = write(alice, crew, "Shall we meet on Friday?")
    answered = write(bob, crew, "Yes, at ten.")
    write(alice, crew, "See you *then*.", files=[menu])
    edits.edit_message(alice.id, crew, seq=asked.seq, text="Shall we meet on Friday, @bob?")
    reactions.add_reaction(bob.id, crew, seq=asked.seq, emoji="👍")
    edits.pin_message(alice.id, crew, seq=answered.seq, pinned=True)
    saved.save_message(alice.id, crew, seq=answered.seq, saved=True)
