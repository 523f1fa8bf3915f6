"""What is left of a person in the database after their account was deleted."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts import erasure_handlers
from apps.accounts.actions import accounts, app_tokens, deletions, exports, tickets
from apps.accounts.actions.registration import register
from apps.accounts.models import Deletion, Ending, FormerUsername, User
from apps.accounts.tasks import erase_accounts
from apps.chats.actions import drafts, edits, groups, reactions, receipts, saved, scheduled
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.direct import open_direct
from apps.chats.actions.group_commit import group_commit
from apps.chats.models import Chat, Member, Message, Scheduled
from apps.chats.models.member import Role
from apps.chats.queries import chat_list, members
from apps.contacts.actions import contacts, profile
from apps.contacts.models import Contact
from apps.core.identifiers import new_id
from apps.files.models import File
from apps.notifications.actions import preferences
from apps.notifications.models import Delivery, Digest, Push, Subscription
from apps.scim.models import DirectoryEntry
from apps.sso.models import Identity, ProviderPicture
from apps.wire.events import ContactChanged
from tests.chats.factories import give_back_connection, write
from tests.support.events import sink
from tests.support.people import PASSWORD, in_touch, person, session_of, signed_in
from tests.support.reading import values_of

pytestmark = pytest.mark.django_db(transaction=True)
# In everything that is planted about the person, and in nothing else.
MARK = "quokkina"
WITHOUT_PEOPLE = {"core", "wire"}
COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY table_name, column_name
"""
# Where the marker is before, by table: if this does not have a new column about people, plant it.
PLANTED = {
    "account_emailaddress.email",
    "accounts_session.agent",
    "accounts_session.name",
    "accounts_user.about",
    "accounts_user.email",
    "accounts_user.name",
    "accounts_user.search_name",
    "accounts_user.status_text",
    "accounts_user.username",
    "chats_draft.text",
    "chats_scheduled.files",
    "chats_scheduled.text",
    "django_admin_log.object_repr",
    "mfa_authenticator.data",
    "notifications_delivery.device",
    "notifications_digest.refused",
    "notifications_preferences.keywords",
    "notifications_subscription.endpoint",
    "notifications_subscription.name",
    "scim_directoryentry.attributes",
    "scim_directoryentry.external_id",
    "scim_directoryentry.user_name",
    "sso_identity.subject",
    "sso_providerpicture.url",
}
# Decision 0042 lists what stays: these expire, and are deleted with their contents.
STAYS = {"files_file.body", "files_file.name"}


def places(word):
    """The columns, of all tables, in which the word is."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            name = connection.ops.quote_name
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {name(table)} WHERE {name(column)}::text ILIKE %s)",
                [f"%{word}%"],
            )
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


def delete(user):
    deletions.start(user.id, at_once=True)
    erase_accounts()
    assert not Deletion.objects.filter(user_id=user.id).exists()
    user.refresh_from_db()


@pytest.fixture
def erin(db):
    user = register(
        MARK, password=PASSWORD, name="Quokkina Erin", email=f"{MARK}@example.org", confirmed=True
    )
    profile.update(user.id, version=None, about=f"I am {MARK}", status_text=f"{MARK} is busy")
    return User.objects.get(id=user.id)


def plant(user, other, crew):
    """Something in every table that has texts about a person."""
    soon = timezone.now() + timedelta(hours=1)
    direct = open_direct(user.id, other.id)
    browser = Client(headers={"User-Agent": f"{MARK} browser"})
    browser.post("/accounts/login/", {"login": MARK, "password": "wrong"})
    browser.post("/accounts/login/", {"login": MARK, "password": PASSWORD})
    browser.get("/settings/data")
    app = app_tokens.begin(user.id, name=f"Phone of {MARK}")
    tickets.issue(user.id, session_key=f"app:{app.device.hex}")
    exports.ask(user.id)
    drafts.save_draft(user.id, direct, text=f"{MARK} was about", reply_to=None)
    scheduled.schedule(user.id, crew, client_id=new_id(), text=f"{MARK} says", due_at=soon)
    picture = {"id": str(new_id()), "name": MARK, "kind": "file", "type": "", "size": 1}
    Scheduled.objects.filter(user_id=user.id).update(files=[{**picture, "variants": []}])
    preferences.set_preferences(user.id, preferences.PreferencesUpdate(keywords=[MARK]))
    Digest.objects.create(user=user, refused=f"{MARK}@example.org")
    Authenticator.objects.create(user=user, type="webauthn", data={"name": f"Key of {MARK}"})
    identity = Identity.objects.create(user=user, issuer="https://id.example.org", subject=MARK)
    ProviderPicture.objects.create(identity=identity, url=f"https://id.example.org/{MARK}")
    DirectoryEntry.objects.create(
        user=user, user_name=MARK, external_id=MARK, attributes={"displayName": MARK}
    )
    device = Subscription.objects.create(
        user=user,
        session_id=session_of(user),
        endpoint=f"https://push.example/{MARK}",
        endpoint_hash="hash",
        host="push.example",
        keys={},
        name=f"Laptop of {MARK}",
    )
    write(other, direct, "a word that is pushed")
    push = Push.objects.get(user=user, chat_id=direct)
    Delivery.objects.create(
        push=push,
        subscription=device,
        device=device.name,
        host=device.host,
        due_at=soon,
        created_at=timezone.now(),
    )
    key = {"Idempotency-Key": "of-a-group"}
    made = signed_in(user).post(
        "/api/v1/groups", {"title": "Alone", "people": []}, "application/json", headers=key
    )
    assert made.status_code == 201
    root = person("root", is_staff=True, is_superuser=True)
    User.objects.filter(id=user.id).update(is_superuser=True)
    account = ContentType.objects.get_for_model(User)
    root.logentry_set.create(
        content_type=account, object_id=str(user.id), object_repr=str(user), action_flag=2
    )
    for uses, name in ((0, "unused"), (1, "in a message")):
        File.objects.create(
            owner_id=user.id,
            client_id=new_id(),
            name=f"{MARK} {name}",
            size=1,
            uses=uses,
            body={"name": f"{MARK} {name}"},
            created_at=timezone.now(),
            expires_at=soon,
        )


def test_nothing_of_the_person_is_left_in_any_table(erin, bob):
    in_touch(erin, bob)
    crew = groups.create_group(bob.id, "Crew", [erin.id])
    plant(erin, bob, crew)
    assert places(MARK) == PLANTED | STAYS
    delete(erin)
    assert places(MARK) == STAYS
    unused, shown = File.objects.order_by("uses")
    assert unused.expires_at <= timezone.now() < shown.expires_at
    assert not erin.check_password(PASSWORD)
    assert (erin.is_superuser, erin.is_active, erin.last_login) == (False, False, None)
    tables = ("accounts_session", "accounts_ticket", "wire_idempotencykey", "chats_saved")
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE user_id = %s", [erin.id])
            assert cursor.fetchone() == (0,), table


def test_every_app_registers_what_it_erases():
    ours = {
        each.label for each in apps.get_app_configs() if each.name.startswith(("apps.", "plugins."))
    }
    assert erasure_handlers.registered_erasures() == ours - WITHOUT_PEOPLE


def test_messages_and_reactions_stay_and_others_read_the_new_name(alice, bob, chat):
    crew = groups.create_group(bob.id, "Crew", [alice.id])
    sent = write(alice, chat, "what stays")
    edits.edit_message(alice.id, chat, seq=sent.seq, text="what stays, edited")
    write(bob, chat, "and this")
    reactions.add_reaction(alice.id, chat, seq=2, emoji="🎉")
    write(bob, chat, "and more")
    receipts.move_positions(alice.id, [receipts.Receipt(chat, read=3)])
    saved.save_message(alice.id, chat, seq=2, saved=True)
    set_chat_settings(alice.id, chat, ChatSettings(pinned=True))
    delete(alice)
    texts = Message.objects.filter(chat_id=chat).order_by("seq").values_list("text", flat=True)
    assert list(texts) == ["what stays, edited", "and this", "and more"]
    [shown] = [each for each in chat_list.by_ids(bob.id, [chat])]
    assert (shown.person.id, shown.person.name, shown.person.username) == (
        alice.id,
        "Former member",
        "",
    )
    assert (shown.person.about, shown.person.status) == ("", None)
    member = Member.objects.get(user=alice, chat_id=chat)
    assert (member.pinned, member.read_seq, member.left_rev) == (False, 3, None)
    assert (member.read_from, member.read_to, member.read_at) == (None, None, None)
    browser = signed_in(bob)
    page = browser.get(f"/api/v1/chats/{chat}/messages").json()["items"]
    assert page[1]["reactions"][0]["people"] == [str(alice.id)]
    items = browser.get(f"/api/v1/chats/{crew}/members").json()
    assert [each["person"]["username"] for each in items["items"]] == ["bob"]
    [former] = items["former"]
    assert (former["person"]["name"], former["joined_at"]) == ("Former member", None)
    assert browser.get("/api/v1/people?q=alice").json()["items"] == []
    assert browser.get("/api/v1/people?q=former member").json()["items"] == []
    assert browser.get(f"/api/v1/people/{alice.id}").status_code == 404
    answer = browser.post(
        f"/api/v1/chats/{chat}/messages",
        {"client_id": str(new_id()), "text": "are you there?"},
        "application/json",
    )
    give_back_connection(group_commit)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_contacts")


def test_contacts_invitations_and_blocks_end_on_both_sides(alice, bob, charlie, dana):
    in_touch(alice, bob)
    contacts.invite(charlie.id, alice.id)
    contacts.block(dana.id, alice.id)
    with sink() as events:
        delete(alice)
    told = {
        each.to: each.event.contact for each in events if isinstance(each.event, ContactChanged)
    }
    assert set(told) == {bob.id, charlie.id, dana.id}
    assert {(one.state, one.person.name) for one in told.values()} == {("none", "Former member")}
    assert not Contact.objects.filter(owner=alice).exists()
    states = set(Contact.objects.filter(other=alice).values_list("state", flat=True))
    assert states == {"none"}
    for other in (bob, charlie, dana):
        assert signed_in(other).get("/api/v1/contacts").json()["items"] == []


def test_groups_get_a_new_owner_and_lose_the_member(alice, bob, crew):
    alone = groups.create_group(alice.id, "Alone", [])
    delete(alice)
    assert Member.objects.get(chat_id=crew, user=bob).role == Role.OWNER
    gone = Member.objects.filter(user=alice, left_rev=None)
    assert not gone.exists()
    newest = Message.objects.filter(chat_id=crew).latest("seq")
    assert (newest.kind, newest.sender_id) == ("left", alice.id)
    assert Chat.objects.filter(id=alone).exists()


def test_former_members_of_a_group_get_the_new_name_there(alice, bob, crew):
    groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    groups.leave_group(alice.id, crew)
    before = Chat.objects.get(id=crew).rev
    with sink() as events:
        delete(alice)
    [name] = [each.event.member.person.name for each in events if each.to == crew]
    assert name == "Former member"
    assert Chat.objects.get(id=crew).rev == before + 1
    [(rev, member)] = values_of(members.changes_reading([crew], [before], limit=9), 1)
    assert (rev, member.left, member.person.name) == (before + 1, True, "Former member")


def test_erasing_again_changes_nothing(alice, bob, crew):
    delete(alice)
    rev = Chat.objects.get(id=crew).rev
    names = FormerUsername.objects.count()
    Deletion.objects.create(
        user=alice, due_at=timezone.now(), ending=Ending.objects.get(user=alice, account=True)
    )
    erase_accounts()
    assert not Deletion.objects.exists()
    assert (Chat.objects.get(id=crew).rev, FormerUsername.objects.count()) == (rev, names)


# -- identities ------------------------------------------------------------------------------------


def identity_of(user):
    return Identity.objects.create(user=user, issuer="https://id.example.org", subject="sub")


def test_identities_are_forgotten(alice):
    identity_of(alice)
    delete(alice)
    assert not Identity.objects.exists()


def test_identities_of_an_account_that_was_closed_stay_refused(alice):
    ProviderPicture.objects.create(identity=identity_of(alice), url="https://id.example.org/a")
    accounts.deactivate(alice.id)
    delete(alice)
    assert Identity.objects.get().user_id == alice.id
    assert not Identity.objects.get().user.is_active
    assert not ProviderPicture.objects.exists()
