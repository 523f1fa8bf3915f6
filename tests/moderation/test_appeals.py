"""What suspended people read, to whom it is shown, and their one answer."""

import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import suspended
from apps.accounts.actions import accounts, deletions
from apps.accounts.actions.registration import register
from apps.accounts.models import Deletion, Suspension, User
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.moderation.actions import appeals, people
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import Appeal, AuditRecord
from apps.moderation.queries.data_export import sections
from tests.accounts.test_second_factor import SECOND_STEP, enter, set_up, signed_in_anew
from tests.support.people import PASSWORD, signed_in
from tests.support.signing_in import sign_in

OPERATOR = By(None, Door.COMMAND)
PAGE, STATE = "/suspended", "/suspended/state"
WHY = "Insults in the crew"


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    """Passwords are not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def erin(db):
    """Somebody who can sign in with a password."""
    return register("erin", password=PASSWORD)


def suspend(user, reason=WHY, **until):
    end = timezone.now() + timedelta(**until) if until else None
    people.suspend(OPERATOR, user.id, until=end, reason=reason)


def test_a_right_password_leads_to_the_reason_and_the_end(erin):
    suspend(erin, days=3)
    client = Client()
    assert sign_in(client, "erin")["Location"] == PAGE
    page = client.get(PAGE).content.decode()
    assert WHY in page
    assert "Your account is suspended" in page
    assert str((timezone.now() + timedelta(days=3)).year) in page
    assert "(UTC)" in page, "a time is of some zone"
    assert client.get("/api/v1/me").status_code == 401


def test_a_wrong_password_tells_nothing(erin):
    suspend(erin)
    wrong, unknown = Client(), Client()
    data = {"login": "erin", "password": "not hers at all"}
    first = wrong.post("/accounts/login/", data)
    other = unknown.post("/accounts/login/", data | {"login": "nobody"})
    assert (first.status_code, other.status_code) == (200, 200)
    assert WHY not in first.content.decode()
    for client in (wrong, unknown, Client()):
        assert client.get(PAGE)["Location"] == "/accounts/login/"
        assert client.get(STATE).status_code == 204


def test_an_account_that_is_closed_otherwise_has_its_old_page(erin):
    accounts.deactivate(erin.id)
    assert sign_in(Client(), "erin")["Location"] == "/accounts/inactive/"


def test_a_browser_whose_session_was_ended_by_it_reads_why(alice, bob):
    of_alice, of_bob = signed_in(alice), signed_in(bob)
    key = of_alice.cookies[settings.SESSION_COOKIE_NAME].value
    assert of_alice.get(STATE).status_code == 204
    suspend(alice)
    assert of_alice.get(STATE).json() == {"reason": WHY, "until": None}
    # The cookie of the ended session is replaced by one that remembers the person.
    assert of_alice.cookies[settings.SESSION_COOKIE_NAME].value != key
    assert "Your account is banned" in of_alice.get(PAGE).content.decode()
    assert of_bob.get(STATE).status_code == 204
    assert of_bob.get(PAGE).status_code == 302


def test_a_session_that_ended_otherwise_reads_nothing(alice):
    browser = signed_in(alice)
    accounts.deactivate(alice.id)
    suspend(alice)
    assert browser.get(STATE).status_code == 204


def test_the_proof_lasts_for_minutes(erin, monkeypatch):
    suspend(erin)
    client = Client()
    sign_in(client, "erin")
    later = time.time() + suspended.PROOF_TTL_S + 1
    monkeypatch.setattr(suspended.time, "time", lambda: later)
    assert client.get(PAGE).status_code == 302


def test_looking_at_the_page_does_not_prolong_the_proof_for_ever(erin, monkeypatch):
    suspend(erin)
    client = Client()
    sign_in(client, "erin")
    now = time.time()
    looks = []
    for minutes in range(0, 80, 10):
        monkeypatch.setattr(suspended.time, "time", lambda at=now + minutes * 60: at)
        looks.append(client.get(PAGE).status_code)
    assert looks == [200] * 6 + [302] * 2
    monkeypatch.undo()
    sign_in(client, "erin")
    assert client.get(PAGE).status_code == 200


def test_signing_in_changes_the_key_of_the_session(erin):
    suspend(erin)
    client = Client()
    client.get("/accounts/login/")
    client.session.save()  # a key that somebody else planted in this browser
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    sign_in(client, "erin")
    assert client.get(PAGE).status_code == 200
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert other.get(PAGE)["Location"] == "/accounts/login/"


def test_signing_out_there_leaves_nothing_in_the_browser(erin):
    suspend(erin)
    client = Client()
    sign_in(client, "erin")
    assert 'name="sign_out"' in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"sign_out": ""})["Location"] == "/accounts/login/"
    assert client.get(PAGE)["Location"] == "/accounts/login/"
    assert not client.session.keys()


def test_another_person_who_signs_in_there_does_not_see_it(erin, bob):
    suspend(erin)
    client = Client()
    sign_in(client, "erin")
    client.force_login(bob, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(PAGE)["Location"] == "/accounts/login/"
    assert client.get(STATE).status_code == 204


def test_a_suspended_person_answers_once(erin):
    suspend(erin)
    client = Client()
    sign_in(client, "erin")
    empty = client.post(PAGE, {"text": "  "})
    assert empty.status_code == 400
    assert "Write something" in empty.content.decode()
    assert client.post(PAGE, {"text": "It was a quote"})["Location"] == PAGE
    page = client.get(PAGE).content.decode()
    assert "It was a quote" in page
    assert "<textarea" not in page
    assert client.post(PAGE, {"text": "Once more"})["Location"] == PAGE
    assert [*Appeal.objects.values_list("text", flat=True)] == ["It was a quote"]


def test_the_cookie_of_an_ended_session_neither_answers_nor_keeps_the_account(erin):
    opened = signed_in(erin)
    suspend(erin)
    deletions.ask(erin.id)
    for data in ({"keep": ""}, {"text": "It was a <quote>"}):
        refused = opened.post(PAGE, data)
        assert refused.status_code == 403
        assert "Is it you? Sign in again first" in refused.content.decode()
    assert "It was a &lt;quote&gt;</textarea>" in refused.content.decode()
    assert Deletion.objects.exists()
    assert not Appeal.objects.exists()
    sign_in(opened, "erin")
    assert "It was a &lt;quote&gt;</textarea>" in opened.get(PAGE).content.decode()
    assert opened.post(PAGE, {"keep": ""}).status_code == 302
    assert opened.post(PAGE, {"text": "It was a <quote>"}).status_code == 302
    assert not Deletion.objects.exists()
    assert Appeal.objects.get().text == "It was a <quote>"
    people.lift(OPERATOR, erin.id, reason="A mistake")
    suspend(erin)
    assert "quote" not in opened.get(PAGE).content.decode(), "that one was sent"


def test_an_answer_that_comes_too_late_is_there_after_the_sign_in(erin, monkeypatch):
    suspend(erin)
    client = Client()
    sign_in(client, "erin")
    later = time.time() + suspended.PROOF_MAX_S + 1
    monkeypatch.setattr(suspended.time, "time", lambda: later)
    assert client.post(PAGE, {"text": "It was a quote"})["Location"] == "/accounts/login/"
    monkeypatch.undo()
    register("mallory", password=PASSWORD)
    suspend(User.objects.get(username="mallory"))
    sign_in(client, "mallory")
    assert "It was a quote" not in client.get(PAGE).content.decode()
    sign_in(client, "erin")
    assert "It was a quote</textarea>" in client.get(PAGE).content.decode()
    assert not Appeal.objects.exists()


def test_the_next_suspension_may_be_answered_again(alice):
    suspend(alice)
    appeals.appeal(alice.id, "first")
    with pytest.raises(NotPossible):
        appeals.appeal(alice.id, "again")
    people.lift(OPERATOR, alice.id, reason="A mistake")
    with pytest.raises(NotFound):
        appeals.appeal(alice.id, "nothing to answer")
    suspend(alice)
    appeals.appeal(alice.id, "second")
    exported = [*sections(alice.id)["appeals"]]
    assert [row["text"] for row in exported] == ["first", "second"]


@pytest.mark.parametrize("text", ["", " \n", "x" * 2001, "a\x00b"])
def test_an_answer_has_words(alice, text):
    suspend(alice)
    with pytest.raises(Invalid):
        appeals.appeal(alice.id, text)


def test_moderators_read_the_answer_beside_the_suspension(alice, moderator):
    suspend(alice)
    appeals.appeal(alice.id, "<b>It was a quote</b>")
    page = signed_in(moderator).get(reverse("admin:accounts_suspension_changelist"))
    assert "&lt;b&gt;It was a quote&lt;/b&gt;" in page.content.decode()


def test_after_it_is_lifted_the_page_leads_to_the_sign_in(erin):
    suspend(erin)
    client = Client()
    sign_in(client, "erin")
    people.lift(OPERATOR, erin.id, reason="A mistake")
    assert client.get(PAGE)["Location"] == "/accounts/login/"
    assert sign_in(client, "erin")["Location"] == "/"


def test_a_person_with_a_second_step_takes_it_first(erin):
    _, codes = set_up(signed_in_anew("erin"))
    suspend(erin)
    client = Client()
    assert sign_in(client, "erin")["Location"] == SECOND_STEP
    assert client.get(PAGE)["Location"] == "/accounts/login/"
    assert client.get(STATE).status_code == 204
    assert enter(client, "000000").status_code == 200
    assert client.get(PAGE).status_code == 302
    assert enter(client, codes[0])["Location"] == PAGE
    assert WHY in client.get(PAGE).content.decode()
    assert client.get("/api/v1/me").status_code == 401


def test_a_suspended_person_takes_back_the_deletion_they_asked_for(erin):
    deletions.ask(erin.id)
    suspend(erin)
    client = Client()
    sign_in(client, "erin")
    assert Deletion.objects.exists(), "reading the page takes nothing back"
    assert "Your account will be deleted" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"keep": ""})["Location"] == PAGE
    assert not Deletion.objects.exists()
    assert "Your account will be deleted" not in client.get(PAGE).content.decode()
    assert Client().post(PAGE, {"keep": ""})["Location"] == "/accounts/login/"


def test_a_suspended_person_does_not_take_back_what_an_administrator_began(erin, root):
    suspend(erin)
    deletions.start(erin.id, by=root.id)
    client = Client()
    sign_in(client, "erin")
    assert "An administrator began this" in client.get(PAGE).content.decode()
    client.post(PAGE, {"keep": ""})
    assert Deletion.objects.exists()


@pytest.mark.parametrize("at_once", [False, True])
def test_a_deletion_that_staff_begin_over_the_persons_own_is_theirs(erin, root, at_once):
    suspend(erin)
    own = deletions.ask(erin.id)
    before = AuditRecord.objects.count()
    deletions.start(erin.id, by=root.id, at_once=at_once)
    deletions.start(erin.id, by=root.id, at_once=at_once)
    row = Deletion.objects.get()
    assert row.by_id == root.id
    assert (row.due_at < own.due_at) if at_once else (row.due_at == own.due_at)
    [begun] = AuditRecord.objects.order_by("number")[before:]
    assert (begun.action, begun.person, begun.by) == ("begin_deletion", erin.id, root.id)
    assert row.due_at.isoformat() in begun.details
    client = Client()
    sign_in(client, "erin")
    assert "An administrator began this" in client.get(PAGE).content.decode()
    client.post(PAGE, {"keep": ""})
    deletions.ask(erin.id)
    assert Deletion.objects.get().by_id == root.id


def test_a_moderator_keeps_or_lifts_it_on_its_page(erin, bob, moderator):
    until = timezone.now() + timedelta(days=3)
    for each in (erin, bob):
        people.suspend(By(moderator.id, Door.ADMIN), each.id, until=until, reason=WHY)
    appeals.appeal(erin.id, "It was a quote")
    client = signed_in(moderator)
    waiting = reverse("admin:accounts_suspension_changelist") + "?answer=waiting"
    assert waiting in client.get(reverse("admin:index")).content.decode()
    page = client.get(waiting).content.decode()
    assert "erin" in page
    assert ">bob<" not in page
    at = reverse("admin:accounts_suspension_change", args=[erin.pk])
    page = client.get(at).content.decode()
    assert "It was a quote" in page
    assert reverse("admin:accounts_user_change", args=[erin.pk]) not in page, "not theirs to open"
    refused = client.post(at, {"_keep": "1", "reason": " "}).content.decode()
    assert "This field is required." in refused
    assert client.post(at, {"_keep": "1", "reason": "No quote"}).status_code == 302
    assert Appeal.objects.get().kept_at
    assert "erin" not in client.get(waiting).content.decode()
    page = client.get(at).content.decode()
    assert "_keep" not in page
    assert "_lift" in page
    client.post(at, {"_lift": "1", "reason": "Long enough"})
    assert not Suspension.objects.filter(user=erin).exists()


def test_a_refused_suspension_keeps_what_was_typed(root, moderator):
    add = reverse("admin:accounts_suspension_add")
    given = {"user": "root", "until": "2099-01-01T12:00", "reason": "They wrote rudely"}
    page = signed_in(moderator).post(add, given).content.decode()
    assert "Moderators act on members only" in page
    assert "They wrote rudely</textarea>" in page
    assert 'value="2099-01-01T12:00"' in page
    assert 'value="root"' in page
