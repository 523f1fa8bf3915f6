"""After the deletion of messages and of an account no byte of them is left in tables, objects,
Valkey, logs or a backup."""

import gzip
import logging
import shutil

import pytest
import redis
from django.db import connection
from django.db.models.functions import Now
from psycopg import sql

from apps.accounts.actions import deletions
from apps.accounts.tasks import erase_accounts
from apps.backups.actions.make import make_backup
from apps.chats.actions import drafts, edits, groups, reactions
from apps.chats.gateways.search.indexer import catch_up_all_chats
from apps.chats.models import Chat, LinkPreview, Message, MessageLink
from apps.chats.tasks import index_links
from apps.contacts.actions import profile
from apps.core.identifiers import new_id
from apps.files.actions.deletion import delete_unused
from apps.integrations.actions import notes, outgoing
from apps.integrations.plugins import entries
from apps.plugins.polls import questions, tasks, voting
from apps.plugins.polls.models import Vote
from apps.retention.actions import deleting
from apps.retention.models import DeletionReceipt
from tests.chats.factories import write
from tests.files.samples import encoded, photo
from tests.integrations.receivers import a_hook, receiver, send_due
from tests.support import uploads
from tests.support.people import in_touch, signed_in

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db(transaction=True)
MARK = "firecrest"
# Of the account.
OWN = "goldcrest"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


def in_tables(word):
    """Names of the tables whose plain dump has the word."""
    found = set()
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                if word.encode() in b"".join(bytes(block) for block in copy).lower():
                    found.add(table)
    return found


def in_files(folder, word):
    """Whether a name or a content below a folder has the word. Reads what gzip has compressed."""
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        if word in str(path.relative_to(folder)) or word.encode() in content.lower():
            return True
    return False


def in_valkey(word, address):
    """Whether a key or a value has the word."""
    with redis.Redis.from_url(address) as client:
        for key in client.scan_iter(count=1000):
            if word.encode() in key + (client.dump(key) or b""):
                return True
    return False


@pytest.fixture
def no_files(settings):
    """The folder of files, without those that other tests have left in it."""
    for left in settings.FILES_ROOT.iterdir():
        shutil.rmtree(left)
    return settings.FILES_ROOT


@pytest.fixture
def planted(alice, bob, crew, no_files, receiver, monkeypatch):
    """The word in all that a message can have, in a group. Returns the number of its entries."""
    monkeypatch.setattr(entries.group_commit, "send", write_request)
    hook = a_hook(alice, crew, receiver.url)
    receiver.answer = lambda page: page.say(page.body, status=200)
    groups.rename_group(alice.id, crew, f"{MARK} title")
    file = uploads.ready(alice, f"{MARK} content".encode(), f"{MARK}.txt")
    write(alice, crew, f"{MARK} with a file", files=[file])
    picture = uploads.ready(alice, a_picture(), f"{MARK}.png")
    write(alice, crew, f"{MARK} with a picture", files=[picture])
    address = f"https://example.org/{MARK}"
    linked = write(alice, crew, f"{MARK} with {address}").seq
    catch_up_all_chats()
    index_links()
    LinkPreview.objects.filter(url=address).update(title=MARK)
    shown = [{"url": address, "title": MARK, "description": "", "site": ""}]
    Message.objects.filter(chat_id=crew, seq=linked).update(previews=shown)
    edited = write(bob, crew, f"{MARK} before").seq
    edits.edit_message(bob.id, crew, seq=edited, text=f"{MARK} after")
    reactions.add_reaction(alice.id, crew, seq=edited, emoji="🎉")
    asked = questions.Question(f"{MARK}?", (MARK, "Noodles"))
    poll = questions.post(alice.id, crew, asked, client_id=new_id()).seq
    voting.vote(bob.id, crew, poll, [0])
    tasks.count_votes()
    send_due()
    outgoing.pause(alice.id, crew, hook.id)
    groups.rename_group(alice.id, crew, "Crew")
    signed_in(bob).get(f"/api/v1/chats/{crew}/messages")
    assert MessageLink.objects.exists()
    return Chat.objects.get(id=crew).last_seq


@pytest.fixture
def account(alice, charlie, crew):
    """A word of hers in all that Charlie has, who was in the group: files and pictures, drafts,
    an answer of a command, a profile, a signed-in device. None of it is in a message."""
    in_touch(alice, charlie)
    groups.add_members(alice.id, crew, [charlie.id])
    picture = uploads.ready(charlie, a_picture(), f"{OWN}.png")
    profile.update(charlie.id, version=None, about=OWN, status_text=OWN, picture=picture)
    uploads.ready(charlie, f"{OWN} unshown".encode(), f"{OWN}.txt")
    drafts.save_draft(charlie.id, crew, text=f"{OWN} draft", reply_to=None)
    notes.add_note(charlie.id, crew, client_id=new_id(), command="roll", text=f"{OWN} answer")
    client = signed_in(charlie)
    client.get("/api/v1/me", headers={"User-Agent": OWN})
    return charlie


def a_picture():
    """A PNG that gets variants."""
    return encoded(photo(300, 200), "PNG")


def stored_in(folder):
    """The files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def write_request(request):
    from apps.chats.actions.messages import send_batch

    [sent] = send_batch([request])
    return sent


def test_no_byte_is_left(planted, account, crew, settings, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    before = in_tables(MARK)
    assert {
        "chats_message",
        "chats_messageedit",
        "chats_messagelink",
        "chats_linkpreview",
        "files_file",
        "integrations_webhookdelivery",
    } <= before
    assert {"accounts_user", "chats_draft", "integrations_commandnote"} <= in_tables(OWN)
    variants = [each for each in stored_in(settings.FILES_ROOT) if "thumbnail" in each.name]
    assert len(variants) == 2
    make_backup(str(tmp_path / "before"), say=logging.info)
    assert in_files(settings.FILES_ROOT, MARK)
    assert in_files(tmp_path / "before", MARK)
    deleting.begin(Chat.objects.get(id=crew), kind="operator", before=planted + 1, reason="asked")
    deleting.go_on()
    deletions.start(account.id, at_once=True, refuse_identities=False)
    erase_accounts()
    delete_unused()
    DeletionReceipt.objects.update(due_at=Now())
    deleting.go_on()
    receipt = DeletionReceipt.objects.get(kind="operator")
    assert (bool(receipt.finished_at), receipt.removed["poll_votes"]) == (True, 1)
    assert not Vote.objects.exists()
    make_backup(str(tmp_path / "after"), say=logging.info)
    # Variants have no word in them: no object at all is left.
    assert stored_in(settings.FILES_ROOT) == []
    for word in (MARK, OWN):
        assert in_tables(word) == set()
        assert not in_files(tmp_path / "after", word)
        assert not in_valkey(word, settings.REDIS_URL)
        assert word not in caplog.text
