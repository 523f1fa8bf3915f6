"""Suspended and banned people in the Django admin: adding one suspends, a button lifts."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Suspension, User
from apps.moderation.actions import appeals, people
from apps.moderation.admin.measures import NAMES, MeasureAdmin, openable
from apps.moderation.admin.moderator_pages import by_staff, shown
from apps.moderation.admin.reported import show_receipt
from apps.moderation.forms import LiftForm, SuspensionDecisionForm, SuspensionForm
from apps.moderation.models import Appeal
from apps.moderation.queries import suspensions, waiting


class AnswerFilter(admin.SimpleListFilter):
    """Those whose people wait for an answer of the moderator."""

    title = _("their answer")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The one value."""
        return [("waiting", gettext("Waits for you"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Suspension]
    ) -> QuerySet[Suspension]:
        """As many as the front page counts."""
        if self.value() != "waiting":
            return queryset
        answers = waiting.appeals_for(cast(User, request.user))
        return queryset.filter(
            Exists(answers.filter(user=OuterRef("user"), suspended_at=OuterRef("at")))
        )


@admin.register(Suspension)
class SuspensionAdmin(MeasureAdmin):
    """Who is suspended, until when, and why."""

    form = SuspensionForm
    list_display = ("user", "until", "at", "by", "reason", "answer")
    ordering = ("-at",)
    sortable_by = ("at",)
    list_filter = (AnswerFilter,)
    action_form = LiftForm
    actions = ("lift", "keep")
    fields = ("user", "until", "is_ban", "reason")

    @admin.display(description=_("their answer"))
    def answer(self, row: Suspension) -> str:
        """What the person wrote about it; they can answer once."""
        return row.their_answer or "-"  # type: ignore[attr-defined]  # an annotation

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Suspension]":
        """With the answers."""
        answers = Appeal.objects.filter(user=OuterRef("user"), suspended_at=OuterRef("at"))
        rows: QuerySet[Suspension] = super().get_queryset(request)
        return rows.annotate(their_answer=Subquery(answers.values("text")))

    def get_fields(self, request: HttpRequest, obj: Suspension | None = None) -> tuple[str, ...]:
        """What moderators fill in; of one that stands, what it is."""
        if obj is None:
            return self.fields
        return openable(request, ("user", "until", "at", "by", "reason", "answer"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Suspension | None = None
    ) -> tuple[str, ...]:
        """Nothing of one that stands can be changed."""
        return () if obj is None else ("answer", *NAMES.values())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With the buttons that lift and keep it, for who may."""
        row = self.get_object(request, object_id)
        form = SuspensionDecisionForm(request.POST or None)
        if row is not None and form.is_valid() and self._decide(request, row, form):
            return redirect("admin:accounts_suspension_changelist")
        decision = {}
        if row is not None:
            standing = suspensions.appeal_of(row)
            decision = {
                "may_lift": suspensions.may_change(cast(User, request.user), row),
                "may_keep": standing is not None and standing.kept_at is None,
                "form": form,
            }
        # Only the buttons post here; what remains is a page.
        request.method = "GET"
        context = {**(extra_context or {}), "decision": decision}
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    def _decide(self, request: HttpRequest, row: Suspension, form: SuspensionDecisionForm) -> bool:
        """Run the action of a button. Returns whether it was not refused."""
        reason, names = form.cleaned_data["reason"], {"person": row.user}
        if "_lift" in request.POST:
            with shown(request, gettext("%(person)s can sign in again.") % names) as attempt:
                people.lift(by_staff(request), row.user_id, reason=reason)
        elif "_keep" in request.POST:
            with shown(request, gettext("%(person)s stays suspended.") % names) as attempt:
                appeals.keep(by_staff(request), row.user_id, reason=reason)
        else:
            return False
        return not attempt.refused

    def save_model(
        self, request: HttpRequest, obj: Suspension, form: SuspensionForm, change: bool
    ) -> None:
        """Run the action, which writes the row."""
        ending = people.suspend(by_staff(request), obj.user_id, until=obj.until, reason=obj.reason)
        show_receipt(request, ending)

    @admin.action(description=_("Lift: open the accounts again"), permissions=["view"])
    def lift(self, request: HttpRequest, rows: QuerySet[Suspension]) -> None:
        """One after the other, with the reason next to the choice of the action."""
        reason = request.POST.get("reason", "")
        for row in rows.select_related("user"):
            with shown(request, gettext("%(person)s can sign in again.") % {"person": row.user}):
                people.lift(by_staff(request), row.user_id, reason=reason)

    @admin.action(description=_("Keep: their answer is dealt with"), permissions=["view"])
    def keep(self, request: HttpRequest, rows: QuerySet[Suspension]) -> None:
        """One after the other, as `lift`."""
        reason = request.POST.get("reason", "")
        for row in rows.select_related("user"):
            done = gettext("%(person)s stays suspended.") % {"person": row.user}
            with shown(request, done):
                appeals.keep(by_staff(request), row.user_id, reason=reason)
