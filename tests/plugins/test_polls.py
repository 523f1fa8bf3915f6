"""Polls: asking, voting, closing, counting, and who may not."""

import json
from html import unescape

import pytest

from apps.accounts.export_handlers import all_sections
from apps.chats.actions import edits, groups, hiding
from apps.chats.models import Chat, Message
from apps.contacts.actions import contacts
from apps.core.errors import (
    ChatClosed,
    Forbidden,
    Invalid,
    NotContacts,
    NotFound,
    NotPossible,
)
from apps.core.identifiers import new_id
from apps.integrations.actions.plugin_acts import act
from apps.integrations.actions.run_command import run_command
from apps.integrations.plugins import entries
from apps.plugins.polls import commands, people, questions, tasks, voting
from apps.plugins.polls.models import Poll, Vote
from tests.chats.factories import heads, write
from tests.support.people import direct_chat, signed_in

LUNCH = questions.Question("Where do we eat?", ("Pizza", "Noodles", "Soup"))


@pytest.fixture
def sends_at_once(monkeypatch):
    """Entries are written in the test's own transaction, not by the committing thread."""
    from apps.chats.actions.messages import send_batch
    from apps.core.errors import Refused

    def send(request):
        [outcome] = send_batch([request])
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    monkeypatch.setattr(entries.group_commit, "send", send)


@pytest.fixture
def asked(alice, crew, sends_at_once):
    """`asked(question)` posts a poll of Alice's in the crew, and returns its seq."""

    def post(question=LUNCH):
        return questions.post(alice.id, crew, question, client_id=new_id()).seq

    return post


def data_of(chat, seq):
    return Message.objects.get(chat_id=chat, seq=seq).layout["data"]


def counted(chat, seq):
    tasks.count_votes()
    return data_of(chat, seq)["counts"]


def vote(person, chat, seq, *options):
    return act(person.id, chat, seq=seq, name="vote", data={"options": list(options)})


def test_a_poll_is_a_message_with_all_of_it_as_text(alice, crew, asked):
    seq = asked()
    row = Message.objects.get(chat_id=crew, seq=seq)
    assert row.text == "Where do we eat?\n- Pizza\n- Noodles\n- Soup"
    assert row.layout["plugin"] == "polls"
    assert data_of(crew, seq)["counts"] == [0, 0, 0]


def test_the_same_client_id_is_the_same_poll(alice, crew, sends_at_once):
    mine = new_id()
    first, again = (questions.post(alice.id, crew, LUNCH, client_id=mine) for _ in range(2))
    assert (first.seq, again.repeated) == (again.seq, True)


def test_a_vote_moves_and_is_taken_back(bob, crew, asked):
    seq = asked()
    assert vote(bob, crew, seq, 0)["mine"] == [0]
    assert counted(crew, seq) == [1, 0, 0]
    assert vote(bob, crew, seq, 2)["counts"] == [0, 0, 1]
    assert counted(crew, seq) == [0, 0, 1]
    assert vote(bob, crew, seq)["mine"] == []
    assert counted(crew, seq) == [0, 0, 0]
    assert data_of(crew, seq)["voters"] == 0


def test_several_answers_can_be_chosen_where_the_poll_allows_it(alice, bob, crew, asked):
    several = asked(questions.Question("Which?", ("a", "b", "c"), multiple=True))
    vote(bob, crew, several, 0, 2)
    vote(alice, crew, several, 2)
    assert counted(crew, several) == [1, 0, 2]
    assert data_of(crew, several)["voters"] == 2
    with pytest.raises(Invalid):
        vote(bob, crew, asked(), 0, 1)


@pytest.mark.parametrize("options", [[3], [-1], ["0"], "0", None, [True], [0.0]])
def test_an_answer_that_the_poll_does_not_have_is_refused(bob, crew, asked, options):
    with pytest.raises(Invalid):
        act(bob.id, crew, seq=asked(), name="vote", data={"options": options})
    assert not Vote.objects.exists()


def test_many_votes_are_one_change_for_all(alice, bob, crew, asked):
    seq = asked()
    before = heads(crew)[1]
    for person, option in ((alice, 0), (bob, 1), (alice, 1), (bob, 2)):
        vote(person, crew, seq, option)
    assert heads(crew)[1] == before
    assert counted(crew, seq) == [0, 1, 1]
    assert heads(crew)[1] == before + 1
    tasks.count_votes()
    assert heads(crew)[1] == before + 1


def test_people_see_who_chose_what_and_of_an_anonymous_poll_only_their_own_choice(
    alice, bob, crew, asked
):
    open_one, anonymous = asked(), asked(questions.Question("Who?", ("a", "b"), anonymous=True))
    for seq in (open_one, anonymous):
        vote(bob, crew, seq, 1)
        found = act(alice.id, crew, seq=seq, name="state", data={})
        assert (found["mine"], found["voters"]) == ([], 1)
        assert str(bob.id) in json.dumps(found) or seq == anonymous
        assert str(bob.id) not in json.dumps(data_of(crew, seq))
    assert "people" not in act(alice.id, crew, seq=anonymous, name="state", data={})


def test_of_many_who_chose_an_answer_the_first_are_named(alice, bob, crew, asked, monkeypatch):
    monkeypatch.setattr(voting, "MAX_NAMED", 1)
    seq = asked()
    vote(bob, crew, seq, 1)
    found = vote(alice, crew, seq, 1)
    assert (found["counts"], found["voters"], found["mine"]) == ([0, 2, 0], 2, [1])
    assert found["people"] == [[], [str(bob.id)], []]


def test_a_closed_poll_keeps_its_numbers_and_takes_no_votes(alice, bob, crew, asked):
    seq = asked()
    vote(bob, crew, seq, 1)
    with pytest.raises(Forbidden):
        act(bob.id, crew, seq=seq, name="close", data={})
    act(alice.id, crew, seq=seq, name="close", data={})
    assert data_of(crew, seq)["closed"] is True
    with pytest.raises(NotPossible):
        vote(bob, crew, seq, 0)
    assert counted(crew, seq) == [0, 1, 0]
    assert vote_state(bob, crew, seq) == [1]


def vote_state(person, chat, seq):
    return act(person.id, chat, seq=seq, name="state", data={})["mine"]


def test_an_admin_closes_the_poll_of_a_member(alice, bob, crew, sends_at_once):
    seq = questions.post(bob.id, crew, LUNCH, client_id=new_id()).seq
    act(alice.id, crew, seq=seq, name="close", data={})
    assert data_of(crew, seq)["closed"] is True


@pytest.mark.parametrize("name", ["state", "vote", "close"])
def test_an_outsider_reaches_nothing(alice, bob, charlie, crew, asked, name):
    seq = asked()
    given = {"name": name, "data": {"options": [0]}}
    path = f"/api/v1/chats/{crew}/messages/{seq}/acts"
    member = signed_in(alice).post(path, given, content_type="application/json")
    assert member.status_code == 200
    outsider = signed_in(charlie).post(path, given, content_type="application/json")
    assert (outsider.status_code, outsider.json()["code"]) == (404, "not_found")
    groups.remove_member(alice.id, crew, person=bob.id)
    with pytest.raises(NotFound):
        act(bob.id, crew, seq=seq, **given)
    assert set(Vote.objects.values_list("user_id", flat=True)) <= {alice.id}


def test_people_who_are_not_in_touch_any_more_cannot_vote(alice, bob, sends_at_once):
    chat = direct_chat(alice, bob)
    seq = questions.post(alice.id, chat, LUNCH, client_id=new_id()).seq
    vote(bob, chat, seq, 0)
    contacts.block(alice.id, bob.id)
    with pytest.raises(NotContacts):
        vote(bob, chat, seq, 1)
    assert list(Vote.objects.values_list("option", flat=True)) == [0]


def test_a_closed_group_takes_no_votes(bob, crew, asked):
    seq = asked()
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    with pytest.raises(ChatClosed):
        vote(bob, crew, seq, 1)


@pytest.mark.parametrize(
    "message", ["text", "of another plugin", "deleted", "not there", "unknown action"]
)
def test_what_is_no_entry_of_the_plugin_has_no_actions(alice, crew, asked, message, sends_at_once):
    seq, name = asked(), "vote"
    if message == "text":
        seq = write(alice, crew).seq
    elif message == "of another plugin":
        given = {"person": alice.id, "chat": crew, "client_id": new_id(), "text": "x", "data": {}}
        seq = entries.post("reminders", **given).seq
    elif message == "deleted":
        edits.delete_message(alice.id, crew, seq=seq)
    elif message == "not there":
        seq += 1
    else:
        name = "__class__"
    with pytest.raises(NotFound):
        act(alice.id, crew, seq=seq, name=name, data={"options": [0]})


def test_votes_are_deleted_with_their_message_and_with_their_account(alice, bob, crew, asked):
    gone, stays = asked(), asked()
    for seq in (gone, stays):
        vote(bob, crew, seq, 0)
        vote(alice, crew, seq, 1)
    edits.delete_message(alice.id, crew, seq=gone)
    assert list(Poll.objects.values_list("seq", flat=True)) == [stays]
    # As if its message had been deleted while polls were switched off.
    Poll.objects.create(chat_id=crew, seq=99)
    tasks.delete_unused()
    assert list(Poll.objects.values_list("seq", flat=True)) == [stays]
    assert counted(crew, stays) == [1, 1, 0]
    assert people.erase(bob.id) == {"poll_votes": 1}
    assert people.erase(bob.id) == {}
    assert counted(crew, stays) == [0, 1, 0]


def test_the_votes_of_a_hidden_message_are_there_once_it_is_restored(bob, crew, asked):
    seq = asked()
    vote(bob, crew, seq, 2)
    hiding.hide_message(crew, seq)
    tasks.count_votes()
    tasks.delete_unused()
    with pytest.raises(NotFound):
        vote(bob, crew, seq, 0)
    hiding.restore_message(crew, seq)
    assert vote(bob, crew, seq, 2)["counts"] == [0, 0, 1]


def test_the_poll_of_an_archive_shows_the_numbers_that_it_came_with(alice, crew, sends_at_once):
    data = {"options": ["a", "b"], "anonymous": True, "counts": [3, 1], "voters": 4}
    given = {"person": alice.id, "chat": crew, "client_id": new_id(), "text": "Which?"}
    seq = entries.post("polls", **given, data=data).seq
    found = act(alice.id, crew, seq=seq, name="state", data={})
    assert found == {"mine": [], "counts": [3, 1], "voters": 4}


def test_an_export_has_the_persons_own_votes(alice, bob, crew, asked):
    seq = asked(questions.Question("Who?", ("a", "b"), anonymous=True))
    vote(bob, crew, seq, 1)
    vote(alice, crew, seq, 0)
    [row] = all_sections(bob.id)["poll_votes"]
    assert (row["poll__chat_id"], row["poll__seq"], row["option"]) == (crew, seq, 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Eat? | a | b", questions.Question("Eat?", ("a", "b"))),
        ("--multiple Eat? | a | | b ", questions.Question("Eat?", ("a", "b"), multiple=True)),
        (
            "--anonymous --multiple Eat? | a | b",
            questions.Question("Eat?", ("a", "b"), multiple=True, anonymous=True),
        ),
        # As phones write two hyphens: https://github.com/matterpoll/matterpoll/issues/376
        (
            "\u2014anonymous\n\u2013Multiple Eat? | a | b",
            questions.Question("Eat?", ("a", "b"), multiple=True, anonymous=True),
        ),
        ("\u2014 Eat? | a | b", questions.Question("\u2014 Eat?", ("a", "b"))),
    ],
)
def test_a_command_is_a_question_with_answers(text, found):
    assert commands.parse(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Eat?",
        "| a | b",
        "Eat? | a",
        "Eat? | a | a",
        f"Eat? | {'x' * 121} | b",
        f"{'x' * 301} | a | b",
        "Eat? | " + " | ".join("abcdefghijk"),
    ],
)
def test_a_command_without_a_question_or_answers_says_what_is_missing(text):
    with pytest.raises(Invalid) as refused:
        commands.parse(text)
    assert refused.value.reason


@pytest.mark.parametrize("flag", ["--anonymus", "\u2014secret"])
def test_no_poll_is_less_anonymous_than_it_was_meant(flag):
    with pytest.raises(Invalid, match=r"There is no --(anonymus|secret), only"):
        commands.parse(f"{flag} Who goes? | a | b")


def test_a_poll_that_is_asked_in_a_thread_is_there(alice, bob, crew, sends_at_once):
    """Not as https://github.com/RocketChat/Rocket.Chat.ReactNative/issues/1115."""
    first = write(bob, crew).seq
    text = "/poll Eat? | a | b"
    run_command(alice.id, crew, client_id=new_id(), text=text, reply_to=first)
    row = Message.objects.get(chat_id=crew, layout__isnull=False)
    assert row.reply_to == first


def test_a_page_posts_a_poll_and_keeps_what_is_wrong(alice, bob, charlie, crew, sends_at_once):
    path, client = f"/plugins/polls/new/{crew}", signed_in(alice)
    assert client.get(path).status_code == 200
    assert signed_in(charlie).get(path).status_code == 404
    form = {"question": "Eat?", "options": "a", "client_id": str(new_id())}
    wrong = client.post(path, form)
    assert wrong.status_code == 400
    assert "A poll has 2 to 10 answers." in wrong.content.decode()
    for _ in range(2):
        done = client.post(path, {**form, "options": "a\nb\n\n", "anonymous": "on"})
        assert (done.status_code, done.url) == (302, f"/c/{crew}")
    [layout] = Message.objects.filter(chat_id=crew, layout__isnull=False).values_list(
        "layout", flat=True
    )
    assert layout["data"]["options"] == ["a", "b"]
    assert layout["data"]["anonymous"] is True


def test_the_composer_leads_to_a_poll_that_replies(alice, bob, crew, sends_at_once):
    """Not only people who know `/poll` make one."""
    client, first = signed_in(alice), write(bob, crew).seq
    listed = unescape(client.get(f"/c/{crew}").content.decode())
    anywhere = "/plugins/polls/new/00000000-0000-0000-0000-000000000000"
    assert f'"chart-bar-horizontal", "{anywhere}"]' in listed
    path = f"/plugins/polls/new/{crew}?reply_to={first}"
    assert f'name="reply_to" value="{first}"' in client.get(path).content.decode()
    form = {"question": "Eat?", "options": "a\nb", "client_id": str(new_id()), "reply_to": first}
    client.post(path, form)
    assert Message.objects.get(chat_id=crew, layout__isnull=False).reply_to == first


def test_the_menu_of_a_chat_leads_to_the_pages_of_plugins(alice, charlie, crew):
    page = signed_in(alice).get(f"/c/{crew}/plugins").content.decode()
    assert f"/plugins/polls/new/{crew}" in page
    assert f"/plugins/reminders/{crew}" in page
    assert signed_in(charlie).get(f"/c/{crew}/plugins").status_code == 404


def test_people_use_the_commands_of_plugins(alice, charlie, crew, sends_at_once):
    mine, text = new_id(), "/poll --anonymous Eat? | a | b"
    for _ in range(2):
        run_command(alice.id, crew, client_id=mine, text=text)
    [layout] = Message.objects.filter(chat_id=crew, layout__isnull=False).values_list(
        "layout", flat=True
    )
    assert (layout["plugin"], layout["data"]["anonymous"]) == ("polls", True)
    ran = run_command(alice.id, crew, client_id=new_id(), text="/remind me in 10 minutes to eat")
    assert ran.note.text.startswith("I will remind you: ")
    for text in ("/poll Eat? | a | b", "/remind here in 10 minutes to eat"):
        with pytest.raises(NotFound):
            run_command(charlie.id, crew, client_id=new_id(), text=text)
