"""Every word of the admin is translated: of lists, columns, fields, choices, filters, actions."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten, label_for_field
from django.core.exceptions import FieldDoesNotExist
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override

from apps.accounts.models import User
from tests.support.people import signed_in

# The same word in both languages, or a name.
SAME = {"Chat", "Moderation", "Name", "Person", "Push", "Spam", "a Chat"}


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
