"""People who connect at the same time are admitted together."""

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.exceptions import ValidationError
from django.utils import timezone

from apps.accounts.models import Session, User
from apps.accounts.queries import profiles
from apps.accounts.sessions import SessionStore
from apps.core.errors import SignedOut, Unavailable
from apps.realtime.admission import admit
from apps.realtime.authentication import Credentials, credentials_of
from apps.wire.models import Epoch
from tests.support.apps import app_of, by_closing_the_account
from tests.support.locks import held
from tests.support.people import signed_in
from tests.support.statements import traffic


def key_of(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.django_db(transaction=True)
def test_browsers_are_admitted_together(three):
    keys = [key_of(signed_in(user)) for user in three]
    with traffic() as of_one:
        admit([Credentials(keys[0])])
    with traffic() as of_three:
        found = admit([Credentials(key) for key in keys])
    assert [each.welcome.me.username for each in found] == ["alice", "bob", "charlie"]
    assert of_three.statements == of_one.statements == 2
    assert of_three.round_trips == 1


@pytest.mark.django_db(transaction=True)
def test_apps_are_admitted_with_browsers(three):
    """By tokens and tickets. Of two connections with the same ticket, one is admitted."""
    _, bob, charlie = three
    apps = [app_of(user) for user in three]
    by_token = [credentials_of({"authorization": f"Bearer {app.access}"}) for app in apps]
    browser = Credentials(key_of(signed_in(bob)))
    admit([*by_token, browser])  # confirms the tokens
    tickets = [app.request("POST", "tickets").json()["ticket"] for app in apps]
    by_ticket = [credentials_of({}, ticket=each) for each in [*tickets[:2], tickets[0]]]
    by_closing_the_account(apps[2], charlie)
    with traffic() as sent:
        found = admit([*by_token, browser, *by_ticket])
    names = [each and each.welcome.me.username for each in found]
    assert names == ["alice", "bob", None, "bob", "alice", "bob", None]
    assert sent.round_trips == 1


@pytest.mark.django_db(transaction=True)
def test_new_tokens_are_confirmed_together_without_waiting_for_a_lock(three):
    apps = [app_of(user) for user in three]
    credentials = [credentials_of({"authorization": f"Bearer {app.access}"}) for app in apps]
    locked = credentials[0].session_key
    with held("SELECT FROM accounts_session WHERE session_key = %s FOR UPDATE", locked):
        with traffic() as sent:
            found = admit(credentials)
        assert [each.welcome.me.username for each in found] == ["alice", "bob", "charlie"]
    # Sessions and epoch; the confirmation.
    assert (sent.statements, sent.round_trips) == (3, 2)

    def unconfirmed():
        return list(Session.objects.exclude(refresh_confirmed=True).values_list("session_key"))

    assert unconfirmed() == [(locked,)]
    admit(credentials)
    assert unconfirmed() == []


@pytest.mark.django_db(transaction=True)
def test_an_unknown_session_is_read_once():
    with traffic() as sent:
        assert admit([Credentials("unknown")]) == [None]
    assert sent.round_trips == 1


@pytest.mark.django_db(transaction=True)
def test_sessions_that_have_ended_admit_nobody(three):
    alice, bob, charlie = three
    keys = [key_of(signed_in(user)) for user in three]
    User.objects.filter(id=bob.id).update(is_active=False)
    charlie.set_password("another password of hers")  # as if somebody else had signed in before
    charlie.save(update_fields=["password"])
    Session.objects.filter(user=alice).update(expire_date=timezone.now())
    assert admit([Credentials(key) for key in [*keys, "unknown"]]) == [None] * 4


@pytest.mark.django_db(transaction=True)
def test_a_cookie_that_no_server_gave_is_not_read_with_the_others(three):
    """PostgreSQL refuses a text with a NUL, which a cookie can spell."""
    cookie = f'{settings.SESSION_COOKIE_NAME}="{"a" * 30}\\000"'
    with pytest.raises(SignedOut):
        credentials_of({"cookie": cookie})


@pytest.mark.django_db(transaction=True)
def test_a_session_that_cannot_be_understood_fails_alone(three):
    keys = [key_of(signed_in(user)) for user in three]
    data = {SESSION_KEY: "17", BACKEND_SESSION_KEY: "", HASH_SESSION_KEY: ""}
    Session.objects.filter(session_key=keys[1]).update(session_data=SessionStore().encode(data))
    found = admit([Credentials(key) for key in keys])
    assert isinstance(found[1], ValidationError)
    assert [found[n].welcome.me.username for n in (0, 2)] == ["alice", "charlie"]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_cannot_be_built_loses_no_ticket_of_others(three, monkeypatch):
    app = app_of(three[0])
    ticket = credentials_of({}, ticket=app.request("POST", "tickets").json()["ticket"])
    browsers = [Credentials(key_of(signed_in(user))) for user in three]
    from_db = User.from_db

    def of_all_but_bob(*row):
        user = from_db(*row)
        if user.username == "bob":
            raise ValueError
        return user

    monkeypatch.setattr(User, "from_db", of_all_but_bob)
    found = admit([ticket, *browsers])
    assert isinstance(found[2], ValueError)
    assert [found[n].welcome.me.username for n in (0, 1, 3)] == ["alice", "alice", "charlie"]


@pytest.mark.django_db(transaction=True)
def test_without_an_epoch_each_is_refused_alone(three):
    key = key_of(signed_in(three[0]))
    Epoch.objects.all().delete()
    refused, unknown = admit([Credentials(key), Credentials("unknown")])
    assert isinstance(refused, Unavailable)
    assert unknown is None


@pytest.mark.django_db(transaction=True)
def test_a_profile_that_cannot_be_read_fails_alone(three, monkeypatch):
    """Read again with the others, a ticket would have been used up."""
    keys = [key_of(signed_in(user)) for user in three]
    me_body = profiles.me_body

    def of_all_but_bob(user):
        if user.username == "bob":
            raise ValueError
        return me_body(user)

    monkeypatch.setattr(profiles, "me_body", of_all_but_bob)
    found = admit([Credentials(key) for key in keys])
    assert isinstance(found[1], ValueError)
    assert [found[n].welcome.me.username for n in (0, 2)] == ["alice", "charlie"]
