"""The page *Your files*: its list, and its forms without script."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from apps.chats.actions import edits
from apps.files.actions import deletion
from apps.files.actions.kept import set_kept
from apps.files.models import Blob, File
from apps.files.templatetags.file_sizes import size
from apps.files.views import own_files
from tests.chats.factories import write
from tests.files.samples import encoded, quadrants
from tests.support.people import signed_in
from tests.support.uploads import begin, ready, stored_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]
PAGE = "/settings/files"


@pytest.fixture
def client(alice):
    return signed_in(alice)


@pytest.fixture
def file(alice):
    return stored_file(alice, "<notes>.txt", b"some words").id


def page(client, query=""):
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


def form(file, name):
    return f"{PAGE}/{file}/{name}"


def test_the_list_says_what_happens_to_each_file(client, alice, chat, file):
    shown = page(client)
    assert "&lt;notes&gt;.txt" in shown
    assert "Will be deleted on" in shown
    assert form(file, "keep") in shown
    set_kept(alice.id, file, kept=True)
    write(alice, chat, files=[file])
    shown = page(client)
    assert "Kept." in shown
    assert "A message, a profile or a group shows it." in shown
    assert "Will be deleted on" not in shown
    assert form(file, "stop") in shown
    for refused in ("rename", "delete", "keep"):
        assert form(file, refused) not in shown


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("no_picture", "This picture is damaged, or not a picture."),
        ("too_many_pixels", "This picture has too many pixels."),
        ("failed", "It could not be stored."),
    ],
)
def test_a_failed_file_says_why_and_cannot_be_renamed(client, alice, file, problem, words):
    File.objects.filter(id=file).update(state="failed", problem=problem)
    shown = page(client)
    assert words in shown
    assert form(file, "rename") not in shown
    assert form(file, "delete") in shown


def test_the_time_of_a_deletion_names_the_month_and_the_hour_of_the_day(client, file):
    evening = timezone.now().replace(hour=18, minute=12) + timedelta(days=1)
    File.objects.filter(id=file).update(expires_at=evening)
    shown = page(client)
    assert re.search(r"Will be deleted on \d+ [A-Z][a-z]+ \d{4}, 18:12\s*<", shown)


def test_pictures_have_a_thumbnail_and_uploads_no_content(client, alice):
    picture = ready(alice, encoded(quadrants(640, 320), "PNG"), "flag.png")
    unfinished = begin(client, "film.mp4", 10).json()["id"]
    shown = page(client)
    assert f'src="/api/v1/files/{picture}/content/thumbnail"' in shown
    assert client.get(f"/api/v1/files/{picture}/content/thumbnail").status_code == 302
    assert "Not complete." in shown
    assert f"{unfinished}/content" not in shown
    assert form(unfinished, "keep") not in shown
    assert form(unfinished, "delete") in shown


def test_a_file_is_kept_renamed_and_deleted_by_forms(client, file):
    place = "?kept=1"
    answer = client.post(form(file, "keep") + place)
    assert answer["Location"] == PAGE + place
    assert File.objects.get().kept
    client.post(form(file, "rename"), {"name": "a"})
    assert File.objects.get().name == "a.txt"
    client.post(form(file, "rename"), {"name": "b.txt"})
    assert File.objects.get().name == "b.txt"
    assert "The name was saved." in page(client)
    client.post(form(file, "stop"))
    assert "It will be deleted in a day." in page(client)
    assert client.post(form(file, "delete"))["Location"] == PAGE
    assert "You have no files." in page(client)
    deletion.delete_unused()
    assert not Blob.objects.exists()


def test_what_is_not_possible_is_said_and_changes_nothing(client, alice, chat, file):
    client.post(form(file, "rename"), {"name": " "})
    assert "Give the file a name." in page(client)
    sent = write(alice, chat, files=[file])
    for name in ("rename", "delete"):
        client.post(form(file, name), {"name": "b.txt"})
        assert "That was not possible" in page(client)
    client.post(form(begin(client, "a", 10).json()["id"], "keep"))
    assert "That was not possible" in page(client)
    assert File.objects.get(id=file).name == "<notes>.txt"
    edits.delete_message(alice.id, chat, seq=sent.seq)
    assert client.post(form(file, "delete")).status_code == 404


def test_nobody_else_uses_the_forms(alice, charlie, file):
    outsider = signed_in(charlie)
    for name in ("keep", "stop", "rename", "delete"):
        assert outsider.post(form(file, name), {"name": "b"}).status_code == 404
        assert outsider.get(form(file, name)).status_code == 405
    assert str(file) not in page(outsider)
    row = File.objects.get()
    assert (row.name, row.kept) == ("<notes>.txt", False)
    assert row.expires_at > timezone.now() + timedelta(hours=23)


def test_the_list_has_pages_and_a_filter(client, alice, monkeypatch):
    monkeypatch.setattr(own_files, "PAGE_SIZE", 2)
    files = [stored_file(alice, f"{n}.txt", str(n).encode()).id for n in range(5)]
    for each in files[:3]:
        set_kept(alice.id, each, kept=True)
    seen, query = [], "?kept=1"
    while query:
        answer = client.get(PAGE + query)
        seen += [each.id for each in answer.context["files"]]
        query = f"?{answer.context['following']}" if answer.context["following"] else ""
        assert not query or query.startswith("?kept=1&")
    assert seen == files[2::-1]
    assert [each.id for each in client.get(PAGE).context["files"]] == files[:2:-1]
    assert client.get(f"{PAGE}?cursor=guess").status_code == 404


def test_space_and_quota_are_shown(client, file, settings):
    settings.FILES_QUOTA_MB = 0
    assert "<meter" not in page(client)
    settings.FILES_QUOTA_MB = 2
    shown = page(client)
    assert 'max="2000000" value="10"' in shown
    assert "2\N{NO-BREAK SPACE}MB used" in shown


def test_the_page_is_linked_and_needs_a_sign_in(client, charlie):
    assert f'href="{PAGE}"' in client.get("/settings/profile").content.decode()
    client.logout()
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (999_600, "1 MB", "1 MB"),
        (84_300, "84 kB", "84 kB"),
        (1_540_000, "1.5 MB", "1,5 MB"),
        (99_000_000, "99 MB", "99 MB"),
        (2 * 10**15, "2000 TB", "2000 TB"),
    ],
)
def test_sizes_are_decimal_in_the_language_of_the_reader(value, english, german):
    for language, text in (("en", english), ("de", german)):
        with override(language):
            assert size(value).replace("\N{NO-BREAK SPACE}", " ") == text
