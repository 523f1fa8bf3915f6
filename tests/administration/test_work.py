"""Work that failed or is late: who sees it, what is tried again, and the record of that."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Deletion, Export
from apps.core.identifiers import first_id_at, new_id
from apps.files.models import File
from apps.moderation.models import AuditRecord
from tests.support.people import signed_in

PAGE = reverse("admin:work")


@pytest.fixture
def failed(alice):
    until = timezone.now() + timedelta(hours=1)
    return Export.objects.create(user_id=alice.id, state="failed", attempt=3, expires_at=until)


@pytest.fixture
def late(bob, charlie):
    """A deletion, a file that waits, and one that failed."""
    ago = timezone.now() - timedelta(hours=2)
    Deletion.objects.create(user=bob, due_at=ago)
    given = {"owner_id": charlie.id, "name": "zyxomma.png", "size": 1, "created_at": ago}
    return [
        File.objects.create(
            id=first_id_at(ago + timedelta(seconds=n)),
            client_id=new_id(),
            expires_at=ago,
            state=state,
            problem=problem,
            **given,
        )
        for n, (state, problem) in enumerate([("processing", ""), ("failed", "no_picture")])
    ]


def run(*command):
    out = StringIO()
    call_command("work", *command, stdout=out)
    return out.getvalue()


def test_administrators_see_what_failed_without_content(failed, late, root, helper):
    page = signed_in(root).get(PAGE).content.decode()
    for words in ("alice", "bob", "charlie", "failed: no picture that can be converted"):
        assert words in page, words
    assert page.count("Try again\n") == 3
    assert "zyxomma" not in page
    assert signed_in(helper).get(PAGE).status_code == 403
    found = json.loads(run("--json", "list"))
    assert [each["kind"] for each in found] == ["export", "deletion", "file", "file"]
    assert "zyxomma" not in run("list")
    assert f'href="{PAGE}"' in signed_in(root).get(reverse("admin:index")).content.decode()


def test_a_failed_export_waits_for_a_worker_again(failed, root, alice):
    client = signed_in(root)
    answer = client.post(PAGE, {"work": f"export:{failed.id}"}, follow=True).content.decode()
    assert "A worker tries it again." in answer
    assert "Nothing failed" in answer
    failed.refresh_from_db()
    assert (failed.state, failed.attempt) == ("waiting", 0)
    assert failed.expires_at > timezone.now() + timedelta(hours=23)
    [row] = AuditRecord.objects.all()
    assert (row.action, row.by, row.person, row.door) == ("try_again", root.id, alice.id, "admin")
    assert json.loads(row.details) == {"kind": "export", "id": str(failed.id)}


def test_what_cannot_be_tried_again_is_refused(failed, late, helper, alice):
    asked = signed_in(helper).post(PAGE, {"work": f"export:{failed.id}"})
    assert asked.status_code == 403
    with pytest.raises(CommandError, match="sent again"):
        run("again", "file", str(late[1].id))
    for kind in ("export", "deletion", "file"):
        with pytest.raises(CommandError):
            run("again", kind, str(new_id()))
    Export.objects.create(user_id=alice.id, expires_at=failed.expires_at)
    with pytest.raises(CommandError, match="another export"):
        run("again", "export", str(failed.id))
    alice.is_active = False
    alice.save()
    with pytest.raises(CommandError, match="closed"):
        run("again", "export", str(failed.id))
    assert not AuditRecord.objects.exists()


def test_operators_wake_workers_for_late_work(late, bob):
    assert json.loads(run("--json", "again", "deletion", str(bob.id)))["again"] == "deletion"
    run("again", "file", str(late[0].id))
    found = AuditRecord.objects.order_by("number").values_list("person", "door")
    assert [*found] == [(bob.id, "command"), (late[0].owner_id, "command")]


def test_the_page_of_garbage_is_absent(root):
    for garbage in ("", "export:1", "export"):
        assert signed_in(root).post(PAGE, {"work": garbage}).status_code == 404
