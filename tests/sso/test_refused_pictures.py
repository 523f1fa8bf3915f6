"""Pictures of the provider that are refused: addresses, contents, slow servers, errors."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import accounts
from apps.accounts.models import User
from apps.core.outbound_http import OutboundClient
from apps.files.models import File
from apps.sso.actions import pictures
from apps.sso.gateways import pictures as gateway
from apps.sso.models import ProviderPicture
from tests.sso.portraits import PNG, portraits, shown, sign_in, work
from tests.support.web import serving

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["portraits"]


def dripping(gone):
    def answer(page):
        page.close_connection = True
        page.send_response(200)
        page.end_headers()
        while not gone.wait(0.05):
            try:
                page.wfile.write(b"x")
            except OSError:
                return

    return answer


def endless(page):
    page.close_connection = True
    page.send_response(200)
    page.end_headers()
    try:
        while True:
            page.wfile.write(PNG[:100] * 1000)
    except OSError:
        return


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!doctype html><title>No</title>", "the content is no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "the content is no picture"),
        (PNG[:60], "it cannot be converted"),
        (endless, "more than 5000000 bytes"),
        (None, "status 404"),
    ],
)
def test_what_is_no_picture_is_logged_and_hinders_nobody(idp, portraits, caplog, content, reason):
    portraits.content["/a?key=secret"] = content
    client = sign_in(idp, portraits.url("/a?key=secret"))
    work()
    assert client.get("/api/v1/me").json()["picture"] is None
    said = "".join(record.getMessage() for record in caplog.records)
    assert reason in said
    assert "secret" not in said


def test_a_redirect_to_a_private_address_is_not_followed(idp, portraits, caplog):
    with serving(lambda page: page.say(PNG)) as inside:
        portraits.content["/a"] = lambda page: page.say(b"", status=302, Location=inside.origin)
        sign_in(idp, portraits.url("/a"))
        work()
        assert inside.seen == []
    assert User.objects.get().picture is None
    assert "only https on port 443" in caplog.text
    assert ProviderPicture.objects.get().due_at is None, "it is not tried again"


@pytest.mark.parametrize(
    "url",
    [
        *("http://169.254.169.254/latest", "https://10.0.0.1/a.png", "https://127.0.0.1/a.png"),
        *("https://[::ffff:127.0.0.1]/", "file:///etc/passwd", "data:image/png;base64,AAAA"),
        *("https://a:b@example.org/", "https://example.org/\x00", "no address", "\ud800"),
        f"https://example.org/{'a' * 3000}",
    ],
)
def test_addresses_that_are_not_public_are_not_asked(idp, portraits, url, caplog):
    sign_in(idp, url)
    work()
    assert User.objects.get().picture is None
    assert "is not used" in caplog.text


def test_a_slow_server_is_given_up_after_three_attempts(idp, portraits, monkeypatch, caplog):
    monkeypatch.setattr(gateway, "TIMEOUT_S", 0.3)
    gone = threading.Event()
    portraits.content["/a"] = dripping(gone)
    sign_in(idp, portraits.url("/a"))
    for _ in range(5):
        work()
        ProviderPicture.objects.exclude(due_at=None).update(due_at=Now())
    gone.set()
    assert portraits.asked == ["/a"] * 3
    assert "TimeoutError" in caplog.text
    assert ProviderPicture.objects.get().due_at is None
    # The next sign-in asks again.
    portraits.content["/a"] = PNG
    sign_in(idp, portraits.url("/a"))
    work()
    assert shown().uses == 1


def test_a_picture_whose_workers_died_is_given_up(idp, portraits):
    sign_in(idp, portraits.url("/a"))
    long_ago = timezone.now() - timedelta(hours=1)
    ProviderPicture.objects.update(failures=3, claimed_at=long_ago, attempt=3)
    work()
    row = ProviderPicture.objects.get()
    assert (row.due_at, row.claimed_at, portraits.asked) == (None, None, [])


def test_one_bad_picture_does_not_stop_the_others(idp, portraits, monkeypatch):
    """An error that nobody thought of, in the request for one of two pictures."""
    portraits.content |= {"/bad": PNG, "/good": PNG}
    sign_in(idp, portraits.url("/bad"))
    idp.claims = {"sub": "subject-2", "preferred_username": "lee"}
    idp.userinfo = {"sub": "subject-2", "picture": portraits.url("/good")}
    assert idp.sign_in(Client()).status_code == 302
    download = OutboundClient.download

    async def failing(self, url, **more):
        if url.endswith("/bad"):
            raise ZeroDivisionError
        return await download(self, url, **more)

    monkeypatch.setattr(OutboundClient, "download", failing)
    work()
    got = dict(User.objects.values_list("username", "picture"))
    assert got["kim"] is None
    assert got["lee"] is not None


def test_a_slow_storage_does_not_hold_a_pass_to_its_time_limit(idp, portraits, monkeypatch):
    portraits.content |= {"/a": PNG, "/b": PNG}
    sign_in(idp, portraits.url("/a"))
    idp.claims = {"sub": "subject-2", "preferred_username": "lee"}
    idp.userinfo = {"sub": "subject-2", "picture": portraits.url("/b")}
    assert idp.sign_in(Client()).status_code == 302
    clock, upload = [0.0], pictures._upload

    def slowly(*args):
        clock[0] += 70
        return upload(*args)

    monkeypatch.setattr(pictures, "_upload", slowly)
    monkeypatch.setattr(pictures, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    pictures.follow_due()
    assert File.objects.count() == 1
    late = ProviderPicture.objects.get(upload=None)
    assert late.due_at > timezone.now() + timedelta(minutes=1)
    ProviderPicture.objects.update(due_at=Now())
    work()
    assert User.objects.exclude(picture=None).count() == 2


def test_an_etag_that_cannot_be_sent_back_is_not_kept(idp, portraits):
    portraits.content["/a"], portraits.etags["/a"] = PNG, '"gr\xfcn"'
    for _ in range(2):
        sign_in(idp, portraits.url("/a"))
        work()
    row = ProviderPicture.objects.get()
    assert (row.etag, row.due_at, row.failures, portraits.asked) == ("", None, 0, ["/a"])


def test_a_closed_account_gets_no_picture(idp, portraits):
    portraits.content["/a"] = PNG
    sign_in(idp, portraits.url("/a"))
    accounts.deactivate(User.objects.get().id)
    work()
    assert portraits.asked == []
    assert ProviderPicture.objects.get().due_at is None


def test_a_full_storage_is_logged(idp, portraits, settings, caplog):
    portraits.content["/a"] = PNG + bytes(1_000_000)
    settings.FILES_QUOTA_MB = 1
    sign_in(idp, portraits.url("/a"))
    work()
    assert not File.objects.exists()
    assert "take all the space" in caplog.text
    assert ProviderPicture.objects.get().due_at is None
