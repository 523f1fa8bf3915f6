"""What the admin's lists read from tables with many rows: indexes, a page, and a bounded count."""

import os
import time

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.people import signed_in
from tests.support.plans import cost

# `docs/moderation.md` says how to measure with a million.
AMOUNT = int(os.environ.get("LIST_ROWS", "20_000"))
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
    -- Before the week whose totals the page shows: they are counted (docs/next.md).
    date_joined - interval '8 days' FROM accounts_user;
INSERT INTO moderation_report (id, reporter_id, kind, subject, person_id, reason, severity, text,
    shown, state, outcome, answer, created_at)
SELECT gen_random_uuid(), id, 'person', 'person:' || id, id, 'spam', 1, '', '{}',
    CASE WHEN username LIKE '%%077' THEN 'open' ELSE 'decided' END, '', '', date_joined
FROM accounts_user;
INSERT INTO notifications_delivery (id, push_id, device, host, kind, state, due_at, attempt,
    created_at)
SELECT gen_random_uuid(), id, '', 'push.example', 'show', 'sent', created_at, 1, created_at
FROM notifications_push;
INSERT INTO accounts_suspension (user_id, until, reason, at)
SELECT id, NULL, 'Spam', date_joined FROM accounts_user;
INSERT INTO sso_identity (user_id, issuer, subject, created_at)
SELECT id, 'https://id.example', username, date_joined FROM accounts_user;
INSERT INTO scim_directoryentry (id, user_id, user_name, external_id, attributes, created_at,
    changed_at)
SELECT gen_random_uuid(), id, username, 'x' || username, '{}', date_joined, date_joined
FROM accounts_user;
INSERT INTO moderation_auditrecord (number, at, action, door, by, person, reason, details, previous,
    hash)
SELECT n, now(), 'ban', 'admin', id, id, '', '{}', '', n::text
FROM (SELECT id, date_joined, row_number() OVER () AS n FROM accounts_user) AS people;
"""
# What is searched for, beside the filters of each list; all of these find something.
SEARCHES = {
    "accounts_user": ["p1171", "number1171"],
    "accounts_ending": ["p1171"],
    "accounts_suspension": ["p1171"],
    "notifications_push": ["p1171"],
    "moderation_report": ["number1171&work=all"],
    "moderation_auditrecord": ["p1171"],
    "sso_identity": ["p1171", "number1171"],
    "scim_directoryentry": ["p1171", "xp1171", "number1171"],
}
MORE = {
    "moderation_report": ["work=all&severity__exact=3", "work=decided&reason__exact=hate", "o=-2"],
    "accounts_ending": ["way__exact=poll"],
}
TABLES = (*SEARCHES, "notifications_delivery")
# The count reads up to a thousand rows, each with what it is joined to.
MAX_READ = 4_000
MAX_QUERIES = 20
MAX_FILTERED = 1_000
# Three queries read the newest rows of a table, and one row of the same table for each.
MAX_FILTERED_READ = 3 * MAX_FILTERED


@pytest.fixture
def many(db):
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"amount": AMOUNT})
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")


def pages(client, model):
    """The addresses of a list: of each search, and of each filter."""
    page = reverse(f"admin:{model}_changelist")
    changes = client.get(page).context["cl"]
    # The last ones of each filter: values with one plan, of which the data has none or few.
    filters = {
        choice["query_string"].lstrip("?")
        for spec in changes.filter_specs
        for choice in [*spec.choices(changes)][-2:]
    }
    searches = [f"q={words}" for words in SEARCHES[model]]
    return [f"{page}?{each}" for each in sorted({"", *searches, *MORE.get(model, ()), *filters})]


def measure(client, page):
    """Print the time of the second of two requests, and how much of it the database took."""
    client.get(page)
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        client.get(page)
    whole = (time.perf_counter() - begun) * 1000
    in_database = sum(float(query["time"]) for query in asked.captured_queries) * 1000
    print(f"{whole:.0f} ms, {in_database:.0f} ms of queries: {page}")


def test_every_list_is_tested():
    registered = {
        f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry
    }
    assert registered == set(SEARCHES)


def test_lists_of_many_rows_read_a_page_and_a_bounded_count(many, root, settings, monkeypatch):
    settings.OIDC_ISSUER = "https://id.example"
    if "LIST_ROWS" not in os.environ:
        monkeypatch.setattr("apps.core.large_list_admin.MAX_FILTERED", MAX_FILTERED)
        # Drawing rows is what takes long.
        monkeypatch.setattr(admin.ModelAdmin, "list_per_page", 10)
    client = signed_in(root)
    faults = []
    for model in SEARCHES:
        asked = set()
        for page in pages(client, model):
            is_newest = (model == "notifications_push" and "__exact=" in page) or "reason=" in page
            bound = MAX_FILTERED_READ if is_newest else MAX_READ
            if "LIST_ROWS" in os.environ:
                measure(client, page)
                continue
            found = cost(lambda page=page: client.get(page))
            faults += [
                f"{page} reads {rows} rows: {nodes}" for nodes, rows in found if rows > bound
            ]
            asked.add(len(found))
        # One more looks for a whole code first; none depends on the number of rows.
        assert max(asked, default=0) <= MAX_QUERIES, (model, asked)
    assert not faults


def test_the_beginnings_of_each_part_of_a_name_are_found(many, root):
    client = signed_in(root)
    page = reverse("admin:accounts_user_changelist")

    def found(words):
        return [each.username for each in client.get(page, {"q": words}).context["cl"].result_list]

    ten = [f"p1171{digit}" for digit in range(10)]
    assert found("p11710") == ["p11710"]
    assert found("p1171") == ["p1171", *ten]
    assert found("NUMBER11719") == found("person number11719") == ["p11719"]
    assert found("umber11719") == []
    assert found("p11_19") == []
    assert found("%") == []
