"""Forms of the admin whose action refuses: they say why, and have what was typed."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from apps.accounts.actions import deletions
from apps.accounts.models import RegistrationInvite, User
from apps.accounts.tasks import erase_accounts
from apps.chats.models import Chat
from apps.moderation.actions import break_glass, chats
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from apps.retention.models import Hold
from tests.support.people import person, signed_in

TYPED = "They wrote rudely"


def refused(user, page, given, *, says):
    """The page that answers a form, which ran no action."""
    before = AuditRecord.objects.count()
    response = signed_in(user).post(page, given)
    assert response.status_code == 200
    text = response.content.decode()
    assert says in text
    assert AuditRecord.objects.count() == before
    return text


@pytest.mark.django_db(transaction=True)
def test_an_account_that_cannot_be_made(root, settings):
    deletions.start(person("erin").id, at_once=True)
    erase_accounts()
    page = reverse("admin:accounts_user_add")
    given = {"username": "erin", "name": "Erin Example", "email": "erin@example.org"}
    text = refused(root, page, given, says="This username is taken.")
    for typed in given.values():
        assert f'value="{typed}"' in text
    assert not User.objects.filter(username="erin").exists()


def test_an_invitation_that_cannot_be_made(root, settings):
    settings.REGISTRATION = "off"
    page = reverse("admin:accounts_registrationinvite_add")
    given = {"days": "11", "email": "erin@example.org"}
    text = refused(root, page, given, says="Nobody can register on this server")
    for typed in given.values():
        assert f'value="{typed}"' in text
    assert not RegistrationInvite.objects.exists()


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("personwarning", {"text": TYPED}),
        ("slowdown", {"interval_s": "77", "until": "2099-01-01T12:00", "reason": TYPED}),
        ("suspension", {"until": "2099-01-01T12:00", "reason": TYPED}),
    ],
)
def test_a_measure_against_staff(moderator, root, model, given):
    page = reverse(f"admin:accounts_{model}_add")
    text = refused(moderator, page, {"user": "root", **given}, says="act on members only")
    assert 'value="root"' in text
    for typed in given.values():
        assert typed in text


def test_a_hold_is_of_a_chat_or_of_a_person(root, bob, crew):
    page = reverse("admin:retention_hold_add")
    of_chat, of_person = {"chat_id": str(crew)}, {"person_id": "Bob"}
    for target in ({}, of_chat | of_person):
        text = refused(root, page, {**target, "reason": TYPED}, says="either a chat or a person")
        for typed in target.values():
            assert f'value="{typed}"' in text
    refused(root, page, {"person_id": "nobody", "reason": TYPED}, says="There is no such account.")
    refused(root, page, {"chat_id": str(bob.id), "reason": TYPED}, says="There is no such chat.")
    for target in (of_chat, of_person):
        response = signed_in(root).post(page, {**target, "reason": TYPED})
        assert response.status_code == 302
        refused(root, page, {**target, "reason": TYPED}, says="This is on hold already.")
    held = Hold.objects.order_by("id").values_list("chat_id", "person_id")
    assert [*held] == [(crew, None), (None, bob.id)]


def test_a_group_that_is_closed_already(root, crew):
    chats.close_chat(By(root.id, Door.ADMIN), crew, reason=TYPED)
    page = reverse("admin:moderation_moderatedchat_change", args=[crew])
    text = refused(root, page, {"_close": "", "reason": TYPED}, says="closed already")
    assert f"{TYPED}</textarea>" in text
    assert Chat.objects.get(id=crew).closed_reason == TYPED


def test_a_request_that_was_approved_meanwhile(root, moderator, crew, settings):
    settings.BREAK_GLASS = True
    first = person("nora", is_staff=True, is_superuser=True)
    asked = break_glass.Asked(
        chat=crew,
        reason="abuse",
        text="Threats",
        since=datetime(2026, 1, 1, tzinfo=UTC),
        until=datetime(2099, 1, 1, tzinfo=UTC),
        hours=1,
    )
    row = break_glass.ask(By(first.id, Door.ADMIN), asked)
    page = reverse("admin:moderation_readrequest_change", args=[row.id])
    text = refused(root, page, {"_refuse": "", "reason": "\x00" + TYPED}, says="reason")
    assert TYPED in text
