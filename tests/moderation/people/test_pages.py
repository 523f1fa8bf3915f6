"""Suspensions over the API, by command and in the admin."""

import html
import json
import re
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Ending, Suspension
from apps.core.identifiers import new_id
from apps.moderation.models import AuditRecord
from apps.moderation.queries.audit import verify
from tests.moderation.people.suspending import is_open, records, soon
from tests.support.people import person, signed_in

LIST = reverse("admin:accounts_suspension_changelist")
ADD = reverse("admin:accounts_suspension_add")


def api(client, person_id, method="put", **body):
    more = {"data": body, "content_type": "application/json"} if body else {}
    return getattr(client, method)(f"/api/v1/moderation/people/{person_id}/suspension", **more)


def lift_by_api(client, person_id, reason="A mistake"):
    path = f"/api/v1/moderation/people/{person_id}/suspension/lift"
    return client.post(path, {"reason": reason}, content_type="application/json")


def test_the_api_suspends_and_lifts(alice, moderator):
    client = signed_in(moderator)
    signed_in(alice)
    answer = api(client, alice.id, reason="Insults", until=soon().isoformat())
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"id": str(Ending.objects.get().id), "ended": {"sessions": 1}}
    assert not is_open(alice)
    assert lift_by_api(client, alice.id, "").status_code == 400
    assert lift_by_api(client, alice.id).status_code == 204
    assert is_open(alice)
    assert lift_by_api(client, alice.id).json()["code"] == "not_possible"
    assert api(client, alice.id, reason="").status_code == 400
    assert AuditRecord.objects.filter(door="api").count() == 2


def test_the_api_refuses_everybody_else(alice, bob, moderator, root):
    for user in (bob, person("helper", is_staff=True)):
        answer = api(signed_in(user), alice.id, reason="Insults")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert api(Client(), alice.id, reason="Insults").status_code == 401
    assert api(signed_in(moderator), root.id, reason="Insults").status_code == 403
    assert api(signed_in(moderator), new_id(), reason="Insults").status_code == 404
    assert is_open(alice)


def test_the_api_asks_what_the_admin_asks(alice, moderator, settings):
    settings.STAFF_SECOND_FACTOR = True
    answer = api(signed_in(moderator), alice.id, reason="Insults")
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert is_open(alice)


def moderate(*words):
    out = StringIO()
    call_command("moderate", *words, stdout=out)
    return out.getvalue()


def test_the_command_suspends_bans_and_lifts(alice, bob, root):
    answer = json.loads(moderate("--json", "suspend", "Alice", "--days", "2", "--reason", "Spam"))
    assert Ending.objects.filter(id=answer["ending"], user=alice).exists()
    assert Suspension.objects.get(user=alice).until > soon(hours=47)
    moderate("suspend", "alice", "--until", "2099-01-01T00:00Z", "--reason", "Spam")
    assert Suspension.objects.get(user=alice).until.year == 2099
    moderate("ban", "root", "--reason", "Stolen account")
    assert not is_open(root)
    moderate("lift", "alice", "--reason", "Enough")
    assert is_open(alice)
    assert {row.door for row in AuditRecord.objects.all()} == {"command"}
    assert verify().intact
    for words in (
        ("ban", "nobody", "--reason", "Spam"),
        ("suspend", "bob", "--until", "tomorrow", "--reason", "Spam"),
        ("suspend", "bob", "--until", "2020-01-01T00:00Z", "--reason", "Spam"),
        ("lift", "bob", "--reason", "Spam"),
    ):
        with pytest.raises(CommandError):
            moderate(*words)
    assert is_open(bob)


def test_the_page_of_a_person_leads_to_what_moderators_can_do(alice, root):
    client = signed_in(root)
    page = client.get(f"/admin/accounts/user/{alice.id}/change/").content.decode()
    block = page[page.index("What moderators can do") :]
    suspend, warn, reports = re.findall(r'href="(/admin/[^"]+)"', block)[:3]
    for form in (suspend, warn):
        assert 'value="alice"' in client.get(form).content.decode()
    assert client.get(html.unescape(reports)).status_code == 200
    staff = person("staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_user"))
    page = signed_in(staff).get(f"/admin/accounts/user/{alice.id}/change/").content.decode()
    assert "What moderators can do" not in page


def test_the_admin_suspends_and_lifts(alice, moderator, root):
    client = signed_in(moderator)
    device = signed_in(alice)
    form = {"user": "alice", "until": "", "reason": "Insults"}
    for refused in (form, form | {"user": "nobody", "is_ban": "on"}):
        assert client.post(ADD, refused).status_code == 200, "the form, with the error"
    assert is_open(alice)
    form |= {"is_ban": "on"}
    page = client.post(ADD, form, follow=True).content.decode()
    assert "sessions: 1" in page
    for link in re.findall(r'href="(/admin/accounts/ending/[^"]+)"', page):
        assert client.get(link).status_code == 200, "no link that the moderator may not follow"
    assert device.get("/api/v1/me").status_code == 401
    assert "alice" in client.get(LIST).content.decode()
    page = client.post(ADD, form | {"user": "root"}, follow=True).content.decode()
    assert "Moderators act on members only" in page
    assert is_open(root)
    lift = {"action": "lift", "_selected_action": [str(alice.id)]}
    client.post(LIST, lift)
    assert not is_open(alice), "no reason, no lifting"
    client.post(LIST, lift | {"reason": "A mistake"})
    assert is_open(alice)
    assert [action for action, _, _ in records()] == ["ban", "lift"]
    assert AuditRecord.objects.last().reason == "A mistake"
    for other in (alice, person("helper", is_staff=True)):
        assert signed_in(other).post(ADD, form).status_code in (302, 403)
    assert is_open(alice)
