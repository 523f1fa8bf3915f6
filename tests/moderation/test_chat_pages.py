"""The list of chats in the admin, and the page of one."""

from datetime import timedelta
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from apps.chats.actions import groups, invite_links
from apps.chats.models import Chat, Member
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord
from apps.moderation.queries import chats
from tests.chats.factories import write
from tests.support.people import in_touch, signed_in
from tests.support.plans import cost
from tests.support.uploads import stored_file

LIST = reverse("admin:moderation_moderatedchat_changelist")


def page_of(chat):
    return reverse("admin:moderation_moderatedchat_change", args=[chat])


def listed(client, **query):
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [row.id for row in answer.context["cl"].result_list]


def report(reporter, chat):
    create_report(reporter.id, Reported(kind="chat", reason="spam", chat=chat))


def test_administrators_see_all_chats_and_moderators_reported_ones(
    crew, chat, root, moderator, alice, bob
):
    assert set(listed(signed_in(root))) == {crew, chat}
    mona = signed_in(moderator)
    assert listed(mona) == []
    assert mona.get(page_of(crew)).status_code == 404
    report(bob, crew)
    assert listed(mona) == [crew]
    assert mona.get(page_of(crew)).status_code == 200
    assert mona.get(page_of(chat)).status_code == 404
    assert mona.post(page_of(chat), {"_close": "", "reason": "Spam"}).status_code == 404
    for asked in (page_of(uuid4()), page_of("none")):
        assert signed_in(root).get(asked).status_code in (302, 404)
    assert signed_in(alice).get(LIST).status_code in (302, 403)
    assert signed_in(alice).get(page_of(crew)).status_code in (302, 403)


def test_chats_are_found_by_id_member_kind_and_closure(crew, chat, root, alice, bob, charlie):
    client = signed_in(root)
    in_touch(alice, charlie)
    others = groups.create_group(alice.id, "Others", [charlie.id])
    assert listed(client) == sorted([others, chat, crew], reverse=True)
    assert listed(client, q=str(crew)) == [crew]
    assert set(listed(client, q="Bob")) == {crew, chat}
    assert listed(client, q="bo") == []
    assert listed(client, kind="direct") == [chat]
    assert listed(client, closed="1") == []
    client.post(page_of(crew), {"_close": "", "reason": "Spam of rings"})
    assert listed(client, closed="1") == [crew]
    assert "Spam of rings" in client.get(LIST).content.decode()


def test_the_page_has_people_links_and_sizes_and_no_message(crew, root, alice, bob):
    write(alice, crew, "Zyxomma", files=[stored_file(alice, "secret.txt", b"x" * 1500).id])
    invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=3)
    page = signed_in(root).get(page_of(crew)).content.decode()
    for words in ("Crew", str(crew), ">alice<", ">bob<", "owner", "2 members", "0 of 3"):
        assert words in page, words
    assert "1, 2\N{NO-BREAK SPACE}kB" in page
    for words in ("Zyxomma", "secret.txt"):
        assert words not in page


def test_the_buttons_run_the_actions(crew, root, alice, bob):
    client = signed_in(root)
    invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    why = {"reason": "Spam"}

    def press(**button):
        return client.post(page_of(crew), {**button, **why}, follow=True).content.decode()

    assert (
        "This field is required."
        in client.post(page_of(crew), {"_close": ""}, follow=True).content.decode()
    )
    assert "The group is closed." in press(_close="")
    assert Chat.objects.get(id=crew).closed_reason == "Spam"
    assert "closed already" in press(_close="")
    assert "The group is open again." in press(_reopen="")
    assert "Revoked invite links: 1." in press(_revoke_links="")
    assert "no longer in the group" in press(_remove=str(bob.id))
    assert not Member.objects.filter(chat=crew, user=bob, left_rev=None).exists()
    press(_remove="nobody")
    found = [*AuditRecord.objects.order_by("number").values_list("action", "by", "chat", "door")]
    names = ["close_chat", "reopen_chat", "revoke_links", "remove_member"]
    assert found == [(name, root.id, crew, "admin") for name in names]


def test_a_direct_chat_has_no_buttons(chat, root):
    page = signed_in(root).get(page_of(chat)).content.decode()
    assert "alice and bob" in page or "bob and alice" in page
    assert 'name="_close"' not in page
    assert 'name="_remove"' not in page


def test_many_members_are_shown_page_by_page(crew, root, monkeypatch):
    monkeypatch.setattr(chats, "MEMBERS_PER_PAGE", 1)
    client = signed_in(root)
    first = client.get(page_of(crew))
    following = first.context["members"].following
    second = client.get(page_of(crew), {"after": str(following)})
    shown = [
        member.user_id for each in (first, second) for member in each.context["members"].members
    ]
    assert shown == sorted(Member.objects.filter(chat=crew).values_list("user_id", flat=True))
    assert second.context["members"].following is None


def test_who_may_read_chats_is_led_to_asking(crew, root, moderator, bob, settings):
    ask = f"{reverse('admin:moderation_readrequest_add')}?chat={crew}"
    report(bob, crew)
    settings.BREAK_GLASS = True
    assert ask in signed_in(root).get(page_of(crew)).content.decode()
    assert ask not in signed_in(moderator).get(page_of(crew)).content.decode()
    moderator.user_permissions.add(Permission.objects.get(codename="break_glass"))
    assert ask in signed_in(moderator).get(page_of(crew)).content.decode()
    settings.BREAK_GLASS = False
    assert ask not in signed_in(root).get(page_of(crew)).content.decode()


AMOUNT = 20_000
FILL = """
INSERT INTO chats_chat (id, kind, title, last_seq, rev, closed_reason, active_at, created_at)
SELECT gen_random_uuid(), 'group', 'g' || n, 1, 1, CASE n %% 7000 WHEN 77 THEN 'Spam' ELSE '' END,
    now(), now()
FROM generate_series(1, %(amount)s) AS n;
INSERT INTO chats_member (chat_id, user_id, role, read_seq, delivered_seq, rev, person_rev, pinned,
    archived, muted, marked_unread)
SELECT c.id, %(person)s, 'member', 0, 0, 1, row_number() OVER (), false, false, false, false
FROM chats_chat c WHERE title LIKE '%%7';
INSERT INTO moderation_report (id, kind, subject, chat_id, reason, severity, text, shown, state,
    outcome, answer, created_at)
SELECT gen_random_uuid(), 'chat', 'chat:' || id, id, 'spam', 1, '', '{}', 'decided', '', '', now()
FROM chats_chat;
"""


def test_lists_of_many_chats_read_a_page_and_a_bounded_count(root, moderator, bob, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"amount": AMOUNT, "person": bob.id})
        cursor.execute("ANALYZE chats_chat, chats_member, moderation_report")
    monkeypatch.setattr("apps.core.large_list_admin.MAX_FILTERED", 100)
    monkeypatch.setattr(chats, "MAX_CHATS_OF_PERSON", 100)
    queries = {"": 50, "p=2": 50, "q=bob": 50, "closed=1": 3, "kind=direct": 0, "kind=group": 50}
    for user in (root, moderator):
        client = signed_in(user)
        for query, expected in queries.items():
            page = f"{LIST}?{query}"
            for nodes, rows in cost(lambda page=page, client=client: client.get(page)):
                assert rows <= 4_000, f"{page} reads {rows} rows: {nodes}"
            found = len(client.get(page).context["cl"].result_list)
            assert found == expected or user == moderator, page
