"""Rules about words and links: what they find, refuse and flag, and who changes them."""

import json
import sys
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from apps.chats import made_up
from apps.chats.actions import edits, scheduled
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.content_rules import content_rules
from apps.chats.models import Message, Scheduled
from apps.core.errors import AgainstRules, Invalid, NotPossible
from apps.moderation.actions import queue, rules
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord, ContentRule, Evidence, Report
from apps.moderation.queries.moderators import NoModerator
from apps.moderation.rule_matcher import Matcher, Rule
from apps.wire import bodies
from tests.support.people import signed_in

OPERATOR = By(None, Door.COMMAND)
PAGE = "/admin/moderation/contentrule/"


@pytest.fixture(autouse=True)
def _no_known_rules(monkeypatch):
    monkeypatch.setattr(rules, "_known", rules._Known())


def add(pattern, kind="words", effect="refuse"):
    """Add a rule, which this process then knows: tests commit nothing."""
    rule = rules.add(OPERATOR, kind=kind, pattern=pattern, effect=effect)
    rules.forget()
    rules.refresh()
    return rule


def send(sender, chat, text, client_id=None, **more):
    given = {"sender": sender.id, "chat": chat, "client_id": client_id or uuid4(), "text": text}
    [outcome] = send_batch([validated_send(**given, **more)])
    return outcome


def found(text, *given):
    made = [Rule(number, kind, pattern, "flag") for number, (kind, pattern) in enumerate(given)]
    return [rule.pattern for rule in Matcher(made).find(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("cheap pills", "Buy CHEAP  pills!", True),
        ("cheap pills", "cheap, pills", True),
        ("cheap pills", "cheap\u200b pi\u00adlls", True),
        ("cheap pills", "cheap green pills", False),
        ("ass", "a class of its own", False),
        ("strasse", "Die Straße", True),
        ("pills", "\uff30\uff49\uff4c\uff4c\uff53", True),
        ("öl", "o\u0308l", True),
        ("привет мир", "ПРИВЕТ, МИР", True),
        ("a", "", False),
    ],
)
def test_words_are_found_whole_in_any_case(pattern, text, matches):
    assert found(text, ("words", pattern)) == ([pattern] if matches else [])


@pytest.mark.parametrize(
    ("domain", "text", "matches"),
    [
        ("evil.example", "see https://evil.example/a", True),
        ("evil.example", "see HTTPS://WWW.EVIL.EXAMPLE:8443/a", True),
        ("evil.example", "see https://notevil.example/", False),
        ("evil.example", "see https://evil.example.org/", False),
        ("evil.example", "see https://example.org/evil.example", False),
        ("evil.example", "see https://a@evil.example/", True),
        ("xn--bse-sna.example", "see https://böse.example/", True),
        ("evil.example", "`https://evil.example/` is code", False),
        ("evil.example", "see https://a_b.evil.example/", True),
        ("evil.example", "see https://ev%69l.example/", True),
        ("evil.example", "see https://evil.example\\@good.example/", True),
        ("evil.example", "see https://[@evil.example/", True),
        ("evil.example", "see https://⁇@evil.example\x1f", True),
        ("evil.example", "see https://evil\U000e0100.example", True),
        ("evil.example", "```https://evil.example", True),
        ("evil.example", "\u0131https://evil.example", True),
        ("evil.example", "see https://[x\\]y/ and https://evil.example.", True),
        ("evil.example", f"see https://{'a.' * 110}evil.example/", True),
    ],
)
def test_links_are_found_by_their_domain(domain, text, matches):
    assert found(text, ("domain", domain)) == ([domain] if matches else [])


def test_a_refused_message_is_not_written_and_can_be_changed(alice, crew):
    add("Cheap pills")
    assert isinstance(send(alice, crew, "cheap pills here"), AgainstRules)
    assert not Message.objects.filter(chat_id=crew, kind="text").exists()
    assert isinstance(send(alice, crew, "none here"), Sent)


def test_the_name_that_a_program_gives_itself_is_read(alice, crew):
    add("Cheap pills")
    named = bodies.Layout(name="Cheap pills")
    assert isinstance(send(alice, crew, "none here", layout=named), AgainstRules)


def test_what_two_people_say_to_each_other_is_private(alice, chat):
    add("cheap pills")
    add("green pills", effect="flag")
    assert isinstance(send(alice, chat, "cheap pills and green pills"), Sent)
    assert not Report.objects.exists()


def test_a_message_that_is_there_already_is_not_refused_when_it_is_sent_again(alice, crew):
    client_id = uuid4()
    first = send(alice, crew, "cheap pills", client_id)
    add("cheap pills")
    again = send(alice, crew, "cheap pills", client_id)
    assert (again.seq, again.repeated) == (first.seq, True)


def test_an_edit_is_refused_or_flagged_as_a_message(alice, crew):
    add("cheap pills")
    add("green pills", effect="flag")
    sent = send(alice, crew, "hello")
    with pytest.raises(AgainstRules):
        edits.edit_message(alice.id, crew, seq=sent.seq, text="cheap pills")
    assert Message.objects.get(chat_id=crew, seq=sent.seq).text == "hello"
    edits.edit_message(alice.id, crew, seq=sent.seq, text="green pills")
    assert Evidence.objects.get(reported=True).text == "green pills"


def test_a_flagged_message_is_sent_and_waits_for_moderators(alice, bob, crew, moderator):
    send(alice, crew, "hello")
    add("green pills", effect="flag")
    sent = send(alice, crew, "Green pills")
    assert isinstance(sent, Sent)
    report = Report.objects.get()
    assert (report.reporter, report.person, report.seq) == (None, alice, sent.seq)
    assert report.text == "words: green pills"
    assert list(Evidence.objects.filter(reported=True).values_list("text", flat=True)) == [
        "Green pills"
    ]
    # The moderators' work on it: nobody is told of the outcome.
    client = signed_in(moderator)
    page = client.get(f"/admin/moderation/report/{report.id}/change/").content.decode()
    assert "A rule" in page
    by = By(moderator.id, Door.ADMIN)
    queue.claim(by, report.id)
    queue.decide(by, report.id, outcome="no_action", answer="Fine.")
    assert Report.objects.get().state == "decided"


@pytest.mark.parametrize("effect", ["refuse", "hold", "flag"])
def test_rules_leave_load_checks_alone(moderator, effect):
    add("draft", effect=effect)
    assert "draft" in made_up.TEXT
    made_up.make(chats=1, size=3, messages=1)
    assert Message.objects.get().text == made_up.TEXT
    assert not Report.objects.exists()


def test_an_error_of_a_report_does_not_stop_the_chat(alice, crew, monkeypatch, caplog):
    add("green pills", effect="flag")
    monkeypatch.setattr(rules.evidence, "copy", lambda *_, **__: 1 / 0)
    assert isinstance(send(alice, crew, "green pills"), Sent)
    assert not Report.objects.exists()
    assert "not reported" in caplog.text


def test_a_scheduled_message_fails_with_the_reason(alice, crew):
    add("cheap pills")
    row = Scheduled(user_id=alice.id, chat_id=crew, client_id=uuid4(), text="cheap pills")
    outcome = scheduled._send(row)
    assert outcome.code == "against_rules"


def test_a_process_learns_of_rules_within_seconds(db, monkeypatch):
    content_rules().refresh()
    rule = rules.add(OPERATOR, kind="words", pattern="pills", effect="refuse")
    content_rules().refresh()
    assert not content_rules().judge("pills").refused
    now = rules.time.monotonic() + rules.REFRESH_S
    monkeypatch.setattr(rules.time, "monotonic", lambda: now)
    content_rules().refresh()
    assert content_rules().judge("pills").refused
    rules.delete(OPERATOR, rule.id)
    now += rules.REFRESH_S
    content_rules().refresh()
    assert not content_rules().judge("pills").refused


@pytest.mark.django_db(transaction=True)
def test_the_committing_thread_knows_the_rules(alice, crew):
    rules.add(OPERATOR, kind="words", pattern="cheap pills", effect="refuse")
    given = {"sender": alice.id, "chat": crew, "client_id": uuid4()}
    with pytest.raises(AgainstRules):
        group_commit.send(validated_send(text="cheap pills", **given))
    response = signed_in(alice).post(
        f"/api/v1/chats/{crew}/messages",
        {"client_id": str(uuid4()), "text": "cheap pills"},
        content_type="application/json",
    )
    assert (response.status_code, response.json()["code"]) == (403, "against_rules")


def test_each_change_is_in_the_audit_log(moderator, alice):
    by = By(moderator.id, Door.ADMIN)
    rule = rules.add(by, kind="domain", pattern="WWW.Böse.example.", effect="flag")
    assert rule.pattern == "www.xn--bse-sna.example"
    with pytest.raises(NotPossible):
        rules.add(by, kind="domain", pattern="www.böse.example", effect="refuse")
    for kind, pattern in (("words", " -!- "), ("domain", "no domain"), ("domain", "a" * 300)):
        with pytest.raises(Invalid):
            rules.add(by, kind=kind, pattern=pattern, effect="flag")
    with pytest.raises(NoModerator):
        rules.add(By(alice.id, Door.ADMIN), kind="words", pattern="x", effect="flag")
    with pytest.raises(NoModerator):
        rules.delete(By(alice.id, Door.ADMIN), rule.id)
    rules.delete(by, rule.id)
    written = AuditRecord.objects.order_by("number")
    assert [row.action for row in written] == ["add_rule", "delete_rule"]
    assert json.loads(written[0].details)["pattern"] == rule.pattern


def test_moderators_change_rules_in_the_admin(moderator, alice):
    client = signed_in(moderator)
    client.post(f"{PAGE}add/", {"kind": "words", "text": "Cheap Pills", "effect": "refuse"})
    rule = ContentRule.objects.get()
    assert (rule.pattern, rule.made_by) == ("cheap pills", moderator)
    assert "cheap pills" in client.get(PAGE).content.decode()
    again = {"kind": "words", "text": "cheap pills", "effect": "flag"}
    assert "already" in client.post(f"{PAGE}add/", again, follow=True).content.decode()
    client.post(PAGE, {"action": "remove", "_selected_action": [str(rule.id)]})
    assert not ContentRule.objects.exists()
    alice.is_staff = True
    alice.save()
    assert signed_in(alice).get(f"{PAGE}add/").status_code == 403


def test_a_command_lists_adds_and_deletes(db, capsys):
    call_command("contentrules", "--json", "add", "words", "refuse", "Cheap pills")
    [rule] = json.loads(capsys.readouterr().out)
    assert rule["pattern"] == "cheap pills"
    call_command("contentrules", "list")
    assert "refuse  words  cheap pills" in capsys.readouterr().out
    call_command("contentrules", "delete", str(rule["id"]))
    with pytest.raises(CommandError):
        call_command("contentrules", "delete", str(rule["id"]))


def lines_run(work):
    """How many lines of `rule_matcher` a call runs: its cost on any machine."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        count += event == "line"
        return trace if frame.f_code.co_filename.endswith("rule_matcher.py") else None

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


def test_the_time_does_not_depend_on_the_number_of_rules_that_begin_alike():
    def cost(rules):
        made = [Rule(number, "words", f"buy {number}", "flag") for number in range(rules)]
        matcher = Matcher(made)
        return lines_run(lambda: matcher.find("buy " * 200))

    assert cost(1_000) == cost(1)


def test_a_rule_that_is_committed_after_a_newer_one_is_known(alice, crew):
    newest, oldest = add("cheap pills"), add("green pills")
    late = newest.id + 1_000
    ContentRule.objects.create(id=late + 1, kind="words", pattern="red pills", effect="refuse")
    rules.forget()
    rules.refresh()
    # In the same seconds, another one is deleted: their number and the newest stay the same.
    ContentRule.objects.create(id=late, kind="words", pattern="blue pills", effect="refuse")
    oldest.delete()
    rules._known = rules._known._replace(read_at=rules.NEVER)
    rules.refresh()
    assert isinstance(send(alice, crew, "blue pills"), AgainstRules)
    assert isinstance(send(alice, crew, "green pills"), Sent)


def test_the_known_rules_hold_until_others_are_read(alice, crew):
    add("cheap pills")
    rules.forget()
    assert isinstance(send(alice, crew, "cheap pills"), AgainstRules)


def test_a_database_that_hangs_is_not_asked_before_each_batch(alice, crew, monkeypatch):
    add("cheap pills")
    asked = []

    def hang(**_):
        asked.append("rules")
        raise OperationalError("no response in time")

    monkeypatch.setattr(ContentRule.objects, "aggregate", hang)
    monkeypatch.setattr(rules, "REFRESH_S", 0.0)
    with pytest.raises(OperationalError):
        rules.refresh()
    monkeypatch.setattr(rules, "REFRESH_S", 60.0)
    rules.refresh()
    assert asked == ["rules"]
    assert isinstance(send(alice, crew, "cheap pills"), AgainstRules)
    # A process that has read none yet asks again at once.
    rules._known = rules._Known()
    for _ in range(2):
        with pytest.raises(OperationalError):
            rules.refresh()
    assert len(asked) == 3


def test_nobody_fills_the_queue_with_what_rules_flag(alice, bob, crew, monkeypatch):
    monkeypatch.setattr(rules, "MAX_FLAGS_OF_PERSON", 2)
    monkeypatch.setattr(rules, "MAX_FLAGS", 3)
    add("green pills", effect="flag")
    for sender in (alice, alice, alice, bob, bob):
        assert isinstance(send(sender, crew, "green pills"), Sent)
    reported = Report.objects.order_by("id").values_list("person__username", flat=True)
    assert list(reported) == ["alice", "alice", "bob"]


def test_the_page_of_a_flagged_message_says_that_a_rule_reported_it(alice, crew, moderator):
    add("green pills", effect="flag")
    send(alice, crew, "green pills")
    page = f"/admin/moderation/report/{Report.objects.get().id}/change/"
    shown = signed_in(moderator).get(page).content.decode()
    assert "A rule" in shown
    assert "None," not in shown
