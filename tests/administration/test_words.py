"""Every word of the admin is translated: of lists, columns, fields, choices, filters, actions."""

import ast
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten, label_for_field
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override

from apps.accounts.models import User
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By, Door
from apps.moderation.words import ACTIONS
from tests.support.people import signed_in

# The same word in both languages, or a name.
SAME = {"Chat", "Chats", "Emoji", "Moderation", "Name", "Person", "Push", "Spam", "a Chat"}


def fields_of(model_admin, request):
    fieldsets = flatten([part["fields"] for _, part in model_admin.get_fieldsets(request)])
    return {*model_admin.get_list_display(request), *fieldsets}


def said_by(model_admin, request):
    """Every word of one list, of the page of a row, and of its inline lists."""
    options = model_admin.model._meta
    words = [options.verbose_name, options.verbose_name_plural, options.app_config.verbose_name]
    declared = model_admin.form.declared_fields
    for name in sorted(fields_of(model_admin, request)):
        if name in declared:
            words.append(declared[name].label)
            continue
        words.append(label_for_field(name, model_admin.model, model_admin))
        try:
            words += [label for _, label in options.get_field(name).flatchoices]
        except (AttributeError, FieldDoesNotExist):  # computed
            continue
    for choice in model_admin.list_filter:
        if isinstance(choice, str):
            words.append(options.get_field(choice).verbose_name)
        else:
            words.append(choice.title)
            words += [
                label
                for _, label in choice(request, {}, model_admin.model, model_admin).lookup_choices
            ]
    if hasattr(model_admin, "get_actions"):
        words += [words_ for _, _, words_ in model_admin.get_actions(request).values()]
        words.append(model_admin.search_help_text)
    return [str(word) for word in words if word]


def everything(request, language):
    with override(language):
        found = []
        for model, model_admin in admin.site._registry.items():
            found += said_by(model_admin, request)
            for inline in model_admin.get_inline_instances(request):
                inline_fields = inline.get_fields(request)
                found += [label_for_field(name, inline.model, inline) for name in inline_fields]
                found.append(inline.model._meta.verbose_name_plural)
            assert found, model
        return [str(word) for word in found]


@pytest.fixture
def request_of_root(root):
    request = RequestFactory().get("/admin/")
    request.user = root
    request.resolver_match = None
    return request


def test_every_word_is_translated(request_of_root):
    english, german = everything(request_of_root, "en"), everything(request_of_root, "de")
    assert len(english) == len(german) > 150
    untranslated = {
        one
        for one, other in zip(english, german, strict=True)
        if one == other and one.capitalize() not in SAME
    }
    assert not untranslated


def test_lists_and_breadcrumbs_are_german(root):
    User.objects.filter(id=root.id).update(locale="de")
    client = signed_in(root)
    for model, words in (
        ("accounts_user", ("Benutzername", "Konten wieder öffnen", "Personen")),
        ("accounts_ending", ("Ursache", "Beendete Zugänge")),
        ("moderation_report", ("Schwere", "Von mir übernommen")),
        ("moderation_auditrecord", ("Prüfprotokoll",)),
        ("notifications_push", ("Push-Nachrichten", "nicht stören")),
        ("accounts_suspension", ("Sperren",)),
    ):
        page = client.get(reverse(f"admin:{model}_changelist")).content.decode()
        for word in words:
            assert word in page, (model, word)


APPS_ABOVE = ("accounts", "configuration", "retention")


def recorded_actions():
    """The names in all calls that write an audit record."""
    actions = Path(audit.__file__).parent
    apps = actions.parents[1]
    others = (path for app in APPS_ABOVE for path in (apps / app).rglob("*.py"))
    for path in (*actions.glob("*.py"), *others):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in (
                "record",
                "_record",
                "_change",
                "_reset",
                "record_deed",
                "record_following",
            ):
                first = call.args[0]
                parts = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                yield from (part.value for part in parts if isinstance(part, ast.Constant))


def test_every_action_of_the_audit_log_has_words():
    assert set(recorded_actions()) == set(ACTIONS)


def test_the_audit_log_is_german_and_has_names(root, bob):
    User.objects.filter(id=root.id).update(locale="de")
    with transaction.atomic():
        row = audit.record(
            "suspend", by=By(root.id, Door.ADMIN), about=About(person=bob.id), reason="Spam"
        )
    client = signed_in(root)
    for page in ("changelist", "change"):
        args = [row.number] if page == "change" else []
        shown = client.get(reverse(f"admin:moderation_auditrecord_{page}", args=args))
        words = shown.content.decode()
        assert ">gesperrt<" in words
        assert ">bob<" in words
