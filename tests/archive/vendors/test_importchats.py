"""`manage.py importchats`: exports of other servers become chats."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.actions import registration
from apps.accounts.models import Placeholder, User
from apps.chats.actions import imported
from apps.chats.models import Chat, Member, Message, Reaction
from apps.chats.queries.access import get_membership
from apps.core.errors import NotFound
from tests.archive.vendors import mattermost_export, zulip_export
from tests.archive.vendors.slack_export import BOB, USERS, channel, export, message, user
from tests.support.people import PASSWORD

FIRST = "1577836800.000100"
DAY = "general/2020-01-01.json"
REACTION = {"name": "+1", "users": [BOB], "count": 1}

pytestmark = pytest.mark.django_db


def run(vendor: str, path: Path, **options: Any) -> str:
    out = StringIO()
    call_command("importchats", vendor, str(path), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def slack(tmp_path: Path) -> Path:
    messages = [
        message(FIRST, text=f"Hi <@{BOB}>", reactions=[REACTION]),
        message("1577836801.0", BOB, "reply", thread_ts=FIRST),
    ]
    return export(tmp_path / "slack.zip", {DAY: messages})


def test_an_export_becomes_chats_of_placeholders(slack: Path) -> None:
    out = run("slack", slack)
    assert "2  messages" in out
    chat = Chat.objects.get()
    people = {user.username: user for user in User.objects.all()}
    assert set(people) == {"alice", "bob", "carol"}
    _, first, second = Message.objects.order_by("seq")
    assert (first.sender_id, first.text) == (people["alice"].id, "Hi @bob")
    assert (first.mentions, first.replies) == ([people["bob"].id], 1)
    assert first.created_at.isoformat() == "2020-01-01T00:00:00.000100+00:00"
    assert (second.thread, second.sender_id) == (first.seq, people["bob"].id)
    assert Reaction.objects.get().user_id == people["bob"].id
    assert Placeholder.objects.count() == 3
    members = dict(Member.objects.values_list("user_id", "read_seq"))
    assert members == {people["alice"].id: 3, people["bob"].id: 3}
    with pytest.raises(NotFound):  # until it is claimed
        get_membership(people["bob"].id, chat.id)
    assert not slack.with_name("slack.zip.import").exists()


def test_a_claimed_account_has_its_history(slack: Path) -> None:
    run("slack", slack)
    bob = registration.register(
        "robert", password=PASSWORD, email="bob@example.org", confirmed=True, claims=True
    )
    assert get_membership(bob.id, Chat.objects.get().id).read_seq == 3
    assert Message.objects.filter(sender_id=bob.id, kind="text").count() == 1
    assert "Nothing new." in run("slack", slack)


def test_a_second_run_changes_nothing(slack: Path) -> None:
    run("slack", slack)
    before = [*Message.objects.values_list("chat_id", "seq", "id", "rev")]
    assert "Nothing new." in run("slack", slack)
    assert [*Message.objects.values_list("chat_id", "seq", "id", "rev")] == before


def test_a_dry_run_writes_nothing(slack: Path, tmp_path: Path) -> None:
    shown = json.loads(run("slack", slack, dry_run=True, json=True))
    assert {"fate": "kept", "what": "messages", "how": "", "count": 2, "examples": []} in shown[
        "report"
    ]
    assert (shown["dry_run"], shown["import"]["entries"], shown["import"]["made"]) == (True, 3, 3)
    assert not User.objects.exists()
    assert not Chat.objects.exists()
    assert [*tmp_path.iterdir()] == [slack]


def test_an_import_that_was_killed_goes_on(slack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(imported, "open_chat", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run("slack", slack)
    assert Message.objects.count() == 3
    assert not Member.objects.exists()
    assert slack.with_name("slack.zip.import").exists()
    run("slack", slack)
    assert (Message.objects.count(), Member.objects.count()) == (3, 2)
    assert not slack.with_name("slack.zip.import").exists()


def test_a_newer_export_adds_people_and_chats(slack: Path) -> None:
    run("slack", slack)
    files = {
        "users.json": [*USERS, user("U9", "zoe")],
        "channels.json": [channel(), channel("C2", "new", members=["U9"])],
        DAY: [message(FIRST, text=f"Hi <@{BOB}>"), message("1577836801.0", BOB, "reply")],
        "general/2020-01-02.json": [message("1577923200.0", text="later")],
        "new/2020-01-02.json": [message("1577923200.0", "U9", "hello")],
    }
    with pytest.raises(CommandError, match="takes no new messages"):
        run("slack", export(slack, files))
    assert Message.objects.filter(text="hello").exists()
    assert not Message.objects.filter(text="later").exists()
    assert User.objects.filter(username="zoe").exists()


def test_large_groups_wait_for_a_choice(slack: Path, settings: Any) -> None:
    settings.GROUP_SIZE = 1
    assert "more than 1 members" in run("slack", slack, dry_run=True)
    with pytest.raises(CommandError, match="--large split or refuse"):
        run("slack", slack)
    assert not User.objects.exists()
    run("slack", slack, large="split")
    assert sorted(Chat.objects.values_list("title", flat=True)) == [
        "general (1/2)",
        "general (2/2)",
    ]


def test_the_other_vendors(tmp_path: Path) -> None:
    lines = [*mattermost_export.LINES, mattermost_export.post("from Mattermost")]
    run("mattermost", mattermost_export.export(tmp_path / "m.zip", lines))
    day = {"messages-000001.json": {"zerver_message": [zulip_export.message(1, "from Zulip")]}}
    run("zulip", zulip_export.export(tmp_path / "z.tar.gz", day))
    assert {*Message.objects.filter(kind="text").values_list("text", flat=True)} == {
        "from Mattermost",
        "**plans**\nfrom Zulip",
    }


@pytest.mark.parametrize("name", ["nothing.zip", "text.zip"])
def test_what_is_no_export_is_a_clear_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.zip").write_text("text")
    with pytest.raises(CommandError, match=name):
        run("slack", tmp_path / name)
