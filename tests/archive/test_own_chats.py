"""The copy of a chat that a member takes with them: what is in it, and its pages in a browser."""

from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname
from zipfile import ZipFile

import msgspec
import pytest
from django.core.management import call_command

from apps.accounts.actions import exports
from apps.accounts.models import Export, User
from apps.archive.actions import own_chats, pages
from apps.archive.actions.contents import any_size, ignore
from apps.archive.records import SYSTEM_KINDS, Entry
from apps.chats.models import Member
from apps.core.errors import NotFound, NotPossible
from apps.moderation.words import EVENTS
from tests.accounts.exports.exporting import content
from tests.archive import world
from tests.archive.archives import BEN, GROUP, NOTE, THEN, an_entry, made
from tests.support.people import person, signed_in
from tests.support.proof import long_ago_everywhere

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


def copy_of(user, chat):
    """The files of a person's copy of a chat."""
    file = BytesIO()
    own_chats.write(user.id, chat, file, any_size, ignore)
    with ZipFile(file) as copy:
        return {name: copy.read(name) for name in copy.namelist()}


def test_a_copy_has_what_its_owner_can_read(tmp_path):
    here = world.build()
    files = copy_of(here.bob, here.group)
    everything = b"\n".join(files.values())
    for secret in (b"example.org/id", b"alice@example.org", b"rude words", b"secret", b"subjects"):
        assert secret not in everything
    assert b"Just us" not in everything
    assert b"Hi \xf0\x9f\x91\x8b there" not in everything  # a former text
    entries = msgspec.json.Decoder(Entry)
    lines = files[f"archive/entries/{here.group}.jsonl"].splitlines()
    hidden = [entry for entry in map(entries.decode, lines) if entry.hidden_at]
    assert [(entry.seq, entry.text, entry.files) for entry in hidden] == [(here.hidden, "", ())]
    page = files[f"chats/{here.group}-1.html"].decode()
    assert "Hello @Bob, &lt;b&gt;look&lt;/b&gt;" in page
    assert "<bdi>Bob</bdi> · <q" in page  # the message that Alice replies to
    assert "❤️ <bdi>Bob</bdi>" in page
    assert "Europe/Berlin" in page
    assert "Alice Ärmel hat Bob hinzugefügt" in page
    assert '<a href="https://example.org/a" rel="nofollow">' in page
    assert page.index("plan.txt") < page.index("-photo.")  # as in the message
    pictures = [name for name in files if "-photo." in name]
    assert len(pictures) == 1
    assert f'src="../{pictures[0]}"' in page
    check_others(here)
    check_worker(here)


def check_others(here):
    """An outsider and somebody who left get nothing."""
    for user in (person("charlie"), person("former"), User.objects.get(username="dana")):
        with pytest.raises(NotFound):
            exports.ask(user.id, here.group)
        with pytest.raises(NotFound):
            copy_of(user, here.group)
        assert signed_in(user).get(f"/settings/data?chat={here.group}").status_code == 404
    assert not Export.objects.exists()


def shown(browser):
    """The page *Your data*."""
    return browser.get("/settings/data").content.decode()


def check_worker(here):
    """A worker writes what the page asks for; who has left meanwhile gets nothing."""
    browser = signed_in(here.bob)
    page = browser.get(f"/settings/data?chat={here.group}").content.decode()
    assert "Kopie des Chats anfordern" in page  # Bob reads German
    assert browser.post("/settings/data", {"chat": here.group}).status_code == 302
    with pytest.raises(NotPossible):
        exports.ask(here.bob.id)
    assert "Eine andere Kopie wird gerade zusammengestellt" in shown(browser)
    exports.make_due()
    row = Export.objects.get(user_id=here.bob.id)
    assert (row.state, row.chat) == ("ready", here.group)
    response = browser.get(f"/settings/data/{row.id}/file")
    with ZipFile(BytesIO(content(response))) as copy:
        assert "index.html" in copy.namelist()
    exports.ask(here.bob.id, here.direct)
    listed = shown(browser).partition('id="copies"')[2]
    assert "Alice Ärmel" in listed
    assert "The crew" in listed
    Member.objects.filter(chat_id=here.direct, user_id=here.bob.id).update(left_rev=1)
    exports.make_due()
    assert Export.objects.get(chat=here.direct).state == "failed"
    assert "Alice Ärmel" not in shown(browser)
    long_ago_everywhere(here.bob)
    assert browser.post("/settings/data", {"chat": here.group}).status_code == 403


def test_a_copy_has_nothing_from_after_a_removal(tmp_path, monkeypatch):
    """Also if the removal comes between the check and the snapshot."""
    here = world.build()
    workplace = own_chats.workplace

    @contextmanager
    def removed():
        Member.objects.filter(chat_id=here.group, user_id=here.bob.id).update(left_rev=1)
        with workplace() as folder:
            yield folder

    monkeypatch.setattr(own_chats, "workplace", removed)
    with pytest.raises(NotFound):
        copy_of(here.bob, here.group)


def test_pages_show_texts_as_people_read_them(tmp_path):
    text = (
        "**Ben** <b>`code`</b>, @ben: [*a* page](https://example.org/x?a=1&b=2)\n- one @ben.\n"
        "me@ben.org [b](javascript:alert(1))"
    )
    archive = made(
        an_entry(1, text=text, mentions=[BEN]),
        an_entry(2, kind="retention", text="7"),
        an_entry(3, kind="retention", text="0"),
    )
    archive.people[1] = msgspec.structs.replace(archive.people[1], name="<i>Ben</i> \\1")
    call_command("archive", "html", str(archive.write(tmp_path / "a")), str(tmp_path / "html"))
    page = (tmp_path / f"html/chats/{GROUP}-1.html").read_text()
    name = "@&lt;i&gt;Ben&lt;/i&gt; \\1"
    assert f"Ben &lt;b&gt;code&lt;/b&gt;, {name}: a page\n• one {name}.\n" in page
    assert '<a href="https://example.org/x?a=1&amp;b=2" rel="nofollow noreferrer">' in page
    assert "me@ben.org" in page
    assert 'href="javascript' not in page
    assert "Anna has messages deleted here after 7 days" in page
    assert "Anna keeps messages here until they are deleted by hand" in page
    assert "time zone UTC" in page


def test_archives_may_have_all_events_of_chats():
    assert {*EVENTS} == SYSTEM_KINDS


def test_pages_leave_out_what_cannot_be(tmp_path, capsys):
    path = made(an_entry(1), an_entry(3)).write(tmp_path / "a")
    call_command("archive", "html", str(path), str(tmp_path / "html"))
    assert (tmp_path / "html" / "index.html").exists()
    assert "Left out: entries/" in capsys.readouterr().out
    assert not (tmp_path / "html" / "chats").exists()


HOSTILE = [
    an_entry(
        1,
        files=[NOTE],
        text="<script>document.title = 'harm'</script> https://example.org/\"onload=x",
    ),
    an_entry(2, text="&amp; <img src=x onerror=\"document.title = 'harm'\">", edited_at=THEN),
    an_entry(3, text="an answer", reply_to=1, thread=1),
    an_entry(4, kind="renamed", text="<b>bold</b>"),
]
GONE = 5


def test_a_page_of_a_long_chat_links_those_around_it():
    found = pages._page_links(GROUP, 50, 500)
    numbers = [each["number"] for each in found]
    assert numbers == [1, 2, "…", *range(47, 54), "…", 499, 500]
    assert [each["number"] for each in found if each["is_here"]] == [50]


def test_pages_open_offline(tmp_path, chromium, monkeypatch):
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    archive = made(*HOSTILE, an_entry(5, text="to one that is gone", reply_to=1))
    # The beginning was deleted: all numbers are later ones, and the last entry replies to it.
    entries = archive.entries[GROUP]
    moved = [
        msgspec.structs.replace(
            each,
            seq=each.seq + GONE,
            reply_to=each.thread + GONE if each.thread else each.reply_to,
            thread=each.thread and each.thread + GONE,
        )
        for each in entries
    ]
    archive.entries[GROUP] = moved
    archive.chats = [
        msgspec.structs.replace(
            archive.chats[0], title="<i>Team</i>", kept_from=GONE + 1, kept_days=90
        )
    ]
    archive.files = [msgspec.structs.replace(archive.files[0], name="#1 50%41.svgz")]
    path = archive.write(tmp_path / "a")
    call_command("archive", "html", str(path), str(tmp_path / "html"))
    asked = []
    page = chromium.new_page(color_scheme="light")
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "html/index.html").as_uri())
    page.get_by_role("link", name="<i>Team</i>").click()
    assert page.locator("article").count() == 2
    assert page.get_by_text("Messages older than 90 days are deleted here.").count() == 1
    assert "harm" not in page.title()
    # Screen readers tell landmarks apart by their names.
    assert page.get_by_role("navigation", name="Pages").count() == 1
    link = page.get_by_role("link", name="#1 50%41.svgz").evaluate("a => a.href")
    note = Path(url2pathname(urlsplit(link).path))
    assert (note.suffix, note.read_bytes()) == (".txt", b"a note")
    page.get_by_role("link", name="2", exact=True).first.click()
    assert page.get_by_text("Messages older than").count() == 0
    page.get_by_role("link", name="In reply to an earlier message").click()
    assert page.url.endswith("-1.html#6")
    assert all(url.startswith("file:") for url in asked)
    page.screenshot(path=tmp_path / "page.png")
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=tmp_path / "dark.png")
    page.emulate_media(color_scheme="light")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(247, 245, 240)"
    page.close()
