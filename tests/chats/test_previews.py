"""Link previews: fetched once, added to messages, removed with their links."""

import pytest
from django.conf import settings as plain_settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.chats.actions import edits, preview_fetcher
from apps.chats.gateways.previews import parse
from apps.chats.models import Chat, LinkPreview, Message, PreviewWait
from apps.chats.queries import changes, history
from apps.chats.tasks import fetch_previews
from apps.core.outbound_http import FetchedPage
from tests.chats.factories import write
from tests.support.web import serving

PAGE = (
    b"<!doctype html><title>Plain</title><meta property=og:title content='A &amp; B'>"
    b'<meta name=description content="  Of two\nletters "><body><title>No</title>'
)


@pytest.fixture
def page(settings):
    """A local page that the settings allow to be fetched."""
    with serving(lambda page: page.say(PAGE)) as web:
        settings.OUTBOUND_ORIGINS = [web.origin]
        yield web


def shown(chat, seq):
    [message] = history.around(chat, seq=seq, limit=1)
    return [(one.url, one.title, one.description, one.site) for one in message.previews]


def test_a_message_gets_the_preview_of_its_link(alice, chat, page, captured_events):
    url = f"{page.origin}/a"
    sent = write(alice, chat, f"look: {url}!")
    assert shown(chat, sent.seq) == []
    with captured_events() as events:
        fetch_previews()
    assert shown(chat, sent.seq) == [(url, "A & B", "Of two letters", "127.0.0.1")]
    [item] = events
    assert (item.to, item.rev, item.follows) == (chat, sent.rev + 1, sent.rev)
    assert [one.title for one in item.event.message.previews] == ["A & B"]
    assert changes.since({chat: sent.rev})[chat].rev == Chat.objects.get(id=chat).rev == item.rev
    assert not PreviewWait.objects.exists()


def test_a_link_in_many_messages_is_fetched_once(alice, bob, chat, page):
    for who in (alice, bob, alice):
        write(who, chat, f"{page.origin}/same")
    fetch_previews()
    write(bob, chat, f"{page.origin}/same again")
    fetch_previews()
    assert [len(shown(chat, seq)) for seq in (1, 2, 3, 4)] == [1, 1, 1, 1]
    assert [path for path, _ in page.seen] == ["/same"]


def test_previews_have_the_order_of_the_links(alice, chat, page):
    urls = [f"{page.origin}/{name}" for name in "cab"]
    write(alice, chat, " ".join(urls))
    fetch_previews()
    assert [one[0] for one in shown(chat, 1)] == urls


def test_internal_addresses_are_not_fetched(alice, chat, settings):
    with serving(lambda page: page.say(PAGE)) as web:
        settings.OUTBOUND_ORIGINS = []
        write(alice, chat, f"{web.origin}/a https://127.0.0.1:{web.server_port} http://0x7f.1")
        fetch_previews()
        assert web.seen == []
    assert shown(chat, 1) == []
    assert set(LinkPreview.objects.values_list("state", flat=True)) == {"empty"}
    assert Chat.objects.get(id=chat).rev == 1, "nothing to show changes nothing"


def test_an_edit_keeps_the_previews_of_remaining_links(alice, chat, page):
    kept, gone, new = (f"{page.origin}/{name}" for name in ("kept", "gone", "new"))
    write(alice, chat, f"{kept} {gone}")
    fetch_previews()
    edits.edit_message(alice.id, chat, seq=1, text=f"{new} {kept}")
    assert [one[0] for one in shown(chat, 1)] == [kept]
    fetch_previews()
    assert [one[0] for one in shown(chat, 1)] == [new, kept]
    assert sorted(path for path, _ in page.seen) == ["/gone", "/kept", "/new"]


def test_a_deleted_message_loses_its_previews_and_gets_none(alice, chat, page):
    write(alice, chat, f"{page.origin}/a")
    fetch_previews()
    write(alice, chat, f"{page.origin}/b")
    for seq in (1, 2):
        edits.delete_message(alice.id, chat, seq=seq)
    fetch_previews()
    assert list(Message.objects.values_list("previews", flat=True)) == [None, None]
    assert not PreviewWait.objects.exists()


def test_previews_can_be_switched_off(alice, chat, page, settings):
    settings.LINK_PREVIEWS = False
    write(alice, chat, f"{page.origin}/a")
    fetch_previews()
    assert page.seen == []
    assert not LinkPreview.objects.exists()


def test_previews_are_on_by_default():
    assert plain_settings.LINK_PREVIEWS is True
    assert plain_settings.OUTBOUND_ORIGINS == []


def test_a_rolled_back_send_requests_no_links(alice, chat, page):
    with transaction.atomic():
        write(alice, chat, f"{page.origin}/a")
        transaction.set_rollback(True)
    assert not LinkPreview.objects.exists()


def test_a_repeated_send_requests_no_links(alice, chat, page):
    first = write(alice, chat, f"{page.origin}/a")
    fetch_previews()
    client_id = Message.objects.get(pk=(chat, first.seq)).client_id
    write(alice, chat, f"{page.origin}/b", client_id)
    fetch_previews()
    assert [path for path, _ in page.seen] == ["/a"]


def test_links_of_a_dead_worker_are_fetched_by_the_next(alice, chat, page):
    write(alice, chat, f"{page.origin}/a")
    assert len(preview_fetcher.claim_links(1)) == 1
    fetch_previews()
    assert page.seen == []
    LinkPreview.objects.update(claimed_at=timezone.now() - timezone.timedelta(minutes=5))
    fetch_previews()
    assert len(shown(chat, 1)) == 1


def test_previews_of_a_dead_worker_are_added_by_the_next(alice, chat, page, monkeypatch):
    write(alice, chat, f"{page.origin}/a")
    with monkeypatch.context() as patch:
        patch.setattr(preview_fetcher, "messages_to_update", lambda **options: [])
        fetch_previews()
    assert shown(chat, 1) == []
    fetch_previews()
    assert len(shown(chat, 1)) == 1
    assert len(page.seen) == 1


def test_old_links_are_deleted_and_fetched_again(alice, chat, page):
    write(alice, chat, f"{page.origin}/a")
    fetch_previews()
    LinkPreview.objects.update(fetched_at=timezone.now() - timezone.timedelta(hours=3))
    preview_fetcher.clean_up()
    assert not LinkPreview.objects.exists()
    assert len(shown(chat, 1)) == 1
    write(alice, chat, f"{page.origin}/a")
    fetch_previews()
    assert len(page.seen) == 2


def test_a_text_without_a_link_runs_no_extra_query(alice, chat):
    write(alice, chat, "warm")
    with CaptureQueriesContext(connection) as plain:
        write(alice, chat, "no link here")
    assert not any("preview" in query["sql"] for query in plain)


@pytest.mark.parametrize(
    ("content_type", "body", "title"),
    [
        ("text/html; charset=windows-1251", "<title>Привет</title>".encode("cp1251"), "Привет"),
        ("text/html", b'<meta charset="shift_jis"><title>\x93\xfa\x96{</title>', "日本"),
        ("text/html; charset=punycode", "<title>Zoë</title>".encode(), "Zoë"),
        ("text/html; charset=zip", b"<title>Zip</title>", "Zip"),
        ("text/html", b"<title>a\x00b\xe2\x80\xaec</title>", "a b c"),
        ("text/html", b"<title>&lt;b&gt; &#xD800;</title>", "<b> \ufffd"),
        ("text/html", b"<title>" + b"x" * 300 + b"</title>", "x" * 199 + "…"),
        ("text/html", b"<TITLE\n>Two<title>Three</title>", "Two"),
        ("text/html", b"<meta content='<' property='og:title'><title>Kept</title>", "Kept"),
        ("text/html", b"<meta property='og:title' content='a > b'>", "a > b"),
    ],
)
def test_titles_are_read_as_plain_text(content_type, body, title):
    assert parse("https://example.org/", FetchedPage(content_type, body)).title == title


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<p>no title", b"<body><title>late</title>", b"<title> </title>"),
        *(b"<!--" * 100_000, b"<meta " * 80_000, b'<meta "' * 70_000, b"<meta content='" * 30_000),
        *(b"<title" * 80_000, b"<![CDATA[" * 50_000, b"<meta " + b'a="' * 150_000, b"&#" * 200_000),
    ],
)
def test_empty_and_hostile_pages_have_no_preview(body):
    assert parse("https://example.org/", FetchedPage("text/html", body)) is None


def test_the_site_defaults_to_the_host():
    page = FetchedPage("text/html", b"<title>T</title>")
    assert parse("https://www.example.org/a", page).site == "example.org"
    page = FetchedPage("text/html", b"<title>T</title><meta property=og:site_name content=Example>")
    assert parse("https://www.example.org/a", page).site == "Example"
