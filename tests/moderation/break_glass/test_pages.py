"""Break-glass in the admin, over the API and by command."""

from io import StringIO

from django.core.management import call_command
from django.urls import reverse

from apps.moderation.models import AuditRecord, ReadRequest
from tests.chats.factories import write
from tests.moderation.break_glass.asking import API, WORDS, actions, approved, ask, reader_named
from tests.support.people import signed_in
from tests.support.statements import traffic

LIST = reverse("admin:moderation_readrequest_changelist")
ADD = reverse("admin:moderation_readrequest_add")


def page_of(row):
    return reverse("admin:moderation_readrequest_change", args=[row.id])


def reading_of(row):
    return reverse("admin:moderation_readrequest_read", args=[row.id])


def form(chat, **more):
    return {
        "chat": chat,
        "since": "2026-01-01T00:00",
        "until": "",
        "reason": "abuse",
        "text": "Threats",
        "hours": "2",
        **more,
    }


def test_the_pages_of_the_admin(chat, alice, bob, mona, nick):
    write(bob, chat, WORDS)
    asker, decider = signed_in(mona), signed_in(nick)
    assert "Another moderator" in asker.get(f"{ADD}?chat={chat}").content.decode()
    refused = asker.post(ADD, form(chat, hours="30"))
    assert "Choose 1 to 24 hours." in refused.content.decode()
    assert asker.post(ADD, form(chat)).status_code == 302
    row = ReadRequest.objects.get()
    for client, button in ((asker, "_end"), (decider, "_approve")):
        listed = client.get(LIST).content.decode()
        assert "Alice Ärmel and Bob" in listed
        page = client.get(page_of(row)).content.decode()
        assert f'name="{button}"' in page
        assert "Threats" in page
        assert WORDS not in listed + page
    assert 'name="_approve"' not in asker.get(page_of(row)).content.decode()
    asker.post(page_of(row), {"_approve": "1"})
    assert WORDS not in asker.get(reading_of(row), follow=True).content.decode()
    decider.post(page_of(row), {"_approve": "1"})
    assert WORDS not in decider.get(reading_of(row), follow=True).content.decode()
    page = asker.get(reading_of(row))
    assert WORDS in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert asker.get(f"{reading_of(row)}?after=x").status_code == 404
    decider.post(page_of(row), {"_end": "1"})
    assert WORDS not in asker.get(reading_of(row), follow=True).content.decode()
    assert actions() == ["ask_to_read", "approve_reading", "read_chat", "end_reading"]


def test_refusing_in_the_admin_takes_a_reason(crew, mona, nick):
    row = ask(mona, crew)
    client = signed_in(nick)
    page = client.post(page_of(row), {"_refuse": "1"}, follow=True).content.decode()
    assert "Write a reason" in page
    client.post(page_of(row), {"_refuse": "1", "reason": "Ask for less"})
    row.refresh_from_db()
    assert row.state == "refused"


def test_the_pages_are_for_moderators_with_the_permission(crew, charlie, moderator, mona):
    row = ask(mona, crew)
    for user in (charlie, moderator):
        client = signed_in(user)
        for page in (LIST, ADD, page_of(row), reading_of(row)):
            answer = client.get(page)
            assert answer.status_code in (302, 403, 404), page
            assert "Crew" not in answer.content.decode()
    assert LIST not in signed_in(moderator).get(reverse("admin:index")).content.decode()
    assert LIST in signed_in(mona).get(reverse("admin:index")).content.decode()


def test_reading_needs_what_the_admin_asks_of_staff(crew, mona, nick, settings):
    row = approved(mona, nick, crew)
    settings.STAFF_SECOND_FACTOR = True
    assert signed_in(mona).get(reading_of(row)).status_code != 200
    answer = signed_in(mona).get(f"{API}/{row.id}/messages")
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert "read_chat" not in actions()


def test_the_list_asks_as_often_for_many_requests(crew, mona, nick):
    def queries():
        client = signed_in(nick)
        with traffic() as sent:
            assert client.get(LIST).status_code == 200
        return sent.statements

    ask(mona, crew)
    queries()
    one = queries()
    for number in range(8):
        ask(reader_named(f"reader{number}"), crew)
    assert queries() == one


def test_the_api(crew, bob, moderator, mona, nick):
    write(bob, crew, WORDS)
    asker, decider = signed_in(mona), signed_in(nick)
    body = {"chat": str(crew), "since": "2026-01-01T00:00:00Z", "hours": 2}
    body |= {"reason": "safety", "text": "He may hurt himself"}

    def post(client, path="", given=None):
        return client.post(API + path, given, content_type="application/json")

    assert post(signed_in(moderator), given=body).status_code == 403
    assert post(asker, given=body | {"hours": 0}).status_code == 400
    made = post(asker, given=body)
    assert made.status_code == 201
    row = made.json()["id"]
    assert post(asker, f"/{row}/approve").status_code == 403
    assert asker.get(f"{API}/{row}/messages").status_code == 409
    assert post(decider, f"/{row}/approve").json()["state"] == "approved"
    assert decider.get(f"{API}/{row}/messages").status_code == 403
    page = asker.get(f"{API}/{row}/messages?limit=3").json()
    assert [entry["text"] for entry in page["items"]][-1] == WORDS
    assert page["next"] is None
    assert post(decider, f"/{row}/end").json()["state"] == "ended"
    assert asker.get(f"{API}/{row}/messages").status_code == 409
    again = post(asker, given=body).json()["id"]
    assert post(decider, f"/{again}/refuse", {"reason": "No"}).json()["state"] == "refused"
    listed = decider.get(f"{API}?limit=1").json()
    assert [each["id"] for each in listed["items"]] == [again]
    more = decider.get(f"{API}?cursor={listed['next']}").json()
    assert [each["id"] for each in more["items"]] == [row]
    assert signed_in(moderator).get(API).status_code == 403


def test_the_command_ends_reading(crew, mona, nick):
    row = approved(mona, nick, crew)
    call_command("moderate", "end-reading", str(row.id), stdout=StringIO())
    row.refresh_from_db()
    assert row.state == "ended"
    assert AuditRecord.objects.latest("number").door == "command"


def test_the_overview_counts_what_one_can_approve(crew, mona, nick, settings):
    ask(mona, crew)
    line = "Requests that you can approve"
    for user, number in ((mona, 0), (nick, 1)):
        page = signed_in(user).get(reverse("admin:index")).content.decode()
        assert line in page
        shown = page.split(line)[1][:400]
        assert f">{number}<" in shown.replace("\n", "").replace(" ", ""), shown
    settings.BREAK_GLASS = False
    assert line not in signed_in(nick).get(reverse("admin:index")).content.decode()
