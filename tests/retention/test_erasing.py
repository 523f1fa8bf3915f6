"""Operators erase whole chats, and receipts tell of what was deleted."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from apps.accounts.erasure_handlers import erasures
from apps.chats.models import Chat
from apps.core.errors import NotFound
from apps.files.actions.deletion import delete_unused
from apps.files.models import File, StoredObject
from apps.retention import backup_handlers
from apps.retention.actions import deleting
from apps.retention.models import DeletionReceipt
from apps.retention.queries import receipts
from apps.retention.tasks import delete_old_messages
from apps.retention.words import REMOVED
from tests.chats.factories import write
from tests.chats.test_erasure import places
from tests.retention.ageing import MARK, in_force, seqs
from tests.support import uploads
from tests.support.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_an_erased_chat_is_nowhere_and_the_receipt_waits_for_its_objects(
    alice, bob, crew, settings, monkeypatch
):
    files_root = Path(settings.FILES_ROOT)
    file = uploads.ready(alice, MARK.encode(), f"{MARK}.txt")
    write(alice, crew, MARK, files=[file])
    key = StoredObject.objects.filter(key__startswith="files/").get().key
    made = timezone.now()
    monkeypatch.setattr(
        backup_handlers,
        "_registered",
        lambda: [backup_handlers.Backup("nightly", made, made + timedelta(days=7))],
    )
    out, err = StringIO(), StringIO()
    call_command("erase", str(crew), "--all", "--reason", "asked to", stdout=out, stderr=err)
    printed = json.loads(out.getvalue())
    assert err.getvalue().startswith("The deletion goes on")
    assert printed["finished_at"] is None
    assert printed["backups"][0]["name"] == "nightly"
    delete_unused()
    assert not File.objects.exists()
    DeletionReceipt.objects.update(due_at=Now())
    deleting.go_on()
    receipt = receipts.document(DeletionReceipt.objects.get())
    assert receipt["removed"]["objects"] == 1
    assert receipt["finished_at"]
    assert places(MARK) == set()
    assert not StoredObject.objects.filter(key=key).exists()
    assert not [path for path in files_root.rglob("*") if MARK in str(path)]
    assert not [
        path
        for path in files_root.rglob("*")
        if path.is_file() and MARK.encode() in path.read_bytes()
    ]


def test_an_operator_at_a_terminal_is_asked(old, crew, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "no")
    erase = ("erase", str(crew), "--all", "--reason", "asked to")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        call_command(*erase)
    assert f"{seqs(crew)[-1]} entries" in capsys.readouterr().out
    assert not DeletionReceipt.objects.exists()
    call_command(*erase, "--yes")
    assert seqs(crew) == []


def test_a_receipt_of_a_chat_of_others_does_not_exist(old, alice, bob, charlie, crew):
    in_force(crew, 30)
    delete_old_messages()
    row = DeletionReceipt.objects.get()
    assert receipts.one(alice.id, row.id)["id"] == str(row.id)
    for other in (bob, charlie):
        with pytest.raises(NotFound):
            receipts.one(other.id, row.id)


def test_the_page_of_a_receipt_in_the_admin_names_what_was_deleted(old, crew):
    in_force(crew, 30)
    delete_old_messages()
    row = DeletionReceipt.objects.get()
    page = reverse("admin:retention_deletionreceipt_change", args=[row.id])
    title = Chat.objects.get(id=crew).title
    root = person("root", is_staff=True, is_superuser=True)
    text = signed_in(root).get(page).content.decode()
    assert f"{title} ({crew})" in text
    assert f"<td>messages</td><td>{old - 1}</td>" in text
    assert "field-rule" in text
    assert "field-stopped" not in text
    helper = person("helper", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename="view_deletionreceipt"))
    text = signed_in(helper).get(page).content.decode()
    assert str(crew) in text
    assert f"{title} ({crew})" not in text
    DeletionReceipt.objects.update(kind="operator", days=0, stopped_by_hold=True)
    text = signed_in(root).get(page).content.decode()
    assert "field-rule" not in text
    assert "because a hold began" in text


def test_all_that_a_deleted_account_loses_has_words(dana):
    erased = {name for erase in erasures() for name in erase(dana.id)}
    assert len(erased) > 30
    assert erased - REMOVED.keys() == set()
