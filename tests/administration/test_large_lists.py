"""What the admin's lists read from tables with many rows: indexes, a page, and a bounded count."""

import pytest
from django.db import connection
from django.urls import reverse

from tests.support.people import person, signed_in
from tests.support.plans import cost

AMOUNT = 60_000
FILL = """
INSERT INTO accounts_user (id, username, name, password, is_superuser, is_staff, is_active,
    locale, time_zone, version, stream_rev, date_joined, about)
SELECT gen_random_uuid(), 'p' || n, 'Person Number' || n, '!', false, n %% 5000 = 0, n %% 5000 <> 1,
    'en', 'UTC', 1, 0, now() - n * interval '1 minute', ''
FROM generate_series(1, %(amount)s) AS n;
INSERT INTO accounts_ending (id, user_id, way, account, connected_as, begun_at)
SELECT gen_random_uuid(), id, 'sign_out', false, '{}', date_joined FROM accounts_user;
INSERT INTO notifications_push (id, user_id, chat_id, state, reason, first_seq, last_seq, open,
    due_at, newest_due_at, created_at)
SELECT gen_random_uuid(), id, gen_random_uuid(), 'sent', '', 1, 1, false, date_joined, date_joined,
    date_joined FROM accounts_user;
INSERT INTO moderation_report (id, reporter_id, kind, subject, person_id, reason, severity, text,
    shown, state, outcome, answer, created_at)
SELECT gen_random_uuid(), id, 'person', 'person:' || id, id, 'spam', 1, '', '{}',
    CASE WHEN username LIKE '%%077' THEN 'open' ELSE 'decided' END, '', '', date_joined
FROM accounts_user;
INSERT INTO accounts_suspension (user_id, reason, by_administrator, at)
SELECT id, '', false, date_joined FROM accounts_user;
INSERT INTO accounts_personwarning (id, user_id, text, at)
SELECT gen_random_uuid(), id, '', date_joined FROM accounts_user;
INSERT INTO accounts_slowdown (user_id, interval_s, until, reason, at)
SELECT id, 1, CASE WHEN username LIKE '%%777' THEN now() + interval '1 day' ELSE date_joined END,
    '', date_joined
FROM accounts_user;
INSERT INTO accounts_registrationinvite (id, secret_hash, administrator, made_at, expires_at)
SELECT gen_random_uuid(), id, false, date_joined, date_joined FROM accounts_user;
INSERT INTO sso_identity (user_id, issuer, subject, created_at)
SELECT id, 'https://id.example.org', 's' || username, date_joined FROM accounts_user;
INSERT INTO scim_directoryentry (id, user_id, user_name, external_id, attributes, created_at,
    changed_at)
SELECT gen_random_uuid(), id, username, 'x' || username, '{}', now(), now() FROM accounts_user;
INSERT INTO moderation_readrequest (id, chat_id, since, until, from_seq, to_seq, reason, text,
    hours, state, asked_by_id, asked_at)
SELECT gen_random_uuid(), gen_random_uuid(), now(), now(), 1, 1, 'abuse', '', 1,
    CASE WHEN username LIKE '%%077' THEN 'waiting' ELSE 'ended' END, id, date_joined
FROM accounts_user;
INSERT INTO moderation_auditrecord (number, at, action, door, by, person, reason, details, previous,
    hash)
SELECT row_number() OVER (), date_joined, 'warn', 'admin', id, id, '', '{}', '', id
FROM accounts_user;
INSERT INTO configuration_settingsversion (number, at, by_id, reason, settings, changes)
SELECT row_number() OVER (), date_joined, id, '', '{}', '{}' FROM accounts_user;
INSERT INTO retention_hold (id, person_id, reason, since)
SELECT gen_random_uuid(), id, 'a case', date_joined FROM accounts_user;
INSERT INTO retention_deletionreceipt (id, attempt, kind, person_id, reason, days, removed, digest,
    hash, stopped_by_hold, begun_at, due_at, rows_deleted_at, finished_at)
SELECT gen_random_uuid(), 1, 'account', id, '', 0, '{}', '', '', false, date_joined, date_joined,
    date_joined, date_joined FROM accounts_user;
INSERT INTO integrations_externalcommand (id, name, url, hint, description, secret, bot_id, made_at)
SELECT gen_random_uuid(), username, 'https://x', '', '', '', id, date_joined FROM accounts_user;
INSERT INTO emoji_emoji (id, name, made_by, made_at, size)
SELECT id, username, id, date_joined, 1 FROM accounts_user;
INSERT INTO backups_backup (id, destination, state, encrypted, began_at, point_at, rows, files,
    bytes, new_bytes, problem, drill_problem)
SELECT username, '/backups', 'complete', false, date_joined, date_joined, 1, 1, 1, 1, '', ''
FROM accounts_user;
INSERT INTO chats_chat (id, kind, title, last_seq, rev, active_at, created_at)
SELECT '00000000-0000-0000-0000-000000000001', 'group', '', 0, 0, now(), now();
INSERT INTO integrations_incomingwebhook (id, chat_id, bot_id, secret, made_at)
SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000001', id, '', date_joined
FROM accounts_user;
INSERT INTO chats_chat (id, kind, title, last_seq, rev, active_at, created_at)
SELECT id, 'group', '', 0, 0, date_joined, date_joined FROM accounts_user;
INSERT INTO integrations_outgoingwebhook (id, chat_id, owner_id, name, url, host, events, words,
    secret, state, seq, rev, number, due_at, failures, has_waiting, has_asked, told_owner, made_at)
SELECT id, id, id, '', '', 'example.org', '{}', '{}', '', 'active', 0, 0, 0, date_joined, 0, false,
    false, true, date_joined FROM accounts_user;
"""
TABLES = (
    *("accounts_user", "accounts_ending", "notifications_push", "moderation_report"),
    *("accounts_suspension", "accounts_personwarning", "accounts_slowdown"),
    *("accounts_registrationinvite", "sso_identity", "scim_directoryentry"),
    *("moderation_readrequest", "moderation_auditrecord", "configuration_settingsversion"),
    *("retention_hold", "retention_deletionreceipt"),
    "emoji_emoji",
    *("backups_backup", "integrations_incomingwebhook", "integrations_outgoingwebhook"),
    "integrations_externalcommand",
)
LISTS = (
    ("accounts_user", ["", "q=p4711", "q=number4711", "is_staff__exact=1", "is_active__exact=0"]),
    ("accounts_ending", ["", "q=p4711", "way__exact=poll", "account__exact=1"]),
    (
        "notifications_push",
        ["", "q=p4711", "state__exact=failed", "state__exact=released", "reason=parked"],
    ),
    (
        "moderation_report",
        ["", "q=number4711", "work=all", "work=mine", "severity__exact=3", "o=-2"],
    ),
    ("accounts_suspension", ["", "q=p4711", "p=2"]),
    ("accounts_personwarning", ["", "q=p4711", "p=2"]),
    ("accounts_slowdown", ["", "q=p4777"]),
    ("accounts_registrationinvite", ["", "p=2"]),
    ("sso_identity", ["", "q=p4711", "q=sp4711"]),
    ("scim_directoryentry", ["", "q=number4711", "q=P4711", "q=xp4711"]),
    ("moderation_readrequest", ["", "state__exact=waiting", "state__exact=approved"]),
    ("moderation_auditrecord", ["", "q=p4711", "door__exact=admin", "door__exact=worker"]),
    ("configuration_settingsversion", ["", "p=2"]),
    ("retention_hold", ["", "p=2"]),
    ("retention_deletionreceipt", ["", "p=2"]),
    ("integrations_externalcommand", ["", "p=2"]),
    ("backups_backup", ["", "state__exact=failed", "p=2"]),
    ("emoji_emoji", ["", "p=2"]),
    ("integrations_incomingwebhook", ["", "p=2"]),
    ("integrations_outgoingwebhook", ["", "p=2"]),
)


def fill():
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"amount": AMOUNT})
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")


@pytest.fixture(scope="module")
def _filled(shared_rows):
    shared_rows(fill)


@pytest.fixture
def many(_filled, db):
    """The rows, which the module shares."""


def test_lists_of_many_rows_read_a_page_and_a_bounded_count(many, root, monkeypatch):
    monkeypatch.setattr("apps.core.large_list_admin.MAX_FILTERED", 1_000)
    monkeypatch.setattr("apps.notifications.queries.ledger_stats.MAX_COUNTED", 1_000)
    client = signed_in(root)
    for model, asked in LISTS:
        for query in asked:
            page = f"{reverse(f'admin:{model}_changelist')}?{query}"
            for nodes, rows in cost(lambda page=page: client.get(page)):
                # The count reads up to a thousand rows, each with what it is joined to.
                assert rows <= 4_000, f"{page} reads {rows} rows: {nodes}"


def test_the_beginnings_of_each_part_of_a_name_are_found(root):
    # Others than those that the module may share.
    for number in (4711, *range(47100, 47120)):
        person(f"r{number}", name=f"Person Numeral{number}")
    client = signed_in(root)
    page = reverse("admin:accounts_user_changelist")

    def found(words):
        return [each.username for each in client.get(page, {"q": words}).context["cl"].result_list]

    ten = [f"r4711{digit}" for digit in range(10)]
    assert found("r47110") == ["r47110"]
    assert found("r4711") == ["r4711", *ten]
    assert found("NUMERAL47119") == found("person numeral47119") == ["r47119"]
    assert found("umeral47119") == []
    assert found("r47_19") == []
    assert found("%") == []


def test_lists_are_sorted_only_by_what_has_an_index(many, root, monkeypatch):
    """Each order that a list offers, from the smallest and from the largest."""
    monkeypatch.setattr("apps.notifications.queries.ledger_stats.MAX_COUNTED", 1_000)
    client = signed_in(root)
    for model, _ in LISTS:
        page = reverse(f"admin:{model}_changelist")
        shown = client.get(page).context["cl"]
        for number, header in enumerate(shown.list_display):
            if header not in shown.sortable_by or not shown.get_ordering_field(header):
                continue
            for order in (f"o={number}", f"o=-{number}"):
                for nodes, rows in cost(
                    lambda order=order, page=page: client.get(f"{page}?{order}")
                ):
                    assert rows <= 4_000, f"{page}?{order} reads {rows} rows: {nodes}"
