"""Rules about messages in the Django admin: moderators add and delete them."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from apps.core.kept_form import NotChanged
from apps.core.large_list_admin import LargeList
from apps.moderation.actions import rules
from apps.moderation.admin.moderator_pages import AddedByModerators, by_staff, shown
from apps.moderation.models import ContentRule

LIST = "admin:moderation_contentrule_changelist"


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """A new rule."""

    # Not the field of the model: the action checks it in the form in which it is compared.
    text = forms.CharField(
        label=gettext_lazy("Words or domain"),
        max_length=rules.MAX_PATTERN,
        help_text=gettext_lazy(
            "Whole words, in any case; or a domain, which stands for those below it."
        ),
    )
    field_order = ("kind", "text", "effect")

    class Meta:
        model = ContentRule
        fields = ("kind", "effect")
        help_texts = {"effect": gettext_lazy("For messages in groups. Direct chats are private.")}


@admin.register(ContentRule)
class ContentRuleAdmin(NotChanged, AddedByModerators, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """What messages in groups may not say. A rule is deleted and added again, not changed."""

    form = RuleForm
    fields = ("kind", "text", "effect")
    list_display = ("pattern", "kind", "effect", "made_by", "made_at")
    list_display_links = None
    list_select_related = ("made_by",)
    list_filter = ("kind", "effect")
    search_fields = ("pattern",)
    ordering = ("pattern",)
    actions = ("remove",)

    def save_model(
        self, request: HttpRequest, obj: ContentRule, form: RuleForm, change: bool
    ) -> None:
        """Run the action, which writes the row."""
        pattern = form.cleaned_data["text"]
        added = rules.add(by_staff(request), kind=obj.kind, pattern=pattern, effect=obj.effect)
        obj.id, obj.pattern = added.id, added.pattern

    def response_add(
        self, request: HttpRequest, obj: ContentRule, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the list."""
        return redirect(reverse(LIST))

    @admin.action(description=gettext_lazy("Delete these rules"), permissions=["view"])
    def remove(self, request: HttpRequest, rows: "QuerySet[ContentRule]") -> None:
        """One after the other, each with its audit record."""
        for row in rows:
            with shown(request, gettext("Deleted: %(rule)s") % {"rule": row}):
                rules.delete(by_staff(request), row.id)
