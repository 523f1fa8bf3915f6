"""A suspended person's copy of their data, and the deletion of their account, which is no way
around the suspension."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core.mail import EmailMessage
from django.db.models import F
from django.test import Client
from django.utils import timezone

from apps.accounts import suspended
from apps.accounts.actions import accounts, deletions, exports, made_accounts
from apps.accounts.actions.access import Way
from apps.accounts.actions.registration import register
from apps.accounts.models import BarredEmail, Deletion, Ending, Export, User
from apps.accounts.queries import endings
from apps.accounts.tasks import clear_expired_sessions, erase_accounts, make_exports
from apps.core import limits
from apps.core.errors import Invalid, NotFound
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from tests.accounts.exports.exporting import content
from tests.support.people import PASSWORD, signed_in
from tests.support.signing_in import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]
OPERATOR = By(None, Door.COMMAND)
PAGE, DELETE = "/suspended", "/suspended/delete"
EMAIL = "erin@example.org"


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    """Passwords are not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def erin(db):
    """Somebody who is suspended for a week, with a password and a confirmed address."""
    user = register("erin", password=PASSWORD, email=EMAIL, confirmed=True)
    suspend(user, days=7)
    return user


def suspend(user, **until):
    end = timezone.now() + timedelta(**until) if until else None
    people.suspend(OPERATOR, user.id, until=end, reason="Insults in the crew")


def browser_of(user):
    client = Client()
    assert sign_in(client, user.username)["Location"] == PAGE
    return client


def some_time_later(client):
    """Make the sign-in of a browser older than what it is needed for."""
    session = client.session
    session[suspended.SIGNED_IN] = [session[suspended.SIGNED_IN][0], 1]
    session.save()


def path_of(row):
    return f"/suspended/data/{row.id}/file"


def erase(user):
    """Let the days pass in which the deletion can be taken back."""
    Deletion.objects.update(due_at=F("due_at") - timedelta(days=60))
    erase_accounts()
    user.refresh_from_db()
    assert user.erased_at is not None


def test_a_suspended_person_gets_a_copy_of_their_data(erin, bob):
    client = browser_of(erin)
    assert client.post(PAGE, {"export": ""})["Location"] == PAGE
    assert "We are collecting it" in client.get(PAGE).content.decode()
    make_exports()
    row = Export.objects.get(user_id=erin.id)
    assert path_of(row) in client.get(PAGE).content.decode()
    with ZipFile(BytesIO(content(client.get(path_of(row))))) as archive:
        assert "erin" in archive.read("profile.json").decode()
    suspend(bob)
    other = Client()
    for stranger in (other, signed_in(erin)):
        assert stranger.get(path_of(row)).status_code == 302
    register("mallory", password=PASSWORD)
    suspend(User.objects.get(username="mallory"))
    assert browser_of(User.objects.get(username="mallory")).get(path_of(row)).status_code == 404


def test_the_pages_are_in_the_language_of_the_person(erin):
    User.objects.filter(id=erin.id).update(locale="de")
    client = browser_of(erin)
    assert "Deine Daten" in client.get(PAGE).content.decode()
    assert "Konto" in client.get(DELETE).content.decode()


def test_a_copy_asked_for_while_suspended_is_not_left_of_the_ended_access(bob):
    earlier = exports.ask(bob.id)
    suspend(bob)
    ending = Ending.objects.select_related("user").get(user=bob)
    assert exports.ask(bob.id) != earlier
    assert endings.left(ending)[exports.EXPORTS_KIND] == 0
    Export.objects.filter(id=earlier.id).update(expires_at=timezone.now() + timedelta(days=1))
    assert endings.left(ending)[exports.EXPORTS_KIND] == 1, "one that should have ended"


def test_the_cookie_of_an_ended_session_is_no_proof(alice):
    browser = signed_in(alice)
    suspend(alice)
    row = Export.objects.create(
        user_id=alice.id, state="ready", size=1, expires_at=timezone.now() + timedelta(days=1)
    )
    assert "You can answer once" in browser.get(PAGE).content.decode()
    for path, data in ((PAGE, {"export": ""}), (DELETE, {})):
        refused = browser.post(path, data)
        assert refused.status_code == 403
        assert "Is it you? Sign in again" in refused.content.decode()
    assert browser.get(path_of(row)).status_code == 404
    assert path_of(row) not in browser.get(PAGE).content.decode()
    assert (Export.objects.count(), Deletion.objects.count()) == (1, 0)


def test_both_take_a_sign_in_of_the_last_minutes(erin):
    client = browser_of(erin)
    some_time_later(client)
    assert client.post(PAGE, {"export": ""}).status_code == 403
    assert client.post(DELETE).status_code == 403
    sign_in(client, "erin")
    assert client.post(PAGE, {"export": ""}).status_code == 302
    assert client.post(DELETE).status_code == 302
    assert (Export.objects.count(), Deletion.objects.count()) == (1, 1)


def test_an_old_sign_in_does_not_download(erin):
    client = browser_of(erin)
    client.post(PAGE, {"export": ""})
    make_exports()
    path = path_of(Export.objects.get())
    some_time_later(client)
    assert client.get(path).status_code == 404
    assert path not in client.get(PAGE).content.decode()
    sign_in(client, "erin")
    assert client.get(path).status_code == 200


def test_exports_of_suspended_people_are_limited_as_those_of_others(erin, monkeypatch):
    monkeypatch.setattr(limits, "ENABLED", True, raising=False)
    client = browser_of(erin)
    limits.check(limits.EXPORTS, erin.id, uses=limits.EXPORTS.amount - 1)
    assert client.post(PAGE, {"export": ""}).status_code == 302
    Export.objects.update(state="failed")
    assert client.post(PAGE, {"export": ""}).status_code == 429


def test_a_suspended_person_deletes_their_account_and_can_keep_it(erin, mailoutbox):
    client = browser_of(erin)
    assert DELETE in client.get(PAGE).content.decode()
    assert "on the page about your suspension" in client.get(DELETE).content.decode()
    assert client.post(DELETE)["Location"] == PAGE
    row = Deletion.objects.get()
    assert (row.user_id, row.by_id) == (erin.id, erin.id)
    page = client.get(PAGE).content.decode()
    assert "Your account will be deleted" in page
    assert DELETE not in page
    [mail] = mailoutbox
    assert isinstance(mail, EmailMessage)
    assert mail.to == [EMAIL]
    client.post(PAGE, {"keep": ""})
    assert not Deletion.objects.exists()
    client.post(DELETE)
    erase(erin)
    assert client.get(PAGE)["Location"] == "/accounts/login/"


def test_nobody_else_reaches_these_pages(erin, bob):
    for client in (Client(), signed_in(bob)):
        for path in (PAGE, DELETE):
            assert client.get(path)["Location"] == "/accounts/login/"
            assert client.post(path, {"export": ""})["Location"] == "/accounts/login/"
    assert not Export.objects.exists()
    assert not Deletion.objects.exists()


def test_an_account_that_is_closed_otherwise_asks_for_nothing(bob):
    accounts.deactivate(bob.id)
    for ask in (exports.ask, deletions.ask):
        with pytest.raises(NotFound):
            ask(bob.id)


@pytest.mark.parametrize("way", [Way.ADMINISTRATOR, Way.DIRECTORY])
def test_a_suspended_account_that_is_closed_as_well_counts_as_closed(erin, way):
    open_page = browser_of(erin)
    open_page.post(PAGE, {"export": ""})
    make_exports()
    path = path_of(Export.objects.get())
    assert open_page.get(path).status_code == 200
    accounts.deactivate(erin.id, way=way)
    assert open_page.get(PAGE)["Location"] == "/accounts/login/"
    assert open_page.get(path)["Location"] == "/accounts/login/"
    assert open_page.post(DELETE)["Location"] == "/accounts/login/"
    assert sign_in(Client(), "erin")["Location"] == "/accounts/inactive/"
    for ask in (exports.ask, deletions.ask):
        with pytest.raises(NotFound):
            ask(erin.id)
    assert not Deletion.objects.exists()
    accounts.activate(erin.id)
    assert browser_of(erin).get(PAGE).status_code == 200


def test_after_the_deletion_nobody_registers_with_the_address(erin, settings, mailoutbox):
    settings.REGISTRATION, settings.REGISTRATION_DOMAINS = "domains", ["example.org"]
    other = register("otto", password=PASSWORD, email=EMAIL)
    EmailAddress.objects.create(user=erin, email="typed@example.org", verified=False)
    deletions.ask(erin.id)
    erase(erin)
    mailoutbox.clear()
    Client().post("/accounts/signup/", {"email": EMAIL})
    link = next(word for word in mailoutbox[0].body.split() if "proof=" in word)
    page = Client().get(link.replace(settings.PUBLIC_URL, "")).content.decode()
    assert "was suspended, so you cannot register" in page
    # The address of an account that waits for its confirmation.
    pending = EmailAddress.objects.get(user=other)
    key = EmailConfirmationHMAC(pending).key
    Client().post(f"/accounts/confirm-email/{key}/")
    pending.refresh_from_db()
    assert not pending.verified
    # Not theirs: somebody typed it.
    assert BarredEmail.objects.count() == 1
    with pytest.raises(Invalid):
        register("erin", password=PASSWORD)
    # Administrators can let the person in again.
    made_accounts.make(None, username="erin2", email=EMAIL, name="Erin")


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [({}, {"days": 1}, None), ({"days": 7}, {"days": 1}, 7), ({"days": 7}, {}, None)],
)
def test_of_two_accounts_with_one_address_the_longer_suspension_counts(first, second, kept):
    for username, until in (("otto", first), ("otto2", second)):
        user = made_accounts.make(None, username=username, email=EMAIL, name="")
        suspend(user, **until)
        deletions.ask(user.id)
        erase(user)
    [row] = BarredEmail.objects.all()
    days = row.until and round((row.until - timezone.now()) / timedelta(days=1))
    assert days == kept


def test_a_suspended_person_does_not_exchange_their_address(erin):
    pending = EmailAddress.objects.create(user=erin, email="new@example.org", verified=False)
    key = EmailConfirmationHMAC(pending).key
    Client().post(f"/accounts/confirm-email/{key}/")
    assert EmailAddress.objects.get(user=erin, verified=True).email == EMAIL
    people.lift(OPERATOR, erin.id, reason="A mistake")
    Client().post(f"/accounts/confirm-email/{key}/")
    assert EmailAddress.objects.get(user=erin, verified=True).email == "new@example.org"


def test_the_address_is_free_when_the_suspension_would_be_over(erin, alice):
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True)
    suspend(alice)
    for user in (erin, alice):
        deletions.ask(user.id)
        erase(user)
    assert BarredEmail.objects.count() == 2
    clear_expired_sessions()
    assert BarredEmail.objects.count() == 2
    BarredEmail.objects.update(until=F("until") - timedelta(days=8))
    clear_expired_sessions()
    assert [row.until for row in BarredEmail.objects.all()] == [None]
