"""Old messages are deleted, as the installation and the chat say."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.chats.actions import expiry
from apps.chats.actions.chat_change import changing
from apps.chats.models import Chat
from apps.chats.models.member import Role
from apps.chats.queries import history
from apps.chats.roles import Right
from apps.core.errors import Forbidden, Invalid, NotFound
from apps.retention.actions import deleting
from apps.retention.actions.settings import observe_installation_rule, set_keep_days
from apps.retention.models import DeletionReceipt, InstallationRule
from apps.retention.queries import receipts, rules
from apps.retention.queries.rules import rule_of
from apps.retention.tasks import delete_old_messages
from tests.chats.factories import write
from tests.retention.ageing import MARK, age, in_force, seqs

pytestmark = pytest.mark.django_db


def test_messages_older_than_the_rule_are_deleted_and_a_receipt_says_so(old, alice, bob, crew):
    in_force(crew, 30)
    delete_old_messages()
    assert seqs(crew) == [old]
    [receipt] = receipts.of_chat(alice.id, crew)
    assert (receipt["kind"], receipt["days"], receipt["removed"]["messages"]) == (
        "retention",
        30,
        old - 1,
    )
    assert receipt["finished_at"]
    assert MARK not in json.dumps(receipt)
    row = DeletionReceipt.objects.get()
    assert row.hash == receipts.hash_of(row)
    row.removed = {**row.removed, "messages": 1}
    assert row.hash != receipts.hash_of(row)
    delete_old_messages()
    assert DeletionReceipt.objects.count() == 1


def test_chats_without_a_rule_are_passed_over_before_their_entries_are_read():
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {rules.DUE}", {"all": 0, "limit": 1})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert re.search(r"on chats_chat c.*\n +Filter: \(keep_days > 0\)", plan), plan


def test_every_chat_is_cut_however_many_are_due(old, alice, crew, chat, monkeypatch):
    """All of a pass; and when it ends early, the one that has waited longest."""
    monkeypatch.setattr(deleting, "MAX_BEGUN", 1)
    first, second = sorted((crew, chat))
    for each, days in ((first, 40), (second, 50)):
        write(alice, each, "old")
        age(each, days, before=99)
        in_force(each, 30)
    monkeypatch.setattr(deleting, "PASS_S", -1)
    deleting.begin_due()
    assert [row.chat_id for row in DeletionReceipt.objects.all()] == [second]
    monkeypatch.setattr(deleting, "PASS_S", 20)
    deleting.begin_due()
    assert DeletionReceipt.objects.count() == 2


def test_the_fewer_days_count_and_nothing_is_deleted_by_default(old, crew, settings):
    delete_old_messages()
    assert old - 1 in seqs(crew)
    settings.RETENTION_DAYS = 35
    observe_installation_rule()
    assert rule_of(Chat.objects.get(id=crew)).days == 0, "after a day only"
    InstallationRule.objects.update(counts_from=timezone.now())
    in_force(crew, 90)
    assert rule_of(Chat.objects.get(id=crew)).days == 35
    settings.RETENTION_DAYS = 365
    observe_installation_rule()
    assert rule_of(Chat.objects.get(id=crew)).days == 90, "more days count at once"


def test_a_lowered_rule_counts_after_a_day_and_all_members_are_told(old, alice, crew):
    set_keep_days(alice.id, crew, 30)
    told = history.newest(crew, limit=1)[0]
    assert (told.kind, told.text, told.sender) == ("retention", "30", alice.id)
    chat = Chat.objects.get(id=crew)
    assert chat.keep_days_from - timezone.now() > timedelta(hours=23)
    delete_old_messages()
    assert old - 1 in seqs(crew)
    set_keep_days(alice.id, crew, 0)
    set_keep_days(alice.id, crew, 0)
    assert seqs(crew)[-1] == told.seq + 1
    with pytest.raises(Invalid):
        set_keep_days(alice.id, crew, -1)


def test_only_owners_and_the_two_of_a_direct_chat_change_the_rule(alice, bob, charlie, crew, chat):
    for outsider in (crew, chat):
        with pytest.raises(NotFound):
            set_keep_days(charlie.id, outsider, 30)
        with pytest.raises(NotFound):
            receipts.of_chat(charlie.id, outsider)
    with pytest.raises(Forbidden):
        set_keep_days(bob.id, crew, 30)
    with pytest.raises(Forbidden):
        receipts.of_chat(bob.id, crew)
    with changing(alice.id, crew, Right.CHANGE_ROLE) as change:
        change.chat.members.filter(user_id=bob.id).update(role=Role.ADMIN)
    with pytest.raises(Forbidden):
        set_keep_days(bob.id, crew, 30)
    set_keep_days(bob.id, chat, 30)
    assert Chat.objects.get(id=chat).keep_days == 30


def test_a_worker_that_is_killed_leaves_nothing_half_done(old, alice, crew, monkeypatch):
    monkeypatch.setattr(expiry, "MAX_ENTRIES", 1)
    in_force(crew, 30)
    deleting.begin_due()
    row = DeletionReceipt.objects.get()
    done = []

    def killed(*given, **more):
        done.append(1)
        if len(done) % 2:
            raise KeyboardInterrupt
        return original(*given, **more)

    original = deleting._count
    monkeypatch.setattr(deleting, "_count", killed)
    for _ in range(2 * old):
        DeletionReceipt.objects.update(claimed_at=None)
        try:
            deleting.go_on()
        except KeyboardInterrupt:
            kept = Chat.objects.get(id=crew).kept_from
            row.refresh_from_db()
            assert row.removed.get("messages", 0) == kept - 1
            assert seqs(crew)[0] == kept
    row.refresh_from_db()
    assert (row.removed["messages"], bool(row.finished_at)) == (old - 1, True)
