"""The person of the directory signs in."""

from django.test import Client

from apps.accounts.models import User
from tests.scim.conftest import TOKEN, Directory
from tests.sso.conftest import idp, use_provider, who

__all__ = ["idp", "use_provider"]


def test_the_first_sign_in_leads_to_the_account_that_the_directory_created(idp, settings):
    settings.SCIM_TOKEN = TOKEN
    directory = Directory()
    made = directory.create("kim.lee@corp.example", externalId="subject-1", displayName="Kim Lee")
    directory.create("somebody", externalId="subject-2")
    idp.sign_in(client := Client())
    assert who(client)["username"] == "kim.lee"
    assert User.objects.count() == 2
    directory.patch(made["id"], {"op": "replace", "path": "active", "value": False})
    assert who(client) is None
    assert idp.sign_in(client).status_code == 403
    # They have signed in: nobody can be put in their place any more.
    moved = directory.patch(made["id"], {"op": "replace", "path": "externalId", "value": "s-3"})
    assert moved.status_code == 400
