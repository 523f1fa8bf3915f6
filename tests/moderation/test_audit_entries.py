"""What the audit log says of roles, groups and accounts, and its pages in the admin."""

import json
from collections import Counter

from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.actions import deletions, external, invites
from apps.core import bounded_paginator
from apps.core.identifiers import new_id
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By, Door
from apps.moderation.models import AuditRecord
from tests.moderation.test_audit import write
from tests.support.people import person, signed_in

LOG = reverse("admin:moderation_auditrecord_changelist")


def test_commands_record_the_operator(db):
    with transaction.atomic():
        row = audit.record("warn", by=By(None, Door.COMMAND), about=About())
    assert json.loads(row.details)["operator"]


def test_the_admin_shows_the_log_and_changes_nothing(root, alice):
    with transaction.atomic():
        audit.record("ban", by=By(root.id, Door.ADMIN), about=About(person=alice.id), reason="Spam")
    client = signed_in(root)
    page = client.get(LOG).content.decode()
    assert "alice" in page
    assert "root" in page
    assert "Spam" in page
    for whole in (alice.id, "alice", "Root"):
        assert "Spam" in client.get(f"{LOG}?q={whole}").content.decode()
    for other in (new_id(), "ali", alice.id.hex[:8]):
        assert "Spam" not in client.get(f"{LOG}?q={other}").content.decode()
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{LOG}?q={alice.id}")
    assert not [each for each in queries if "UPPER" in each["sql"]], "no index has that"
    row = reverse("admin:moderation_auditrecord_change", args=[1])
    assert client.get(row).status_code == 200
    assert client.post(row, {"reason": "other"}).status_code == 403
    assert client.get(reverse("admin:moderation_auditrecord_add")).status_code == 403
    assert signed_in(person("helper", is_staff=True)).get(LOG).status_code == 403
    assert signed_in(alice).get(LOG).status_code == 302


def test_the_page_of_the_log_counts_no_further_than_its_bound(root, monkeypatch):
    monkeypatch.setattr(bounded_paginator, "MAX_COUNTED", 3)
    write(2)
    client = signed_in(root)
    client.get(LOG)
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(LOG).status_code == 200
        counted.append(len(queries))
        write(8)
    assert len(Counter(counted)) == 1, "the number of queries does not depend on the rows"
    counts = [each["sql"] for each in queries if "COUNT(" in each["sql"]]
    assert counts
    assert all("LIMIT 3" in sql for sql in counts), counts


def test_the_log_says_who_made_whom_a_moderator(settings, db):
    settings.STAFF_SECOND_FACTOR = False
    root = person("root", is_staff=True, is_superuser=True)
    mona = person("mona")
    group = Group.objects.create(name="helpers")
    page = reverse("admin:accounts_user_change", args=[mona.id])
    moderate = Permission.objects.get(codename="moderate")
    client, given = signed_in(root), {"is_staff": "on", "groups": [group.id]}
    client.post(page, given | {"user_permissions": [moderate.id]})
    client.post(page, given)
    client.post(page, given)
    made, taken = AuditRecord.objects.order_by("number")
    assert (made.action, made.by, made.person) == ("change_permissions", root.id, mona.id)
    assert json.loads(made.details) == {
        "is_staff": {"old": False, "new": True},
        "groups": {"old": [], "new": ["helpers"]},
        "user_permissions": {"old": [], "new": ["moderate"]},
    }
    assert json.loads(taken.details) == {"user_permissions": {"old": ["moderate"], "new": []}}


def rows():
    """What the log has, without the operator's name."""
    found = AuditRecord.objects.order_by("number")
    return [
        (
            row.action,
            row.by,
            row.person,
            row.door,
            {name: value for name, value in json.loads(row.details).items() if name != "operator"},
        )
        for row in found
    ]


def test_the_log_says_what_a_group_may_do_since_when(db):
    group = Group.objects.create(name="helpers")
    moderate = Permission.objects.get(codename="moderate")
    view = Permission.objects.get(codename="view_user")
    group.permissions.add(moderate)
    group.permissions.add(moderate)
    view.group_set.add(group)
    group.permissions.set([view])
    group.permissions.clear()
    group.permissions.clear()
    group.delete()
    assert [row[0] for row in rows()] == ["change_group"] * 4 + ["delete_group"]
    assert [row[4] for row in rows()] == [
        {"group": "helpers", "given": ["moderate"]},
        {"group": "helpers", "given": ["view_user"]},
        {"group": "helpers", "taken": ["moderate"]},
        {"group": "helpers", "taken": ["view_user"]},
        {"group": "helpers"},
    ]


def test_the_log_says_whose_deletion_staff_began_and_took_back(settings, db):
    settings.STAFF_SECOND_FACTOR = False
    root, mona = person("root", is_staff=True, is_superuser=True), person("mona")
    client, page = signed_in(root), reverse("admin:accounts_user_change", args=[mona.id])
    for button in ("_delete_account", "_delete_account", "_keep_account", "_keep_account"):
        client.post(page, {button: ""})
    call_command("deleteaccount", "mona")
    [begun, kept, commanded] = rows()
    assert begun[:4] == ("begin_deletion", root.id, mona.id, "admin")
    assert kept == ("take_back_deletion", root.id, mona.id, "admin", {})
    assert commanded[:4] == ("begin_deletion", None, mona.id, "command")
    deletions.take_back(mona.id)
    deletions.ask(mona.id)
    assert len(rows()) == 3, "what people do with their own account is theirs"


def test_the_log_says_who_revoked_an_invitation(settings, db):
    settings.STAFF_SECOND_FACTOR, settings.REGISTRATION = False, "invite"
    root = person("root", is_staff=True, is_superuser=True)
    invite = str(invites.create().invite.id)
    page = reverse("admin:accounts_registrationinvite_changelist")
    for _ in range(2):
        signed_in(root).post(page, {"action": "revoke", "_selected_action": [invite]})
    assert rows()[1:] == [("revoke_invite", root.id, None, "admin", {"invitation": invite})]


def test_the_log_says_who_became_staff_by_a_role_of_the_provider(db):
    mona = person("mona")
    for staff, moderator in ((True, True), (True, True), (False, True), (None, False)):
        external.set_roles(mona.id, staff=staff, groups={"moderators": moderator})
    assert rows() == [
        ("follow_roles", None, mona.id, "worker", {"roles": roles})
        for roles in (
            {"is_staff": True, "moderators": True},
            {"is_staff": False},
            {"moderators": False},
        )
    ]
