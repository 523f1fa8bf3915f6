"""Hiding, restoring and deleting a message for all: what everybody then sees, and who may do it."""

from io import StringIO
from itertools import product

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from msgspec.structs import replace

from apps.accounts.models import User
from apps.chats.actions import edits, reactions, saved
from apps.chats.actions.messages import send_batch
from apps.chats.gateways.search.indexer import catch_up
from apps.chats.models import Attachment, HiddenContent, Message, MessageEdit
from apps.chats.queries import attachments, changes, chat_list, history, message_rows
from apps.chats.queries.data_export import sections
from apps.chats.queries.notices import describe
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.files.actions.deletion import delete_unused
from apps.files.models import File
from apps.moderation.actions import entries
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from tests.chats.factories import a_send, write
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.moderation.conftest import moderator_named
from tests.support.people import person, signed_in
from tests.support.shared_people import alice, bob, crew, shared_people
from tests.support.uploads import stored_file

__all__ = ["alice", "bob", "crew", "shared_people"]
SECRET = "xylophone insults"
OPERATOR = By(None, Door.COMMAND)
API = "/api/v1"


@pytest.fixture
def bad(crew, alice, bob):
    """Bob's message, edited, with a file, a mention, a reaction, a pin and a reply."""
    file = stored_file(bob, "plan-xylophone.txt", b"the plan").id
    seq = write(bob, crew, "First xylophone insults", files=[file]).seq
    edits.edit_message(bob.id, crew, seq=seq, text=f"{SECRET} @alice")
    reactions.add_reaction(alice.id, crew, seq=seq, emoji="👍")
    edits.pin_message(alice.id, crew, seq=seq, pinned=True)
    saved.save_message(alice.id, crew, seq=seq, saved=True)
    request = a_send(alice, crew, "How rude")
    send_batch([replace(request, reply_to=seq)])
    return seq


def hide(chat, seq, who=OPERATOR):
    entries.hide(who, chat, seq, reason="Insults")


def everything_of(reader, chat, seq):
    """All that a member can ask for of the message, as one text."""
    client = signed_in(reader)
    catch_up([chat])
    pages = [
        client.get(f"{API}/{path}").content.decode()
        for path in (
            "chats",
            f"chats/{chat}/messages",
            f"chats/{chat}/messages/{seq}",
            f"chats/{chat}/messages/{seq}/edits",
            f"chats/{chat}/changes?since=0",
            f"chats/{chat}/pins",
            f"chats/{chat}/files",
            f"chats/{chat}/messages/{seq}/thread",
            "saved",
            "search?q=xylophone&kind=messages",
            "search?q=plan&kind=messages",
        )
    ]
    missed = changes.since({chat: 0})[chat].publications
    notice = describe(reader.id, chat, first=seq, last=seq)
    return " ".join([*pages, repr(missed), repr(notice)])


def test_nothing_of_a_hidden_message_reaches_any_member(crew, bad, alice, bob):
    assert everything_of(alice, crew, bad).count("xylophone") > 8, "it is everywhere before"
    hide(crew, bad)
    for reader in (alice, bob):
        assert "xylophone" not in everything_of(reader, crew, bad)
    body = message_rows.one(crew, bad)
    assert (body.deleted, body.hidden, body.text, body.files, body.mentions) == (
        True,
        True,
        "",
        [],
        [],
    )
    for reader, found in ((alice, []), (bob, ["hidden_messages"])):
        stored = {name: str([*rows]) for name, rows in sections(reader.id).items()}
        # Their author's data is theirs.
        assert [name for name, rows in stored.items() if "xylophone" in rows] == found
    [reply] = [each for each in history.newest(crew, limit=5) if each.reply_to == bad]
    assert (reply.quote.text, reply.quote.deleted, reply.quote.file) == ("", True, None)
    assert not Attachment.objects.filter(chat_id=crew, seq=bad).exists()


def test_everybody_is_told_in_one_event_with_the_next_revision(crew, bad, captured_events):
    before = message_rows.one(crew, bad)
    with captured_events() as events:
        hide(crew, bad)
    [event] = [item.event for item in events]
    assert (event.message.hidden, event.message.text) == (True, "")
    assert "xylophone" not in repr(events)
    assert event.rev > before.rev
    with captured_events() as events:
        entries.restore(OPERATOR, crew, bad, reason="A mistake")
    [event] = [item.event for item in events]
    assert (event.message.hidden, event.message.deleted) == (False, False)
    assert event.message.text == f"{SECRET} @alice"


def test_restoring_brings_everything_back_but_the_pin(crew, bad, alice):
    before = message_rows.one(crew, bad)
    hide(crew, bad)
    assert "xylophone" not in everything_of(alice, crew, bad)
    entries.restore(OPERATOR, crew, bad, reason="A mistake")
    after = message_rows.one(crew, bad)
    for name in before.__struct_fields__:
        if name not in ("rev", "pinned"):
            assert getattr(after, name) == getattr(before, name), name
    assert not after.pinned
    assert not HiddenContent.objects.exists()
    found = everything_of(alice, crew, bad)
    assert "First xylophone insults" in found, "the former text"
    assert "plan-xylophone.txt" in found
    assert attachments.may_see(alice.id, before.files[0].id)
    assert File.objects.get(id=before.files[0].id).uses == 1


def test_files_of_a_hidden_message_stay_until_it_is_deleted(crew, bad, alice):
    [file] = message_rows.one(crew, bad).files
    hide(crew, bad)
    delete_unused()
    assert File.objects.get(id=file.id).uses == 1
    assert not attachments.may_see(alice.id, file.id)
    assert signed_in(alice).get(f"{API}/files/{file.id}/content/original").status_code == 404
    entries.delete(OPERATOR, crew, bad, reason="Insults")
    delete_unused()
    assert not File.objects.filter(id=file.id).exists()


@pytest.mark.parametrize("hidden", [False, True])
def test_deleting_for_all_leaves_nothing(crew, bad, alice, hidden):
    if hidden:
        hide(crew, bad)
    entries.delete(OPERATOR, crew, bad, reason="Insults")
    body = message_rows.one(crew, bad)
    assert (body.deleted, body.hidden, body.text, body.reactions) == (True, False, "", [])
    assert not HiddenContent.objects.exists()
    assert not MessageEdit.objects.filter(chat_id=crew).exists()
    assert "xylophone" not in everything_of(alice, crew, bad)
    with pytest.raises(NotFound):
        entries.delete(OPERATOR, crew, bad, reason="Insults")
    with pytest.raises(NotPossible):
        entries.restore(OPERATOR, crew, bad, reason="A mistake")


def test_nobody_changes_a_hidden_message(crew, bad, alice, bob):
    hide(crew, bad)
    for attempt in (
        lambda: edits.edit_message(bob.id, crew, seq=bad, text="Better words"),
        lambda: edits.delete_message(bob.id, crew, seq=bad),
        lambda: edits.delete_message(alice.id, crew, seq=bad),
        lambda: edits.pin_message(alice.id, crew, seq=bad, pinned=True),
        lambda: reactions.add_reaction(alice.id, crew, seq=bad, emoji="🎉"),
        lambda: saved.save_message(bob.id, crew, seq=bad, saved=True),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(NotPossible):
        hide(crew, bad)
    assert message_rows.one(crew, bad).hidden


def test_unread_counts_and_places_do_not_change(crew, bad, alice, bob):
    places = [(each.seq, each.kind) for each in history.newest(crew, limit=50)]
    [before] = chat_list.by_ids(bob.id, [crew])
    hide(crew, bad)
    [after] = chat_list.by_ids(bob.id, [crew])
    assert (after.last_seq, after.read_seq) == (before.last_seq, before.read_seq)
    assert [(each.seq, each.kind) for each in history.newest(crew, limit=50)] == places


def test_system_entries_deleted_and_unknown_messages_cannot_be_hidden(crew, alice):
    deleted = write(alice, crew, "words").seq
    edits.delete_message(alice.id, crew, seq=deleted)
    for seq in (1, deleted, 999):
        with pytest.raises(NotFound):
            hide(crew, seq)
    with pytest.raises(NotPossible):
        entries.restore(OPERATOR, crew, deleted, reason="A mistake")
    assert not Message.objects.filter(hidden_at__isnull=False).exists()


def test_a_reason_is_needed_and_recorded(crew, bad, bob):
    for reason in ("", " ", "x" * 2001):
        with pytest.raises(Invalid):
            entries.hide(OPERATOR, crew, bad, reason=reason)
    assert not message_rows.one(crew, bad).hidden
    hide(crew, bad)
    entries.restore(OPERATOR, crew, bad, reason="A mistake")
    entries.delete(OPERATOR, crew, bad, reason="No mistake")
    rows = AuditRecord.objects.order_by("number")
    assert [(row.action, row.reason, row.person, row.chat, row.seq) for row in rows] == [
        ("hide", "Insults", bob.id, crew, bad),
        ("restore", "A mistake", bob.id, crew, bad),
        ("delete", "No mistake", bob.id, crew, bad),
    ]


def test_hiding_locks_in_the_documented_order(crew, bad):
    for action in (entries.hide, entries.restore, entries.delete):
        with order_of_locks() as tables:
            action(OPERATOR, crew, bad, reason="Insults")
        assert in_order(tables), tables
        assert (tables[0], tables[-1]) == ("chats_chat", "moderation_auditrecord")


# -- who may do it ---------------------------------------------------------------------------------

ACTIONS = {"hide": entries.hide, "restore": entries.restore, "delete": entries.delete}
AUTHORS = ("member", "staff", "moderator", "administrator", "self")
ROLES = ("member", "staff", "moderator", "administrator", "operator")
DONE = dict.fromkeys(AUTHORS)
TABLE = {
    "member": dict.fromkeys(AUTHORS, NoModerator),
    "staff": dict.fromkeys(AUTHORS, NoModerator),
    "moderator": {"member": None, **dict.fromkeys(AUTHORS[1:], OutOfReach)},
    "administrator": DONE | {"self": OutOfReach},
    "operator": DONE,
}


def somebody(role, name):
    if role == "moderator":
        return moderator_named(name)
    return person(
        name,
        is_staff=role in ("staff", "administrator"),
        is_superuser=role == "administrator",
    )


def put(user, chat):
    """Make somebody a member, without asking them."""
    from apps.chats.models import Member

    Member.objects.create(chat_id=chat, user=user, person_rev=0)
    return user


@pytest.mark.parametrize(("action", "role", "author"), [*product(ACTIONS, ROLES, AUTHORS)])
@pytest.mark.parametrize("reported", [True, False], ids=["reported", "not reported"])
def test_each_role_acts_only_where_it_may(crew, alice, action, role, author, reported):
    acting = None if role == "operator" else put(somebody(role, "actor"), crew)
    wrote = acting if author == "self" and acting else put(somebody(author, "author"), crew)
    seq = write(wrote, crew, "words").seq
    if reported:
        asked = Reported(kind="entry", reason="spam", chat=crew, seq=seq)
        create_report(alice.id, asked)
    if action == "restore":
        hide(crew, seq)
    before, written = message_rows.one(crew, seq), AuditRecord.objects.count()
    who = OPERATOR if acting is None else By(acting.id, Door.API)
    refusal = None
    try:
        ACTIONS[action](who, crew, seq, reason="Insults")
    except (Forbidden, NotFound) as error:
        refusal = type(error)
    expected = TABLE[role][author]
    if role == "moderator" and action != "restore" and (not reported or author == "self"):
        expected = NotFound  # a report about themselves gives no reach
    assert refusal is expected
    assert AuditRecord.objects.count() - written == (refusal is None)
    assert (message_rows.one(crew, seq) == before) == (refusal is not None)


def test_the_context_of_a_report_may_be_hidden_and_nothing_else(crew, alice, bob, moderator):
    far = write(bob, crew, "far away").seq
    near, reported = write(bob, crew, "near").seq, write(bob, crew, "words").seq
    asked = Reported(kind="entry", reason="spam", chat=crew, seq=reported, context=1)
    create_report(alice.id, asked)
    who = By(moderator.id, Door.ADMIN)
    hide(crew, near, who)
    with pytest.raises(NotFound):
        hide(crew, far, who)


def test_the_api_hides_restores_and_deletes(crew, bad, alice, moderator):
    create_report(alice.id, Reported(kind="entry", reason="hate", chat=crew, seq=bad))
    client = signed_in(moderator)

    def ask(verb, who=client, seq=bad, reason="Insults"):
        path = f"{API}/moderation/chats/{crew}/messages/{seq}/{verb}"
        return who.post(path, {"reason": reason}, content_type="application/json").status_code

    assert ask("hide") == 204
    assert ask("hide") == 409
    assert ask("restore") == 204
    assert ask("hide", reason="") == 400
    assert ask("hide", seq=999) == 404
    assert ask("hide", who=signed_in(alice)) == 403
    assert ask("delete") == 204
    assert ask("delete") == 404
    assert AuditRecord.objects.count() == 3


def test_messages_of_a_deleted_account_can_be_hidden(crew, alice, moderator):
    ghost = put(person("ghost"), crew)
    seq = write(ghost, crew, "words").seq
    create_report(alice.id, Reported(kind="entry", reason="hate", chat=crew, seq=seq))
    from django.utils import timezone

    User.objects.filter(id=ghost.id).update(is_active=False, erased_at=timezone.now())
    hide(crew, seq, By(moderator.id, Door.ADMIN))
    assert message_rows.one(crew, seq).hidden


def test_the_command_hides_restores_and_deletes(crew, bad):
    for verb, hidden in (("hide", True), ("restore", False), ("delete", False)):
        out = StringIO()
        call_command("moderate", verb, str(crew), str(bad), "--reason", "Insults", stdout=out)
        assert f"{crew}/{bad}" in out.getvalue()
        assert message_rows.one(crew, bad).hidden == hidden
    with pytest.raises(CommandError):
        call_command("moderate", "hide", str(crew), str(bad), "--reason", "Insults")
    assert {row.door for row in AuditRecord.objects.all()} == {"command"}
    assert AuditRecord.objects.count() == 3


def test_the_page_of_a_report_acts_on_the_message_and_its_author(crew, bad, alice, bob, moderator):
    asked = Reported(kind="entry", reason="hate", chat=crew, seq=bad)
    report = create_report(alice.id, asked).report
    at = reverse("admin:moderation_report_change", args=[report.id])
    client = signed_in(moderator)

    def press(button, **given):
        form = {button: "yes", "reason": "Insults", "until": "", **given}
        return client.post(at, form, follow=True).content.decode()

    assert "The message is hidden" in press("_hide")
    assert message_rows.one(crew, bad).hidden
    assert "shown again" in press("_restore")
    assert "Write a reason" in press("_hide", reason="")
    assert not message_rows.one(crew, bad).hidden
    assert "is deleted" in press("_delete", _confirmed="yes")
    page = press("_suspend")
    assert "Until when?" in page
    assert "Insults</textarea>" in page.replace("\n", ""), "what was typed stays"
    assert "_confirmed" in press("_suspend", until="2099-01-01T12:00"), "it asks"
    assert User.objects.get(id=bob.id).is_active
    assert "Access ended" in press("_suspend", until="2099-01-01T12:00", _confirmed="yes")
    assert bob.suspension.until.year == 2099
    assert "Access ended" in press("_ban", _confirmed="yes")
    assert [
        *AuditRecord.objects.exclude(action="view_evidence")
        .order_by("number")
        .values_list("action", flat=True)
    ] == ["hide", "restore", "delete", "suspend", "ban"]
    assert AuditRecord.objects.get(action="ban").report == report.id


def test_the_author_finds_a_hidden_message_in_their_data(crew, alice, bob):
    seq = write(bob, crew, "You fools").seq
    entries.hide(By(None, Door.COMMAND), crew, seq, reason="Insults")

    def hidden_of(user):
        return [row["text"] for row in sections(user.id)["hidden_messages"]]

    assert hidden_of(bob) == ["You fools"]
    assert hidden_of(alice) == []
    entries.restore(By(None, Door.COMMAND), crew, seq, reason="A joke")
    assert hidden_of(bob) == []
