"""Settings and rate limits that administrators change while the server runs."""

import json
import logging
from uuid import uuid4

import pytest
from celery import current_app
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from apps.chats.actions import groups
from apps.configuration import words as setting_words
from apps.configuration.actions.changes import change, revert
from apps.configuration.models import SettingsVersion
from apps.configuration.queries.adjustable import adjustable, everything
from apps.core import limits
from apps.core import runtime as core_runtime
from apps.core.errors import Full, Invalid, RateLimited
from apps.core.runtime import runtime
from apps.integrations.plugins.registry import plugins
from apps.moderation import tasks
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from apps.moderation.queries.moderators import NoAdministrator
from chatproject.celery import app
from chatproject.config.table import BY_NAME
from tests.run.setting_examples import VALUES, WRONG_IN_EACH
from tests.support.people import in_touch, signed_in
from tests.support.runtime import runtime_settings

__all__ = ["runtime_settings"]
pytestmark = pytest.mark.usefixtures("runtime_settings")
OPERATOR = By(None, Door.COMMAND)
PAGE = "/admin/configuration/runtimesetting/"
LIMITS_PAGE = "/admin/configuration/ratelimit/"
VERSIONS_PAGE = "/admin/configuration/settingsversion/"
API = "/api/v1/moderation/settings"
RUNTIME = [name for name in WRONG_IN_EACH if BY_NAME[name].at_runtime]


def set_(by=OPERATOR, **values):
    """Set them, which this process then knows: tests commit nothing."""
    change(by, values)
    core_runtime.refresh()


def version_of(**values):
    """A version that another process or release has written."""
    last = SettingsVersion.objects.order_by("number").last()
    SettingsVersion.objects.create(
        number=last.number + 1 if last else 1,
        at=timezone.now(),
        settings=values,
        changes={name: ["", value] for name, value in values.items()},
    )


def set_limit(name, amount):
    set_(**{f"limit.{name}": amount})


def uses(limit, tries=500):
    key, done = uuid4(), 0
    try:
        for _ in range(tries):
            limits.check(limit, key)
            done += 1
    except RateLimited:
        pass
    return done


def audit_details():
    rows = AuditRecord.objects.order_by("number")
    return [(row.action, json.loads(row.details)) for row in rows]


def test_a_setting_counts_at_once_and_the_default_again_after_a_reset(alice, bob, charlie):
    for other in (bob, charlie):
        in_touch(alice, other)
    set_(GROUP_SIZE="2")
    with pytest.raises(Full):
        groups.create_group(alice.id, title="Crew", people=[bob.id, charlie.id])
    set_(GROUP_SIZE=None)
    assert groups.create_group(alice.id, title="Crew", people=[bob.id, charlie.id])
    assert SettingsVersion.objects.latest("number").settings == {}


@pytest.mark.parametrize("limit", [limits.EDITS, limits.RECEIPTS])
def test_an_adjusted_limit_refuses_the_next_use(limit):
    usual = limits.current(limit).amount
    set_limit(limit.name, str(limits.DECLARED[limit.name].least))
    assert uses(limit) == limits.DECLARED[limit.name].least
    assert usual > limits.DECLARED[limit.name].least
    set_limit(limit.name, None)
    assert limits.current(limit).amount == usual


def test_a_lowered_limit_counts_for_those_who_were_counted_before():
    key = uuid4()
    limits.check(limits.RECEIPTS, key)
    set_limit("receipts", "20")
    for _ in range(20):
        limits.check(limits.RECEIPTS, key)
    with pytest.raises(RateLimited):
        limits.check(limits.RECEIPTS, key)


def test_limits_follow_the_settings_that_they_are_made_of():
    set_(LIMITS_TIMES="3", SENDS_PER_SECOND="7", NEWCOMER_HOURS="2", NEWCOMER_GROUPS="4")
    set_limit("edits", "61")
    assert limits.current(limits.PINS).amount == 60 * 3
    assert limits.current(limits.EDITS).amount == 61
    assert limits.current(limits.SENDS).amount == 7 * 3
    assert limits.current(limits.NEWCOMER_GROUPS)[1:3] == (4, 2 * 3600)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("GROUP_SIZE", "1", "GROUP_SIZE is too small: set it to a number from 2 to 10000."),
        ("GROUP_SIZE", "many", "GROUP_SIZE is no whole number"),
        ("GROUP_SIZE", "", "GROUP_SIZE is empty"),
        ("REGISTRATION", "closed", "REGISTRATION is unknown: set it to open, invite, domains or"),
        ("REGISTRATION", "domains", "Registration by domain needs a domain."),
        ("REGISTRATION_DOMAINS", "a@b.example", "has an item that is no domain"),
        ("PUSH_CONTENT", "", "PUSH_CONTENT is empty"),
        ("limit.edits", "5", "limit.edits is too small: set it to a number from 6 to 6000."),
        ("limit.edits", "6001", "is too large"),
        ("limit.edits", "-7", "is no whole number"),
        ("limit.sends", "20", "limit.sends cannot be changed while the server runs. Set SENDS_PER"),
        ("limit.nothing", "20", "limit.nothing cannot be changed"),
        ("SECRET_KEY", "x", "SECRET_KEY cannot be changed while the server runs."),
        ("BREAK_GLASS", "true", "BREAK_GLASS cannot be changed"),
        ("STAFF_SECOND_FACTOR", "false", "cannot be changed"),
    ],
)
def test_values_that_are_not_allowed_are_refused_with_what_is(name, value, says):
    with pytest.raises(Invalid) as refused:
        change(OPERATOR, {"PUSH_AFTER": "5", name: value})
    assert says in refused.value.detail
    assert not SettingsVersion.objects.exists()
    assert audit_details() == []


def test_a_wrong_value_of_each_setting_is_refused_as_at_a_start():
    for name in RUNTIME:
        value, problem = WRONG_IN_EACH[name]
        with pytest.raises(Invalid) as refused:
            change(OPERATOR, {name: value})
        allowed = BY_NAME[name].type.allowed
        assert refused.value.detail == f"{name} {problem}: set it to {allowed}."


def test_each_setting_takes_a_value_of_the_environment():
    set_(**{name: VALUES[name][0] for name in RUNTIME})
    found = {name: getattr(runtime, name) for name in RUNTIME}
    assert found == {name: VALUES[name][1] for name in RUNTIME}


def test_what_is_locked_counts_as_the_environment_says(settings, root):
    set_(GROUP_SIZE="7", **{"limit.edits": "61"}, PUSH_AFTER="3")
    usual = limits.DECLARED["edits"].make().amount
    settings.CONFIG_LOCKED = ["GROUP_SIZE", "limit.edits"]
    assert (runtime.GROUP_SIZE, runtime.PUSH_AFTER) == (100, 3)
    assert limits.current(limits.EDITS).amount == usual
    for name in settings.CONFIG_LOCKED:
        with pytest.raises(Invalid, match="is locked"):
            change(OPERATOR, {name: None})
    revert(OPERATOR, 0)
    assert SettingsVersion.objects.latest("number").settings == {
        "GROUP_SIZE": "7",
        "limit.edits": "61",
    }
    page = signed_in(root).get(f"{PAGE}GROUP_SIZE/change/").content.decode()
    assert "CONFIG_LOCKED" in page
    assert 'name="value"' not in page
    settings.CONFIG_LOCKED = ["all"]
    with pytest.raises(Invalid, match="PUSH_AFTER is locked"):
        change(OPERATOR, {"PUSH_AFTER": "5"})


def test_the_page_says_which_stored_value_is_not_allowed_and_where_a_default_is_from(
    root, settings
):
    version_of(GROUP_SIZE="1")
    settings.RUNTIME_SOURCES = {**settings.RUNTIME_SOURCES, "PUSH_AFTER": "environment"}
    client = signed_in(root)
    listed = client.get(PAGE).content.decode()
    assert "1 is set, which this release does not allow." in listed
    for name, is_from in (("PUSH_AFTER", True), ("PUSH_LEDGER_DAYS", False)):
        page = client.get(f"{PAGE}{name}/change/").content.decode()
        assert ("from the environment" in page) == is_from, name
    assert (adjustable("GROUP_SIZE").value, adjustable("GROUP_SIZE").unread) == ("100", "1")


def test_the_log_level_changes_and_is_again_that_of_the_start():
    root_logger = logging.getLogger()
    first = root_logger.level
    set_(LOG_LEVEL="DEBUG")
    assert root_logger.level == logging.DEBUG
    set_(LOG_LEVEL="ERROR", PUSH_AFTER="3")
    assert root_logger.level == logging.ERROR
    set_(LOG_LEVEL=None)
    assert root_logger.level == first


def test_registration_by_domain_and_its_domains_are_checked_together(alice):
    set_(REGISTRATION="domains", REGISTRATION_DOMAINS=" Example.ORG, example.com ")
    assert (runtime.REGISTRATION, runtime.REGISTRATION_DOMAINS) == (
        "domains",
        ["example.org", "example.com"],
    )
    with pytest.raises(Invalid):
        change(OPERATOR, {"REGISTRATION_DOMAINS": None})
    set_(REGISTRATION=None, REGISTRATION_DOMAINS=None)
    assert runtime.REGISTRATION_DOMAINS == []


def test_only_administrators_change_them(alice, moderator, root):
    for person in (alice, moderator):
        with pytest.raises(NoAdministrator):
            change(By(person.id, Door.API), {"PUSH_AFTER": "5"})
    set_(By(root.id, Door.API), PUSH_AFTER="5")
    assert runtime.PUSH_AFTER == 5


def test_the_audit_log_has_each_change_once(root):
    by = By(root.id, Door.ADMIN)
    set_(by, PUSH_AFTER="5")
    set_(by, PUSH_AFTER="5")
    set_(by, PUSH_AFTER="7")
    set_(by, PUSH_AFTER=None)
    set_(by, PUSH_AFTER=None)
    assert audit_details() == [
        ("change_setting", {"name": "PUSH_AFTER", "old": "10", "new": "5", "version": 1}),
        ("change_setting", {"name": "PUSH_AFTER", "old": "5", "new": "7", "version": 2}),
        ("reset_setting", {"name": "PUSH_AFTER", "old": "7", "new": "10", "version": 3}),
    ]
    assert set(AuditRecord.objects.values_list("by", flat=True)) == {root.id}


def test_a_stored_value_that_this_release_does_not_allow_is_passed_over(caplog):
    version_of(
        **{"GROUP_SIZE": "1", "limit.edits": "0", "GONE": "1", "PUSH_AFTER": "3"},
        # Not text: not written by this product.
        **{"HELD_DAYS": 7, "MOTD": None, "limit.reactions": [7]},
    )
    core_runtime.refresh()
    assert (runtime.GROUP_SIZE, runtime.PUSH_AFTER) == (100, 3)
    assert limits.current(limits.EDITS) == limits.EDITS
    assert caplog.text.count("does not allow") == 6


def test_a_task_reads_them_every_second_and_keeps_them_without_a_database(monkeypatch):
    version_of(PUSH_AFTER="3")
    monkeypatch.setattr(core_runtime._state, "read_at", float("-inf"))
    core_runtime.refresh_if_due()
    assert runtime.PUSH_AFTER == 3
    version_of(PUSH_AFTER="4")
    core_runtime.refresh_if_due()
    assert runtime.PUSH_AFTER == 3

    def fail(known):
        raise OperationalError("down")

    monkeypatch.setattr(core_runtime._state, "read_at", float("-inf"))
    with monkeypatch.context() as outage:
        outage.setattr(core_runtime._state, "read", fail)
        core_runtime.refresh_if_due()
    assert runtime.PUSH_AFTER == 3
    monkeypatch.setattr(core_runtime._state, "read_at", float("-inf"))
    core_runtime.refresh_if_due()
    assert runtime.PUSH_AFTER == 4


def test_workers_read_them_before_a_task(monkeypatch):
    version_of(PUSH_AFTER="3")
    monkeypatch.setattr(core_runtime._state, "read_at", float("-inf"))
    assert current_app == app
    tasks.lift_expired_suspensions.apply()
    assert runtime.PUSH_AFTER == 3


def test_each_has_words_and_the_table_in_code_has_no_other(settings):
    names = {each.name.removeprefix("limit.") for each in everything()}
    assert names == {*setting_words.SETTINGS, *setting_words.LIMITS}
    of_plugins = {setting.name for plugin in plugins() for setting in plugin.settings}
    known = set(core_runtime.RuntimeSettings.__annotations__)
    assert known | of_plugins == set(settings.RUNTIME_SETTINGS)


def test_the_pages_show_all_and_change_one(root, django_capture_on_commit_callbacks):
    client = signed_in(root)
    listed = client.get(PAGE).content.decode()
    assert all(name in listed for name in setting_words.SETTINGS)
    assert "limit.edits" not in listed
    assert "limit.edits" in client.get(LIMITS_PAGE).content.decode()
    page = reverse("admin:configuration_runtimesetting_change", args=["GROUP_SIZE"])
    assert 'min="2"' in client.get(page).content.decode()
    refused = client.post(page, {"_save": "1", "value": "1"})
    assert "greater than or equal to 2" in refused.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, {"_save": "1", "value": "7"}).status_code == 302
    assert runtime.GROUP_SIZE == 7
    assert "<strong>7</strong>" in client.get(PAGE).content.decode()
    assert adjustable("GROUP_SIZE").set_by == "root"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {"_reset": "1"})
    assert runtime.GROUP_SIZE == 100


def test_the_page_says_why_registration_by_domain_is_refused(root):
    page = reverse("admin:configuration_runtimesetting_change", args=["REGISTRATION"])
    shown = signed_in(root).post(page, {"_save": "1", "value": "domains"}).content.decode()
    assert "Registration by domain needs a domain." in shown


def test_registration_by_domain_leads_to_its_domains(root):
    client = signed_in(root)
    page = reverse("admin:configuration_runtimesetting_change", args=["REGISTRATION"])
    domains = reverse("admin:configuration_runtimesetting_change", args=["REGISTRATION_DOMAINS"])
    link = f'<a href="{domains}">'
    assert client.get(page).content.decode().count(link) == 1
    refused = client.post(page, {"_save": "1", "value": "domains"}).content.decode()
    assert refused.count(link) == 2, "beside the error, too"
    index = client.get(reverse("admin:index")).content.decode()
    for model in ("runtimesetting", "ratelimit"):
        listed = reverse(f"admin:configuration_{model}_changelist")
        assert f'<a href="{listed}" class="changelink"' in index, model


def test_pages_of_other_names_are_not_found(root):
    client = signed_in(root)
    for path in ("SECRET_KEY", "limit.edits"):
        assert client.get(f"{PAGE}{path}/change/").status_code == 404
    for path in ("PUSH_AFTER", "limit.sends", "limit.nothing"):
        assert client.get(f"{LIMITS_PAGE}{path}/change/").status_code == 404
    assert client.get(f"{PAGE}add/").status_code == 404


@pytest.mark.parametrize("path", [PAGE, LIMITS_PAGE, f"{PAGE}GROUP_SIZE/change/"])
def test_moderators_are_refused_and_told_what_it_needs(moderator, path):
    answer = signed_in(moderator).get(path)
    assert answer.status_code == 403
    assert "superuser status" in answer.content.decode()
    assert "runtimesetting" not in signed_in(moderator).get("/admin/").content.decode()


def test_the_api_lists_and_changes_for_administrators_only(alice, moderator, root):
    values = {"values": {"GROUP_SIZE": "7", "limit.edits": "90"}}

    def patch(client, body):
        return client.patch(API, json.dumps(body), content_type="application/json")

    for person in (alice, moderator):
        assert signed_in(person).get(API).status_code == 403
        assert patch(signed_in(person), values).status_code == 403
    assert not SettingsVersion.objects.exists()
    client = signed_in(root)
    changed = patch(client, values).json()["items"]
    assert [(each["name"], each["value"], each["set_by"]) for each in changed] == [
        ("GROUP_SIZE", "7", "root"),
        ("limit.edits", "90", "root"),
    ]
    refused = patch(client, {"values": {"GROUP_SIZE": "0"}})
    assert refused.status_code == 400
    assert "GROUP_SIZE is too small" in refused.content.decode()
    assert len(client.get(API).json()["items"]) == len(everything())
