"""What the admin opens on: for whom, with which numbers, and at which cost."""

import socket
from datetime import timedelta
from time import monotonic

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Deletion, Export, User
from apps.chats.actions import groups, holding
from apps.core import health, task_queues
from apps.core.database import database_outages
from apps.core.identifiers import first_id_at, new_id
from apps.moderation.actions import queue
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.notifications.models import Push
from chatproject.administration import overview
from tests.administration.conftest import staff
from tests.support.people import in_touch, person, signed_in

INDEX = reverse("admin:index")


REAL = [
    (health, "states", health.states),
    (task_queues, "queue_lengths", task_queues.queue_lengths),
]


@pytest.fixture(autouse=True)
def _healthy(monkeypatch):
    """The state of the servers is tested with the probe."""
    parts = {"database": "ok", "redis": "ok", "storage": "ok"}
    monkeypatch.setattr(health, "states", lambda: parts)
    monkeypatch.setattr(task_queues, "queue_lengths", lambda names: dict.fromkeys(names, 0))


def shown(user):
    """The lines of the overview, by section and name."""
    return {
        str(section.title): {
            str(line.name): (str(line.value), line.level) for line in section.lines
        }
        for section in overview.sections(User.objects.get(id=user.id))
    }


def test_each_section_is_shown_only_to_people_who_may_see_it(root, moderator, helper):
    assert list(shown(root)) == [
        "Reports that wait",
        "Messages that wait",
        "Failed and late work",
        "Health",
        "People and messages",
        "Storage",
    ]
    assert list(shown(moderator)) == ["Reports that wait", "Messages that wait"]
    assert list(shown(helper)) == ["Failed and late work", "People and messages"]
    assert list(shown(helper)["Failed and late work"]) == ["Deletions of accounts that are late"]
    assert list(shown(staff("pia", "view_push"))["Failed and late work"]) == [
        "Pushes that failed, last hour",
        "Pushes that are late",
    ]
    assert shown(staff("nora")) == {}


def test_reports_are_counted_by_severity_and_by_who_works_on_them(moderator, alice, bob, charlie):
    for reporter in (alice, charlie):
        asked = Reported(kind="person", reason="violence", person=bob.id)
        report = create_report(reporter.id, asked).report
    queue.claim(By(moderator.id, Door.ADMIN), report.id)
    lines = shown(moderator)["Reports that wait"]
    assert lines["Assigned to me"] == ("1", "alert")
    assert lines["Unclaimed"] == ("1", "alert")
    counted = sum(int(lines[f"{name} severity"][0]) for name in ("High", "Medium", "Low"))
    assert counted == 2


def test_messages_that_wait_are_counted_without_ones_own(moderator, root, alice, bob):
    in_touch(alice, moderator)
    crew = groups.create_group(alice.id, "Crew", [moderator.id])
    for sender in (alice, moderator):
        given = {"client_id": new_id(), "text": "hello", "reply_to": None, "files": ()}
        holding.hold(sender.id, crew, **given, rules=())
    name = "Messages that wait for a moderator"
    assert shown(moderator)["Messages that wait"][name] == ("1", "alert")
    assert shown(root)["Messages that wait"][name] == ("2", "alert")


def test_work_that_failed_or_is_late_is_counted(root, alice, bob):
    now = timezone.now()
    long_ago = now - timedelta(hours=2)
    Export.objects.create(user_id=alice.id, state="failed", expires_at=now)
    Export.objects.create(user_id=bob.id, expires_at=now)
    Export.objects.filter(user_id=bob.id).update(asked_at=long_ago)
    Deletion.objects.create(user=bob, due_at=long_ago)
    run = {"user": bob, "first_seq": 1, "last_seq": 1, "open": True}
    for state, at in (("failed", now), ("failed", long_ago), ("pending", long_ago)):
        Push.objects.create(
            **run, chat_id=new_id(), state=state, created_at=at, due_at=at, newest_due_at=at
        )
    lines = shown(root)["Failed and late work"]
    assert {name for name, (value, level) in lines.items() if (value, level) == ("1", "alert")} == {
        "Exports that failed",
        "Exports that wait for more than 10 minutes",
        "Deletions of accounts that are late",
        "Pushes that failed, last hour",
        "Pushes that are late",
    }


def test_few_people_are_counted_and_many_estimated(root, alice, monkeypatch):
    assert shown(root)["People and messages"]["People"][0] == str(User.objects.count())
    monkeypatch.setattr("chatproject.administration.overview.MAX_COUNTED", 2)
    monkeypatch.setattr("apps.core.bounded_paginator.MAX_COUNTED", 2)
    assert "People, about" in shown(root)["People and messages"]


def test_missing_parts_of_the_server_are_named(root, settings, monkeypatch):
    settings.EMAIL_BACKEND = "chatproject.console.EmailBackend"
    settings.VAPID_PRIVATE_KEY = ""
    lengths = {"celery": overview.MAX_QUEUED + 1, "files": 0, "push": 0}
    monkeypatch.setattr(task_queues, "queue_lengths", lambda names: lengths)
    lines = shown(root)["Health"]
    assert lines["Mail server"] == lines["Keys for push"] == ("not configured", "")
    assert lines["Tasks that wait for workers: celery"] == ("21", "alert")
    assert lines["Tasks that wait for workers: push"] == ("0", "ok")
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    assert shown(root)["Health"]["Mail server"] == ("works", "ok")
    monkeypatch.setattr(database_outages, "_full_at", monotonic())
    assert shown(root)["Health"]["Database"] == ("has no space left", "alert")


def test_a_hanging_redis_does_not_hold_the_page(root, settings, tmp_path, monkeypatch):
    for module, name, real in REAL:
        monkeypatch.setattr(module, name, real)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen(64)
        settings.REDIS_URL = f"unix://{tmp_path}/silent.sock"
        lines = shown(root)["Health"]
        # One attempt: the lengths of the queues are not asked for after it.
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert lines["Redis"] == ("unavailable", "alert")
    assert lines["Tasks that wait for workers: celery"] == ("not known yet", "alert")


def test_ids_and_moments_are_in_the_same_order(db):
    before = first_id_at(timezone.now() - timedelta(milliseconds=1))
    made = new_id()
    assert before < made < first_id_at(timezone.now() + timedelta(milliseconds=2))


def test_the_page_asks_as_many_queries_for_many_rows_as_for_few(root, alice):
    client = signed_in(root)
    client.get(INDEX)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(INDEX).status_code == 200
        return len(asked)

    few = queries()
    for number in range(20):
        reporter = person(f"person{number}")
        create_report(reporter.id, Reported(kind="person", reason="spam", person=alice.id))
        Export.objects.create(user_id=reporter.id, state="failed", expires_at=timezone.now())
    assert queries() == few <= 30


def test_the_index_has_the_products_names_and_only_lists_in_use(root, settings):
    page = signed_in(root).get(INDEX).content.decode()
    assert "Parley administration" in page
    assert 'href="/">Back to your chats' in page
    assert "Django" not in page
    assert "Identity provider" not in page
    assert "Directory" not in page
    settings.SCIM_TOKEN = "secret" * 8
    settings.OIDC_ISSUER = "https://sso.example.org"
    page = signed_in(root).get(INDEX).content.decode()
    assert "Identity provider" in page
    assert "Directory" in page


def test_the_admin_speaks_german_to_germans(root):
    User.objects.filter(id=root.id).update(locale="de")
    page = signed_in(root).get(INDEX).content.decode()
    for text in ("Parley-Verwaltung", "Zurück zu deinen Chats", "Wartende Meldungen", "Personen"):
        assert text in page, text


def test_refusals_say_what_is_missing(helper, moderator, alice):
    stranger = signed_in(alice).get(INDEX, follow=True)
    assert stranger.status_code == 403
    assert "alice is not a member of staff" in stranger.content.decode()
    audit = reverse("admin:moderation_auditrecord_changelist")
    for path, needs in (
        (audit, "Can view"),
        (reverse("admin:accounts_user_add"), Permission.objects.get(codename="add_user").name),
        (reverse("admin:moderation_report_changelist"), "Can moderate: reports"),
        (reverse("admin:moderation_readrequest_changelist"), "Can ask to read a chat"),
    ):
        answer = signed_in(helper).get(path)
        assert answer.status_code == 403
        assert "has no permission for this page" in answer.content.decode()
        assert f"It needs the permission: {needs}" in answer.content.decode()


def test_only_permissions_with_an_effect_can_be_given(root, moderator):
    page = reverse("admin:accounts_user_change", args=[moderator.id])
    form = signed_in(root).get(page).context["adminform"].form
    offered = {each.codename for each in form.fields["user_permissions"].queryset}
    assert {
        "view_user",
        "add_user",
        "change_user",
        "moderate",
        "view_push",
        "view_ending",
    } <= offered
    useless = {"delete_user", "change_push", "add_logentry", "view_session"}
    assert not offered & useless
    deleting = {each for each in offered if each.startswith("delete_")}
    assert deleting == {"delete_externalcommand"}
    # What somebody has is still offered: saving the page takes nothing away.
    helper = staff("greta", "delete_user")
    form = signed_in(root).get(reverse("admin:accounts_user_change", args=[helper.id]))
    fields = form.context["adminform"].form.fields["user_permissions"]
    assert "delete_user" in {each.codename for each in fields.queryset}


def test_every_list_has_a_bound(db):
    for model, model_admin in admin.site._registry.items():
        assert not model_admin.show_full_result_count, model
        assert model_admin.paginator.__name__ == "BoundedPaginator", model
        for name in model_admin.list_display:
            assert isinstance(name, str)
