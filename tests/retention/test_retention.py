"""Old messages are deleted, as the installation and the chat say, and receipts tell of it."""

import json
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.actions import deletions, erasing
from apps.accounts.erasure_handlers import erasures
from apps.accounts.models import Deletion, User
from apps.accounts.tasks import erase_accounts
from apps.chats.actions import edits, expiry, hiding, reactions
from apps.chats.actions.chat_change import changing
from apps.chats.models import Chat, Member, Message, Reaction
from apps.chats.models.member import Role
from apps.chats.queries import history
from apps.chats.roles import Right
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.files.actions.deletion import delete_unused
from apps.files.models import File, StoredObject
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from apps.plugins.polls import people, voting
from apps.plugins.polls.models import Vote
from apps.plugins.polls.tasks import delete_unused as delete_unused_votes
from apps.retention import backup_handlers
from apps.retention.actions import deleting, held_content, holds
from apps.retention.actions.settings import observe_installation_rule, set_keep_days
from apps.retention.models import DeletionReceipt, HeldContent, Hold, InstallationRule
from apps.retention.queries import receipts, rules
from apps.retention.queries.rules import rule_of
from apps.retention.tasks import delete_old_messages
from apps.retention.words import REMOVED
from tests.chats.factories import write
from tests.chats.test_erasure import places
from tests.support import uploads
from tests.support.people import person, signed_in

pytestmark = pytest.mark.django_db
MARK = "zebrafinch"
STAFF = By(None, Door.COMMAND)


def age(chat, days, *, before):
    """Make the entries before a seq so old."""
    at = timezone.now() - timedelta(days=days)
    Message.objects.filter(chat_id=chat, seq__lt=before).update(created_at=at)


def in_force(chat, days):
    """The chat's own rule, after its day of grace."""
    now = timezone.now()
    Chat.objects.filter(id=chat).update(keep_days=days, keep_days_from=now)


def poll(by, chat):
    """Its seq."""
    seq = write(by, chat, MARK).seq
    data = {"question": MARK, "options": ["a", "b"], "multiple": False, "closed": False}
    layout = {"plugin": "polls", "data": data | {"anonymous": False, "counts": [], "voters": 0}}
    Message.objects.filter(chat_id=chat, seq=seq).update(layout=layout)
    return seq


def seqs(chat):
    return [each.seq for each in history.newest(chat, limit=50)]


@pytest.fixture
def old(alice, crew):
    """A group whose entries before this seq are 40 days old."""
    write(alice, crew, f"{MARK} old")
    young = write(alice, crew, "young").seq
    age(crew, 40, before=young)
    return young


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


def test_a_hold_stops_retention_and_the_operator(old, alice, bob, crew):
    hold = holds.begin(STAFF, reason="a case", person=bob.id)
    in_force(crew, 30)
    delete_old_messages()
    assert old - 1 in seqs(crew)
    with pytest.raises(CommandError):
        call_command("erase", str(crew), "--all", "--reason", "asked to")
    with pytest.raises(NotPossible):
        holds.begin(STAFF, reason="again", person=bob.id)
    with pytest.raises(Invalid):
        holds.begin(STAFF, reason=" ", chat=crew)
    holds.end(STAFF, hold.id)
    with pytest.raises(NotFound):
        holds.end(STAFF, hold.id)
    delete_old_messages()
    assert seqs(crew)[0] == old
    assert [*AuditRecord.objects.order_by("number").values_list("action", flat=True)][-2:] == [
        "hold",
        "end_hold",
    ]


def test_a_hold_stops_a_deletion_that_goes_on(old, crew):
    in_force(crew, 30)
    deleting.begin_due()
    holds.begin(STAFF, reason="a case", chat=crew)
    deleting.go_on()
    row = DeletionReceipt.objects.get()
    assert (row.stopped_by_hold, row.removed) == (True, {})
    assert seqs(crew)[0] == 1


@pytest.mark.parametrize("by_moderator", [False, True])
def test_what_people_delete_under_a_hold_is_kept_until_it_ends(alice, bob, crew, by_moderator):
    seq = write(bob, crew, MARK).seq
    data = {"question": MARK, "options": ["a", "b"], "multiple": False, "closed": False}
    layout = {"plugin": "polls", "data": data}
    Message.objects.filter(chat_id=crew, seq=seq).update(layout=layout)
    voting.vote(alice.id, crew, seq, [1])
    reactions.add_reaction(alice.id, crew, seq=seq, emoji="🎉")
    hold = holds.begin(STAFF, reason="a case", chat=crew)
    if by_moderator:
        hiding.hide_message(crew, seq)
        assert Vote.objects.exists()
        hiding.delete_for_all(crew, seq)
    else:
        edits.delete_message(bob.id, crew, seq=seq)
    assert not Vote.objects.exists()
    assert not Reaction.objects.exists()
    assert history.newest(crew, limit=1)[0].text == ""
    held_content.delete_released()
    held = HeldContent.objects.get()
    assert (held.text, held.layout) == (MARK, layout)
    assert [each["emoji"] for each in held.rows["reactions"]] == ["🎉"]
    [vote] = held.rows["poll_votes"]
    assert (vote["user"], vote["option"]) == (str(alice.id), 1)
    root = signed_in(person("root", is_staff=True, is_superuser=True))
    page = root.get(reverse("admin:retention_hold_change", args=[hold.id])).content.decode()
    assert f"{Chat.objects.get(id=crew).title} ({crew})" in page
    assert '<div class="readonly">1</div>' in page
    listed = root.get(reverse("admin:retention_hold_changelist")).content.decode()
    assert f">{Chat.objects.get(id=crew).title}<" in listed
    holds.end(STAFF, hold.id)
    held_content.delete_released()
    assert not HeldContent.objects.exists()
    edits.delete_message(alice.id, crew, seq=write(alice, crew).seq)
    assert not HeldContent.objects.exists()


def test_a_hold_keeps_the_votes_of_an_account_that_is_deleted(alice, bob, crew):
    voting.vote(bob.id, crew, poll(alice, crew), [1])
    hold = holds.begin(STAFF, reason="a case", chat=crew)
    deletions.start(bob.id, at_once=True)
    erase_accounts()
    assert User.objects.get(id=bob.id).erased_at
    delete_unused_votes()
    assert Vote.objects.filter(user_id=bob.id).exists()
    holds.end(STAFF, hold.id)
    delete_unused_votes()
    assert not Vote.objects.exists()


def test_a_bad_chat_stops_no_deletion_of_what_holds_kept(alice, bob, crew, chat, monkeypatch):
    hold = holds.begin(STAFF, reason="a case", person=bob.id)
    for each in (crew, chat):
        voting.vote(bob.id, each, poll(alice, each), [1])
        edits.delete_message(bob.id, each, seq=write(bob, each, MARK).seq)
    User.objects.filter(id=bob.id).update(erased_at=Now())
    holds.end(STAFF, hold.id)
    for module, delete, left in (
        (held_content, held_content.delete_released, HeldContent.objects.values_list("chat_id")),
        (people, delete_unused_votes, Vote.objects.values_list("poll__chat_id")),
    ):
        tried = []

        def fail_the_first(chat_id, tried=tried, lock=module.lock_chat):
            tried.append(chat_id)
            assert chat_id != tried[0]
            return lock(chat_id)

        monkeypatch.setattr(module, "lock_chat", fail_the_first)
        delete()
        assert list(left) == [(tried[0],)]


def test_a_removed_chat_stops_no_other_deletion(old, alice, bob, crew, chat):
    hold = holds.begin(STAFF, reason="a case", chat=chat)
    edits.delete_message(bob.id, chat, seq=write(bob, chat, MARK).seq)
    holds.end(STAFF, hold.id)
    deleting.begin(Chat.objects.get(id=chat), kind="operator", before=99, reason="asked to")
    Chat.objects.filter(id=chat).delete()
    in_force(crew, 30)
    delete_old_messages()
    assert seqs(crew)[0] == old
    assert not HeldContent.objects.exists()
    assert not DeletionReceipt.objects.filter(finished_at=None).exists()


def test_an_account_on_hold_is_closed_and_erased_afterwards(alice, bob, crew):
    hold = holds.begin(STAFF, reason="a case", person=bob.id)
    deletions.start(bob.id, at_once=True, refuse_identities=True)
    erase_accounts()
    bob.refresh_from_db()
    assert (bob.is_active, bob.erased_at) == (False, None)
    holds.end(STAFF, hold.id)
    Deletion.objects.update(claimed_at=None)
    erase_accounts()
    assert User.objects.get(id=bob.id).erased_at
    receipt = DeletionReceipt.objects.get(person_id=bob.id)
    assert (receipt.kind, receipt.removed["memberships"]) == ("account", 1)
    assert receipt.hash == receipts.hash_of(receipt)


def test_a_hold_stops_an_account_s_deletion_that_goes_on(bob, crew, monkeypatch):
    step = erasing._step

    def put_on_hold(*given):
        if not Hold.objects.exists():
            with CaptureQueriesContext(connection) as queries:
                holds.begin(STAFF, reason="a case", person=bob.id)
            locks = [each["sql"] for each in queries if "FOR " in each["sql"]]
            assert "accounts_deletion" in locks[0]
            assert "left_rev" not in locks[1], "it covers chats that the person has left, too"
        return step(*given)

    monkeypatch.setattr(erasing, "_step", put_on_hold)
    deletions.start(bob.id, at_once=True)
    erase_accounts()
    assert Deletion.objects.filter(user_id=bob.id).exists()
    assert User.objects.get(id=bob.id).erased_at is None
    assert Member.objects.get(user_id=bob.id, chat_id=crew).joined_at


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


def test_beginning_a_hold_says_how_it_ends(crew):
    out, err = StringIO(), StringIO()
    call_command("hold", "begin", "--chat", str(crew), "--reason", "a case", stdout=out, stderr=err)
    assert out.getvalue().strip() == str(Hold.objects.get().id)
    assert f"manage.py hold end {out.getvalue().strip()}" in err.getvalue()


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
