"""A server of pictures, as the provider names them, and what workers make of them."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.files.actions import processing
from apps.files.models import File
from apps.sso.models import ProviderPicture
from apps.sso.tasks import follow_pictures
from tests.files.samples import encoded, quadrants
from tests.support.web import serving

PNG = encoded(quadrants(), "PNG")


class Portraits:
    """A server of pictures that workers may reach: what it has under each path."""

    def __init__(self):
        self.content = {}
        self.etags = {}
        self.web = None

    def answer(self, page):
        found = self.content.get(page.path)
        if callable(found):
            return found(page)
        if found is None:
            return page.say(b"", status=404)
        etag = self.etags.get(page.path, "")
        headers = {"ETag": etag} if etag else {}
        if etag and page.headers["If-None-Match"] == etag:
            return page.say(b"", status=304, **headers)
        return page.say(found, Content_Type="application/octet-stream", **headers)

    @property
    def asked(self):
        """The paths that were asked for."""
        return [path for path, _ in self.web.seen]

    def url(self, path):
        return f"{self.web.origin}{path}"


@pytest.fixture
def portraits(settings, files_storage):
    made = Portraits()
    with serving(made.answer) as made.web:
        settings.OUTBOUND_ORIGINS = [made.web.origin]
        settings.OIDC_PICTURE_FOLLOWS = "unless_chosen"
        yield made


def work():
    """What workers do, until nothing is left to do now."""
    for _ in range(3):
        follow_pictures()
        processing.process_due()
        waiting = ProviderPicture.objects.exclude(upload=None)
        waiting.filter(due_at__gt=Now()).update(due_at=Now())


def sign_in(idp, url):
    """A sign-in with that claim, some time after the one before."""
    ProviderPicture.objects.update(checked_at=timezone.now() - timedelta(days=1))
    idp.userinfo = {"picture": url}
    answer = idp.sign_in(client := Client())
    assert (answer.status_code, answer["Location"]) == (302, "/")
    return client


def shown():
    """The file that is the picture of the only person."""
    return File.objects.get(id=User.objects.get().picture)
