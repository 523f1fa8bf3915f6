"""Each change of the settings is a version, and one step leads back to any of them."""

import json
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.configuration.actions.changes import MAX_REASON, change, revert
from apps.configuration.models import SettingsVersion
from apps.configuration.queries import versions
from apps.configuration.queries.adjustable import adjustable
from apps.core import runtime as core_runtime
from apps.core.errors import Invalid, NotFound
from apps.core.runtime import NOTHING_SET, runtime
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from apps.moderation.queries.moderators import NoAdministrator
from tests.support.people import signed_in
from tests.support.runtime import runtime_settings

__all__ = ["runtime_settings"]
pytestmark = pytest.mark.usefixtures("runtime_settings")
OPERATOR = By(None, Door.COMMAND)
PAGE = "/admin/configuration/settingsversion/"
API = "/api/v1/moderation/settings/versions"


def set_(**values):
    change(OPERATOR, values)
    core_runtime.refresh()


def back(number=None, **how):
    revert(OPERATOR, number, **how)
    core_runtime.refresh()


def history():
    rows = SettingsVersion.objects.order_by("number")
    return [(row.number, row.settings, row.reverted_to) for row in rows]


def test_a_version_has_all_that_is_set_and_the_way_back_is_one_step():
    set_(GROUP_SIZE="7")
    set_(GROUP_SIZE="8", PUSH_AFTER="3", **{"limit.edits": "61"})
    set_(GROUP_SIZE=None)
    back()
    assert (runtime.GROUP_SIZE, runtime.PUSH_AFTER) == (8, 3)
    back(1)
    assert (runtime.GROUP_SIZE, runtime.PUSH_AFTER) == (7, 10)
    back(0)
    assert runtime.GROUP_SIZE == 100
    second = {"GROUP_SIZE": "8", "PUSH_AFTER": "3", "limit.edits": "61"}
    assert history() == [
        (1, {"GROUP_SIZE": "7"}, None),
        (2, second, None),
        (3, {"PUSH_AFTER": "3", "limit.edits": "61"}, None),
        (4, second, 2),
        (5, {"GROUP_SIZE": "7"}, 1),
        (6, {}, 0),
    ]


def test_going_back_is_in_the_audit_log_with_who_and_why(root):
    by = By(root.id, Door.ADMIN)
    change(by, {"PUSH_AFTER": "3"}, reason="a flood")
    change(by, {"GROUP_SIZE": "7", "PUSH_AFTER": "4"})
    revert(by, 1, reason="it is over")
    rows = [(row.action, row.by, row.reason) for row in AuditRecord.objects.order_by("number")]
    assert rows[0] == ("change_setting", root.id, "a flood")
    assert sorted(rows[-2:]) == [
        ("change_setting", root.id, "it is over"),
        ("reset_setting", root.id, "it is over"),
    ]
    details = json.loads(AuditRecord.objects.get(action="reset_setting").details)
    assert details == {
        "name": "GROUP_SIZE",
        "old": "7",
        "new": "100",
        "version": 3,
        "reverted_to": 1,
    }


def test_nothing_changes_without_a_difference_and_no_version_is_made():
    set_(GROUP_SIZE="7")
    change(OPERATOR, {"GROUP_SIZE": "7", "PUSH_AFTER": None})
    back(1)
    assert [number for number, *_ in history()] == [1]
    assert AuditRecord.objects.count() == 1


@pytest.mark.parametrize("number", [-1, 2, 2**62])
def test_a_version_that_never_was_is_not_found(number):
    set_(GROUP_SIZE="7")
    with pytest.raises(NotFound):
        revert(OPERATOR, number)


def test_without_versions_there_is_no_way_back():
    with pytest.raises(NotFound):
        revert(OPERATOR)


def test_a_version_with_a_value_that_this_release_does_not_allow_is_refused_with_its_name():
    now = timezone.now()
    SettingsVersion.objects.create(number=1, at=now, settings={"GROUP_SIZE": "1"}, changes={})
    set_(GROUP_SIZE="7")
    with pytest.raises(Invalid, match="GROUP_SIZE is too small"):
        revert(OPERATOR, 1)
    assert runtime.GROUP_SIZE == 7


def test_only_administrators_go_back(alice, moderator, root):
    set_(GROUP_SIZE="7")
    for person in (alice, moderator):
        with pytest.raises(NoAdministrator):
            revert(By(person.id, Door.API), 0)
        client = signed_in(person)
        assert client.get(API).status_code == 403
        posted = client.post(f"{API}/0/revert", "{}", content_type="application/json")
        assert posted.status_code == 403
    assert runtime.GROUP_SIZE == 7
    assert signed_in(moderator).get(PAGE).status_code == 403
    assert signed_in(moderator).post(f"{PAGE}1/change/", {"_revert": "1"}).status_code == 403
    assert len(history()) == 1


def test_a_long_reason_is_refused():
    with pytest.raises(Invalid, match="up to 500"):
        change(OPERATOR, {"GROUP_SIZE": "7"}, reason="x" * (MAX_REASON + 1))


def test_two_changes_are_never_one_version():
    set_(GROUP_SIZE="7")
    with pytest.raises(IntegrityError), transaction.atomic():
        SettingsVersion.objects.create(number=1, at=timezone.now(), settings={}, changes={})


def test_asking_for_news_is_one_short_query():
    set_(GROUP_SIZE="7")
    known = versions.newest(NOTHING_SET)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert versions.newest(known) is known
    [query] = asked.captured_queries
    assert "settings" not in query["sql"].replace("settingsversion", "")


def test_a_restored_backup_with_the_same_number_counts():
    set_(GROUP_SIZE="7")
    SettingsVersion.objects.update(at=timezone.now(), settings={"GROUP_SIZE": "9"})
    core_runtime.refresh()
    assert runtime.GROUP_SIZE == 9
    SettingsVersion.objects.all().delete()
    core_runtime.refresh()
    assert runtime.GROUP_SIZE == 100


def test_values_of_the_release_before_become_versions_in_the_order_of_time(root):
    copy = import_module("apps.configuration.migrations.0001_versions").COPY
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO moderation_runtimesetting (name, value, set_at, set_by_id) VALUES "
            "('PUSH_AFTER', '3', now(), %s), ('GROUP_SIZE', '7', now() - interval '1 day', NULL)",
            [root.id],
        )
        cursor.execute(copy)
    first, second = {"GROUP_SIZE": "7"}, {"GROUP_SIZE": "7", "PUSH_AFTER": "3"}
    assert history() == [(1, first, None), (2, second, None)]
    core_runtime.refresh()
    assert (runtime.GROUP_SIZE, runtime.PUSH_AFTER) == (7, 3)
    assert [adjustable(name).set_by for name in second] == [None, "root"]


def test_each_value_says_who_set_it_last(root):
    set_(GROUP_SIZE="7")
    change(By(root.id, Door.ADMIN), {"PUSH_AFTER": "3"})
    set_(LIMITS_TIMES="2")
    assert [adjustable(name).set_by for name in ("GROUP_SIZE", "PUSH_AFTER")] == [None, "root"]
    at = dict(SettingsVersion.objects.values_list("number", "at"))
    assert [adjustable(name).set_at for name in ("GROUP_SIZE", "PUSH_AFTER")] == [at[1], at[2]]


def test_the_pages_show_the_versions_and_lead_back(root, django_capture_on_commit_callbacks):
    client = signed_in(root)
    set_(GROUP_SIZE="7")
    change(By(root.id, Door.ADMIN), {"GROUP_SIZE": "8"}, reason="a large team")
    listed = client.get(PAGE).content.decode()
    assert "a large team" in listed
    assert listed.count("Members of a group") == 2
    assert [listed.count(f'field-who">{by}<') for by in ("manage.py", "root")] == [1, 1]
    newest = client.get(f"{PAGE}2/change/").content.decode()
    assert ">7<" in newest
    assert "_revert" not in newest
    assert "_revert" in client.get(f"{PAGE}1/change/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(f"{PAGE}1/change/", {"_revert": "1", "reason": "too large"}, follow=True)
    assert "Version 1 counts again." in done.content.decode()
    assert runtime.GROUP_SIZE == 7
    assert history()[-1] == (3, {"GROUP_SIZE": "7"}, 1)
    for absent in ("9/change/", "x/change/", "add/"):
        assert client.get(f"{PAGE}{absent}").status_code == 404


def test_the_api_lists_the_versions_and_goes_back(root):
    client = signed_in(root)
    change(By(root.id, Door.API), {"GROUP_SIZE": "7"}, reason="a flood")
    [row] = client.get(API).json()["items"]
    assert (row["number"], row["by"], row["reason"]) == (1, "root", "a flood")
    assert row["changes"] == {"GROUP_SIZE": ["100", "7"]}
    body = json.dumps({"reason": "over"})
    [row] = client.post(f"{API}/0/revert", body, content_type="application/json").json()["items"]
    assert (row["number"], row["settings"], row["reverted_to"]) == (2, {}, 0)
    gone = client.post(f"{API}/7/revert", "{}", content_type="application/json")
    assert gone.status_code == 404


def test_settings_that_the_environment_broke_keep_nobody_from_changing_others(settings):
    settings.REGISTRATION_DOMAINS = ["example.org"]
    set_(REGISTRATION="domains")
    settings.REGISTRATION_DOMAINS = []
    set_(GROUP_SIZE="7")
    back()
    back(SettingsVersion.objects.count())  # changes nothing
    assert (runtime.GROUP_SIZE, runtime.REGISTRATION) == (100, "domains")
    with pytest.raises(Invalid) as refused:
        set_(REGISTRATION_DOMAINS=None)
    assert refused.value.pointer == "#/values/REGISTRATION_DOMAINS"
