"""Links to stored objects: here, and at a SeaweedFS that browsers reach."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import httpx
import pytest
from asgiref.sync import async_to_sync
from botocore import auth
from django.core import signing

from apps.accounts.actions import sessions
from apps.accounts.models import User
from apps.core import downloads
from apps.core.file_names import MAX_NAME_BYTES, content_disposition, safe_name
from apps.files import links
from apps.files.gateways import objects
from tests.support.people import person, session_of
from tests.support.storages import store_in

KEY = "files/a/full"
DATA = bytes(range(256)) * 40
PNG = "image/png"


def body(response):
    if not response.streaming:
        return response.content

    async def read():
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(read)()


def link(**changed):
    fields = {"name": "photo.png", "media_type": PNG, "inline": True, "size": len(DATA)}
    return links.link(KEY, **{"asker": asker()} | fields | changed)


def asker(username="reader"):
    """A person who is signed in."""
    user = User.objects.filter(username=username).first() or person(username)
    return links.Asker(user.id, session_of(user))


@pytest.fixture
def stored(storage):
    """An object at both storages, read through this server."""
    objects.put(KEY, BytesIO(DATA))
    return storage


@pytest.fixture
def kept(files_storage):
    """An object at the storage of this run."""
    objects.put(KEY, BytesIO(DATA))


@pytest.fixture
def public(db, bucket, settings, tmp_path):
    """An object that browsers load from SeaweedFS itself."""
    store_in(settings, tmp_path, **bucket | {"S3_PUBLIC_URL": bucket["S3_ENDPOINT_URL"]})
    objects.put(KEY, BytesIO(DATA))


def get(url, **more):
    return httpx.get(url, trust_env=False, **more)


def test_a_link_leads_to_the_object_and_to_its_headers(db, client, stored):
    address = link()
    assert address.startswith("/files/")
    answer = client.get(address)
    assert (answer.status_code, body(answer)) == (200, DATA)
    assert answer["Content-Type"] == PNG
    assert answer["Content-Length"] == str(len(DATA))
    assert answer["Content-Disposition"] == 'inline; filename="photo.png"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Accept-Ranges"] == "bytes"


def test_a_link_is_valid_for_a_minute(db, client, kept, monkeypatch):
    clock = SimpleNamespace(now=1_800_000_000.0)
    monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda: clock.now))
    address = link()
    clock.now += 60
    assert client.get(address).status_code == 200
    clock.now += 1
    refused_like_nonsense(client, address)


def test_a_link_ends_with_its_session_and_with_the_account(db, client, kept):
    ended, banned, other = asker("ended"), asker("banned"), asker("other")
    addresses = [link(asker=each) for each in (ended, banned, other)]
    assert [client.get(each).status_code for each in addresses] == [200, 200, 200]
    sessions.sign_out_everywhere(ended.person)
    session_of(User.objects.get(id=ended.person))  # another one of the same person
    refused_like_nonsense(client, addresses[0])
    User.objects.filter(id=banned.person).update(is_active=False)
    refused_like_nonsense(client, addresses[1])
    assert client.get(addresses[2]).status_code == 200


def test_a_link_of_the_former_release_is_none(db, client, kept):
    """Processes of both releases serve while servers are replaced."""
    former = signing.dumps([KEY, "photo.png", PNG, True, len(DATA)], salt="apps.files.links")
    refused_like_nonsense(client, f"/files/{former}")
    with pytest.raises(signing.BadSignature):
        signing.loads(link().removeprefix("/files/"), salt="apps.files.links")


def refused_like_nonsense(client, address):
    answer, nonsense = client.get(address), client.get("/files/nonsense")
    assert answer.status_code == nonsense.status_code == 404
    assert answer.content == nonsense.content
    assert answer.json()["code"] == "not_found"
    assert answer["Cache-Control"] == "private, no-store"


def test_nothing_in_a_link_can_be_changed(db, client, kept):
    objects.put("files/b/full", BytesIO(b"of somebody else"))
    token = link().removeprefix("/files/")
    fields, stamp, signature = token.split(":")
    [session, _] = signing.loads(token, salt=links.SALT)
    for changed in (
        ["files/b/full", "photo.png", PNG, True, 16],
        [KEY, "page.html", "text/html", True, len(DATA)],
        [KEY, "photo.png", PNG, True, 1],
    ):
        # Made with the right form, and the key of another use.
        forged = signing.dumps([session, changed], salt="another")
        [other, _, _] = forged.split(":")
        refused_like_nonsense(client, f"/files/{other}:{stamp}:{signature}")
        refused_like_nonsense(client, f"/files/{forged}")
    refused_like_nonsense(client, f"/files/{fields}:{stamp[:-1]}z:{signature}")
    refused_like_nonsense(client, f"/files/{fields}")


def test_a_missing_object_is_not_found(db, client, stored):
    objects.delete([KEY])
    refused_like_nonsense(client, link())
    assert client.head(link()).status_code == 404


def test_an_outage_is_told_and_ends(db, client, bucket, seaweedfs):
    objects.put(KEY, BytesIO(DATA))
    seaweedfs.kill()
    answer = client.get(link())
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer["Retry-After"] == "5"
    seaweedfs.go_on()
    assert body(client.get(link())) == DATA


def test_only_get_and_head_are_allowed(db, client, stored):
    answer = client.head(link())
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Length"] == str(len(DATA))
    assert client.post(link()).status_code == 405


# -- ranges ----------------------------------------------------------------------------------------


def test_a_range_is_a_part_of_the_object(db, client, stored):
    for header, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, 10240),
        ("bytes=-5", 10235, 10240),
        ("bytes=-99999", 0, 10240),
        ("bytes=10239-99999", 10239, 10240),
        ("bytes=5-5", 5, 6),
    ):
        answer = client.get(link(), headers={"Range": header})
        assert (answer.status_code, body(answer)) == (206, DATA[start:end]), header
        assert answer["Content-Range"] == f"bytes {start}-{end - 1}/10240"
        assert answer["Content-Length"] == str(end - start)


IGNORED = ["bytes=0-1,5-6", "bytes=9-3", "lines=1-2", "bytes=-", "bytes=a-b", "bytes=٣-٤", "x"]


@pytest.mark.parametrize("header", IGNORED)
def test_other_ranges_are_ignored(db, client, kept, header):
    answer = client.get(link(), headers={"Range": header.encode("utf-8").decode("latin-1")})
    assert (answer.status_code, body(answer)) == (200, DATA)


@pytest.mark.parametrize("header", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(db, client, kept, header):
    answer = client.get(link(), headers={"Range": header})
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */10240")
    assert answer["Cache-Control"] == "private, no-store"


def test_an_empty_object(db, client, storage):
    objects.put(KEY, BytesIO(b""))
    answer = client.get(link(size=0))
    assert (answer.status_code, body(answer), answer["Content-Length"]) == (200, b"", "0")
    assert client.get(link(size=0), headers={"Range": "bytes=0-"}).status_code == 416


def test_the_object_is_read_in_parts(db, client, stored, monkeypatch):
    monkeypatch.setattr(downloads, "PART_BYTES", 3000)
    monkeypatch.setattr(downloads, "SEND_BYTES", 1000)
    read = []
    original = objects.read_range

    def spy(key, start, length):
        read.append((start, length))
        return original(key, start, length)

    monkeypatch.setattr(objects, "read_range", spy)
    assert body(client.get(link())) == DATA
    assert read == [(0, 3000), (3000, 3000), (6000, 3000), (9000, 1240)]


# -- what is shown, and under which name -----------------------------------------------------------

ACTIVE = [
    *("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/javascript"),
    *("application/x-shockwave-flash", "text/css", "message/rfc822", "multipart/related", ""),
    *("image/png; x", "text/plain\r\nX-Evil: 1", "IMAGE/PNG", "application/octet-stream"),
]


@pytest.mark.parametrize("media_type", ACTIVE)
def test_what_a_browser_could_run_is_never_shown(db, client, kept, media_type):
    answer = client.get(link(media_type=media_type))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "X-Evil" not in answer


def test_text_is_shown_as_text(db, client, kept):
    answer = client.get(link(media_type="text/plain", name="a.txt"))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"].startswith("inline;")
    answer = client.get(link(media_type="text/plain", name="a.txt", inline=False))
    assert answer["Content-Disposition"].startswith("attachment;")


HOSTILE = [
    ("../../etc/passwd", "_.._etc_passwd"),
    ("..", "file"),
    ("/etc/passwd", "_etc_passwd"),
    ("C:\\Windows\\a.exe", "C__Windows_a.exe"),
    ("a\x00b.png", "ab.png"),
    ("a\r\nX-Evil: 1\r\n\r\n<script>.png", "aX-Evil_ 1_script_.png"),
    ("photo\u202egnp.exe", "photognp.exe"),
    ("\u2066a\u2069\u200b\ufeff.png", "a.png"),
    ('say "hi"; x=y.png', "say _hi_; x=y.png"),
    (" . . ", "file"),
    ("", "file"),
    ("\ud800.png", "png"),
    ("👩\u200d👧.png", "👩\u200d👧.png"),
    ("100%41.png", "100%41.png"),
    ("Grüße 日本.txt", "Grüße 日本.txt"),
]


@pytest.mark.parametrize(("name", "harmless"), HOSTILE)
def test_a_name_is_harmless(db, client, kept, name, harmless):
    assert safe_name(name) == harmless
    answer = client.get(link(name=name))
    header = answer["Content-Disposition"]
    assert "X-Evil" not in answer
    plain = re.fullmatch(r"inline; filename=\"([ !#-$&-\[\]-~]+)\"(; filename\*=(.+))?", header)
    assert plain, header
    if plain[3]:
        assert unquote(plain[3].removeprefix("UTF-8''")) == harmless
        assert re.fullmatch(r"UTF-8''[A-Za-z0-9!#$&+\-.^_`|~%]+", plain[3])
    else:
        assert plain[1] == harmless


@pytest.mark.parametrize("letter", ["a", "ä", "日", "\u0308", "ﷺ"])
def test_a_long_name_is_cut_and_keeps_its_extension(letter):
    name = safe_name(letter * 4096 + ".png")
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert name.endswith(".png")
    assert len(content_disposition(letter * 4096, inline=False)) < 1000
    assert len(safe_name("." + letter * 4096).encode()) <= MAX_NAME_BYTES
    assert safe_name(name) == name


# -- links of SeaweedFS ----------------------------------------------------------------------------


def test_browsers_load_from_the_public_address(public):
    answer = get(link(name="Grüße.png"))
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["Content-Type"] == PNG
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == content_disposition("Grüße.png", inline=True)
    part = get(link(), headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, DATA[5:10])


def test_what_a_browser_could_run_is_not_shown_from_there(public):
    for media_type in ACTIVE:
        answer = get(link(media_type=media_type))
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_a_name_is_harmless_there(public):
    for name, _ in HOSTILE:
        answer = get(link(name=name))
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == content_disposition(name, inline=True)
        assert "X-Evil" not in answer.headers


def test_nothing_in_a_public_link_can_be_changed(public):
    objects.put("files/b/full", BytesIO(b"of somebody else"))
    address = urlsplit(link())
    query = dict(parse_qsl(address.query))
    assert query["X-Amz-Expires"] == "60"
    changes = {
        "response-content-type": "text/html",
        "response-content-disposition": "inline",
        "response-cache-control": "public, max-age=9",
        "X-Amz-Expires": "600",
        "X-Amz-Date": "20990101T000000Z",
    }
    assert {*changes} <= {*query}
    for name, value in changes.items():
        for changed in (query | {name: value}, {n: v for n, v in query.items() if n != name}):
            answer = get(address._replace(query=urlencode(changed)).geturl())
            assert answer.status_code in (400, 403), (name, answer.text)
    other = address._replace(path=address.path.replace("/a/", "/b/")).geturl()
    assert get(other).status_code == 403
    for method in ("PUT", "DELETE", "POST"):
        answer = httpx.request(method, address.geturl(), content=b"x", trust_env=False)
        assert answer.status_code in (400, 403, 405)
    assert get(address.geturl()).content == DATA


def test_a_public_link_is_valid_for_a_minute(public, monkeypatch):
    def link_of(age):
        then = datetime.now(UTC) - timedelta(seconds=age)
        monkeypatch.setattr(auth, "get_current_datetime", lambda: then)
        return link()

    assert get(link_of(61)).status_code == 403
    assert get(link_of(30)).status_code == 200


def test_pages_may_load_files_from_the_public_address_if_there_is_one(db, client, start_server):
    address = "https://files.example.org"
    [server] = start_server(S3_BUCKET="files", S3_PUBLIC_URL=address)
    page = "/accounts/login/"
    with_it = policy(get(f"{server.url}{page}").headers)
    without = policy(client.get(page))
    for directive in ("img-src", "media-src", "connect-src"):
        assert with_it[directive] == [*without[directive], address]
        assert address not in without[directive]
    assert {name for name, found in with_it.items() if address in found} == {
        *("img-src", "media-src", "connect-src")
    }


def policy(headers):
    """The directives of a Content-Security-Policy."""
    parts = (part.split() for part in headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}
