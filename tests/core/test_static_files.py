"""Static files, served ahead of Django."""

import http.client
import os

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings

from apps.core.release import MARK
from apps.core.static_files import StaticFiles
from chatproject.run import release
from tests.support.servers import Server

pytestmark = pytest.mark.django_db
MODULE = f"/static/{settings.STATIC_RELEASE}/shell/app.js"


def ask(
    server: Server, path: str = MODULE, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body of one response."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    response = connection.getresponse()
    given = response.status, response.headers, response.read()
    connection.close()
    return given


def test_a_file_is_cached_for_a_year_and_never_sniffed(site):
    status, headers, body = ask(site)
    assert (status, b"export" in body) == (200, True)
    assert headers["Content-Type"] == 'text/javascript; charset="utf-8"'
    assert headers["Cache-Control"] == "max-age=31536000, public"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert int(headers["Content-Length"]) == len(body)


def test_a_file_that_the_browser_holds_is_not_sent_again(site):
    _, headers, _ = ask(site)
    status, _, body = ask(site, If_Modified_Since=headers["Last-Modified"])
    assert (status, body) == (304, b"")


def test_head_sends_no_body(site):
    status, headers, body = ask(site, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0


def test_a_range_is_sent_as_asked(site):
    _, _, whole = ask(site)
    status, headers, body = ask(site, Range="bytes=3-9")
    assert (status, body) == (206, whole[3:10])
    assert headers["Content-Range"] == f"bytes 3-9/{len(whole)}"


def test_no_other_method_is_allowed(site):
    assert ask(site, method="POST")[0] == 405


@pytest.mark.parametrize("name", ["no-such.js", "../settings.py", "..%2f..%2fmanage.py", ""])
def test_what_is_no_file_is_not_found(site, name):
    assert ask(site, f"/static/{settings.STATIC_RELEASE}/{name}")[0] == 404


async def test_a_collected_file_travels_compressed_and_past_django(settings, tmp_path):
    (tmp_path / "app.js").write_bytes(b"not packed at all")
    (tmp_path / "app.js.br").write_bytes(b"packed")
    settings.STATIC_ROOT, settings.WHITENOISE_USE_FINDERS = str(tmp_path), False
    settings.SECURE_HSTS_SECONDS = 60

    async def django(*_: object) -> None:
        pytest.fail("a static file was asked of Django")

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": f"{settings.STATIC_URL}app.js",
        "headers": [(b"accept-encoding", b"gzip, br")],
    }
    request = ApplicationCommunicator(StaticFiles(django), scope)
    await request.send_input({"type": "http.request"})
    start = await request.receive_output()
    body = await request.receive_output()
    assert (start["status"], body["body"]) == (200, b"packed")
    assert (b"content-encoding", b"br") in start["headers"]
    assert (b"vary", b"Accept-Encoding") in start["headers"]
    assert (b"strict-transport-security", b"max-age=60") in start["headers"]


async def test_files_of_the_release_beside_this_one_are_served(settings, tmp_path):
    """During a rolling restart, a page of one release asks a process of the other."""
    other = "0123456789-joined"
    for name in (settings.STATIC_RELEASE, other):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.js").write_text(name)
    settings.STATIC_ROOT = str(tmp_path / settings.STATIC_RELEASE)
    settings.WHITENOISE_USE_FINDERS = False
    passed_on = []

    async def django(scope: dict[str, str], *_: object) -> None:
        passed_on.append(scope["path"])

    files = StaticFiles(django)

    async def asked(release: str) -> bytes:
        path = f"/static/{release}/app.js"
        scope = {"type": "http", "method": "GET", "scheme": "http", "path": path, "headers": []}
        request = ApplicationCommunicator(files, scope)
        await request.send_input({"type": "http.request"})
        await request.receive_output()
        return (await request.receive_output())["body"]

    path = f"/static/{other}/app.js"
    await files({"type": "http", "path": path}, None, None)
    assert passed_on == [path], "not collected as a whole yet"
    (tmp_path / other / MARK).write_text(other)
    assert [await asked(one) for one in (other, settings.STATIC_RELEASE)] == [
        other.encode(),
        settings.STATIC_RELEASE.encode(),
    ]


def test_collecting_keeps_the_release_before(tmp_path):
    (tmp_path / "app.js").write_text("of a release that had no folder")
    for age, name in enumerate(("newest", "before", "old")):
        (tmp_path / name).mkdir()
        (tmp_path / name / MARK).write_text(name)
        os.utime(tmp_path / name / MARK, (1e9 - age, 1e9 - age))
        if name == "newest":
            release.forget_releases(tmp_path)
            assert (tmp_path / "app.js").exists(), "its processes may still run"
    release.forget_releases(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {"newest", "before"}
