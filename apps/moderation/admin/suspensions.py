"""Suspended and banned people in the Django admin: adding one suspends, a button lifts."""

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Suspension
from apps.moderation.actions import appeals, people
from apps.moderation.admin.doors import by_staff, shown
from apps.moderation.admin.measures import MeasureAdmin
from apps.moderation.admin.reported import show_receipt
from apps.moderation.forms import LiftForm, SuspensionForm
from apps.moderation.models import Appeal


@admin.register(Suspension)
class SuspensionAdmin(MeasureAdmin):
    """Who is suspended, until when, and why."""

    form = SuspensionForm
    list_display = ("user", "until", "at", "by", "reason", "answer")
    ordering = ("-at",)
    sortable_by = ("at",)
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
        return self.fields if obj is None else ("user", "until", "at", "by", "reason", "answer")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Suspension | None = None
    ) -> tuple[str, ...]:
        """Nothing of one that stands can be changed."""
        return () if obj is None else ("answer",)

    def save_model(
        self, request: HttpRequest, obj: Suspension, form: SuspensionForm, change: bool
    ) -> None:
        """Run the action, which writes the row."""
        ending = people.suspend(by_staff(request), obj.user_id, until=obj.until, reason=obj.reason)
        show_receipt(request, ending)

    @admin.action(description=_("Lift: open the accounts again"), permissions=["view"])
    def lift(self, request: HttpRequest, rows: QuerySet[Suspension]) -> None:
        """One after the other, with the reason beside the choice of the action."""
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
