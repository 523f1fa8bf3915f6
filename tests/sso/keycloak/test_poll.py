"""Sessions are compared with those at Keycloak."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from apps.accounts.actions import device_uses
from apps.accounts.models import Session, User
from apps.accounts.queries.sessions import session_hash
from apps.sso.gateways import provider
from apps.sso.models import ProviderSession
from apps.sso.tasks import check_sessions
from apps.wire.publish import EndSessions
from tests.sso.conftest import who
from tests.sso.test_poll import app_at, make_due


def test_a_person_disabled_at_keycloak_is_signed_out(sso, captured_events):
    kim, lee = Client(), Client()
    sso.sign_in(kim, "kim")
    sso.sign_in(lee, "lee")
    key = kim.cookies["parley"].value
    sso.set_enabled("kim", False)
    try:
        check_sessions()
        assert who(kim) is not None, "it is not due yet"
        make_due()
        with captured_events() as events:
            check_sessions()
    finally:
        sso.set_enabled("kim", True)
    user = User.objects.get(username="kim")
    assert [(item.to, item.effect) for item in events] == [
        (user.id, EndSessions(session=session_hash(key)))
    ]
    assert who(kim) is None
    assert who(lee)["username"] == "lee"
    assert ProviderSession.objects.get().next_check_at > timezone.now()


def test_the_apps_of_a_person_disabled_at_keycloak_end_with_the_browser(sso):
    """They have no refresh token to be checked with."""
    kim, app = Client(), app_at(sso, "kim")
    lees = app_at(sso, "lee")
    sso.sign_in(kim, "kim")
    sso.set_enabled("kim", False)
    try:
        make_due()
        check_sessions()
    finally:
        sso.set_enabled("kim", True)
    assert who(kim) is None
    assert (app.status, lees.status) == (401, 200)


def test_a_session_that_ended_at_keycloak_ends_no_app(sso):
    kim, app = Client(), app_at(sso, "kim")
    sso.sign_in(kim, "kim")
    [session] = [each for each in ProviderSession.objects.all() if each.refresh_token]
    sso.admin("DELETE", f"sessions/{session.sid}")
    make_due()
    check_sessions()
    assert who(kim) is None
    assert app.status == 200


def test_a_session_that_nobody_uses_is_not_kept_alive_until_it_is_used_again(sso, settings):
    client = Client()
    sso.sign_in(client, "kim")
    sso.send_logouts_to("")
    sso.log_out("kim")
    make_due()
    unused = timedelta(hours=settings.OIDC_POLL_IDLE_HOURS, minutes=1)
    Session.objects.update(used_at=timezone.now() - unused)
    check_sessions()
    assert ProviderSession.objects.get().attempt == 0
    device_uses.forget()
    assert who(client) is not None
    check_sessions()
    assert who(client) is None


def test_a_session_that_was_deleted_at_keycloak_ends(sso):
    sso.send_logouts_to("")
    client = Client()
    sso.sign_in(client, "kim")
    sso.log_out("kim")
    make_due()
    check_sessions()
    assert who(client) is None


def test_an_outage_of_keycloak_ends_no_session(sso, settings, captured_events):
    client = Client()
    sso.sign_in(client, "kim")
    make_due()
    settings.OIDC_TIMEOUT = 1
    sso.hang()
    try:
        with captured_events() as events:
            check_sessions()
        provider.forget()
        answer = Client().get("/accounts/sso/login")
        assert answer.status_code == 503
        assert "cannot be reached" in answer.content.decode()
        # Signing out here works all the same.
        other = Client()
        other.cookies["parley"] = client.cookies["parley"].value
        assert who(other) is not None
    finally:
        sso.go_on()
    assert events == []
    assert who(client) is not None
    row = ProviderSession.objects.get()
    assert (row.claimed_at, row.failures) == (None, 0)
    assert row.next_check_at <= timezone.now() + timezone.timedelta(seconds=60)
    make_due()
    provider.forget()
    check_sessions()
    assert ProviderSession.objects.get().next_check_at > timezone.now()
    assert who(client) is not None
