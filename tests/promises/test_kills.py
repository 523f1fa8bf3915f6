"""Real kills of an import and of a deletion, each at ten statements. Only with `--long`."""

from hashlib import sha256

import pytest

from apps.chats.models import Chat, Message
from apps.files.models import StoredObject
from apps.retention.actions import deleting
from apps.retention.models import DeletionReceipt
from tests.backups.conftest import Source, Target
from tests.chats.factories import write
from tests.promises.dying import DYING, STATEMENT
from tests.support.fill import fill, many_groups
from tests.support.people import person
from tests.support.storages import store_in
from tests.support.uploads import stored_file

pytestmark = [pytest.mark.timeout(3_600), pytest.mark.django_db(transaction=True)]
GROUPS, ENTRIES, FILES = 40, 8_000, 3
IMPORT_STATEMENTS = range(20, 201, 20)
DELETION_STATEMENTS = range(5, 51, 5)
GO_ON = "apps.retention.actions.deleting.go_on"
# No chat has members before all its entries are there.
HALF = """
SELECT count(*) FROM chats_chat c WHERE EXISTS (SELECT FROM chats_member m WHERE m.chat_id = c.id)
    AND (SELECT count(*) FROM chats_message m WHERE m.chat_id = c.id) <> c.last_seq
"""


@pytest.fixture(autouse=True)
def _only_long(long):
    if not long:
        pytest.skip("only with --long")


@pytest.fixture
def source(tmp_path, settings):
    made = Source(tmp_path / "files")
    store_in(settings, made.folder)
    return made


@pytest.fixture
def target(tmp_path):
    made = Target(tmp_path / "imported files")
    yield made
    made.drop()


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def successful(done):
    assert done.returncode == 0, done.stderr


def killed(of, point, *command):
    done = of.manage(f"{STATEMENT}:{point}", *command, program=("-c", DYING), **of.settings)
    assert done.returncode == -9, (point, done.stdout, done.stderr)


def with_files(owner, chat, amount):
    for number in range(amount):
        file = stored_file(owner, f"{number}.txt", f"content {number} of {chat}".encode())
        write(owner, chat, f"file {number}", files=[file.id])


def test_a_killed_import_is_finished_by_the_next_one(source, target, tmp_path):
    owner = person("owner")
    for group in many_groups(owner.id, GROUPS):
        fill(group, owner.id, end=5)
        with_files(owner, group, 1)
    first, second = tmp_path / "first", tmp_path / "second"
    successful(source.manage("archive", "export", str(first), "--all"))
    successful(target.manage("migrate", "-v0"))
    for statement in IMPORT_STATEMENTS:
        killed(target, statement, "archive", "import", str(first))
        assert target.select(HALF) == 0
    successful(target.manage("archive", "import", str(first)))
    successful(target.manage("archive", "export", str(second), "--all"))
    assert contents(second) == contents(first)
    print(f"\nkills={len(IMPORT_STATEMENTS)} half_done=0 chats={GROUPS} exports=equal")


def test_a_killed_deletion_is_finished_by_the_next_one(source):
    owner = person("owner")
    [chat] = many_groups(owner.id, 1)
    fill(chat, owner.id, end=ENTRIES)
    with_files(owner, chat, FILES)
    rows = list(
        Message.objects.filter(chat_id=chat).order_by("seq").values_list("seq", "id", "text")
    )
    digest = ""
    for seq, id_, text in rows:
        line = f"{digest}{seq}:{id_}:{sha256(text.encode()).hexdigest()}\n"
        digest = sha256(line.encode()).hexdigest()
    deleting.begin(
        Chat.objects.get(id=chat), kind="operator", before=len(rows) + 1, reason="asked to"
    )
    for statement in DELETION_STATEMENTS:
        killed(source, statement, GO_ON)
        receipt, kept_from = DeletionReceipt.objects.get(), Chat.objects.get(id=chat).kept_from
        left = Message.objects.filter(chat_id=chat).order_by("seq").values_list("seq", flat=True)
        assert list(left) == list(range(kept_from, len(rows) + 1))
        assert receipt.removed.get("messages", 0) == kept_from - 1
        # As after the lease.
        DeletionReceipt.objects.update(claimed_at=None)
    assert 1 < kept_from <= len(rows)
    for command in (GO_ON, "apps.files.actions.deletion.delete_unused", GO_ON):
        DeletionReceipt.objects.update(due_at=receipt.begun_at)
        successful(source.manage("", command, program=("-c", DYING), **source.settings))
    receipt.refresh_from_db()
    assert receipt.digest == digest
    assert (receipt.removed["messages"], receipt.removed["objects"]) == (len(rows), FILES)
    assert receipt.finished_at
    assert not StoredObject.objects.exists()
    assert not contents(source.folder / "files")
    print(f"\nkills={len(DELETION_STATEMENTS)} half_done=0 deleted={len(rows)} digest=equal")
