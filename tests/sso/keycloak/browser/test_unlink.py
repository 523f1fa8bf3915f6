"""The page *Sign-in and security* of an account with two ways to sign in."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from apps.accounts.actions.registration import register
from apps.sso.models import Identity
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import PASSWORD
from tests.support.proof import long_ago_everywhere


@pytest.fixture
def alice(db, keycloak):
    user = database(register, f"alice-{uuid4().hex[:8]}", password=PASSWORD)
    Identity.objects.create(user=user, issuer=keycloak.issuer, subject=str(uuid4()))
    return user


@pytest.mark.parametrize("width", [390, 1280])
def test_an_identity_is_unlinked_by_keyboard(browse, server, alice, width):
    page = browse(viewport={"width": width, "height": 844}).new_page()
    page.goto(f"{server.url}/accounts/login/?next=/settings/security")
    page.get_by_label("Username or e-mail").fill(alice.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Other ways to sign in")).to_be_visible()
    assert findings(page) == []
    database(long_ago_everywhere, alice)
    page.get_by_role("link", name="Unlink Keycloak").press("Enter")
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    assert findings(page) == []
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Unlink it")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Unlink it").press("Enter")
    expect(page.get_by_text("The sign-in was unlinked.")).to_be_visible()
    expect(page.get_by_role("link", name="Link Keycloak")).to_be_visible()
