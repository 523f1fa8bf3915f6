"""People as the directory reads them back."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from scim2_models import InvalidFilterException, Meta, NotFoundException, ScimFilter, SearchRequest
from scim2_models.path import CompareOperator, Comparison, FilterVisitor, LogicalExpr
from scim2_models.path.expressions import LogicalOperator, Not, Present, ValuePath

from apps.accounts.models import Ending
from apps.scim.models import DirectoryEntry
from apps.scim.schemas import MAX_RESULTS, User

DEFAULT_RESULTS = 100
# The attributes by which directories look for people.
LOOKUPS = {"username": "folded", "externalid": "external_id", "id": "id"}


def get_entry(entry_id: UUID, *, lock: bool = False) -> DirectoryEntry:
    """One person of the directory, with the account. Raises NotFoundException."""
    rows = DirectoryEntry.objects.select_related("user").filter(id=entry_id)
    entry = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if entry is None:
        raise NotFoundException(detail="This person is not in the directory.")
    return entry


def page(search: "SearchRequest[User]") -> tuple[int, int, list[DirectoryEntry]]:
    """How many people match, the number (from 1) of the first one returned, and a page of them.

    Raises InvalidFilterException.
    """
    rows: QuerySet[DirectoryEntry] = DirectoryEntry.objects.select_related("user").order_by("id")
    rows = rows.alias(folded=Lower("user_name"))
    if search.filter:
        rows = rows.filter(_condition(search.filter))
    total = rows.count()
    # RFC 7644, 3.4.2.4: less than 1 is 1. Beyond the end: an empty page.
    first = min(max(search.start_index or 1, 1), total + 1)
    count = DEFAULT_RESULTS if search.count is None else min(search.count, MAX_RESULTS)
    return total, first, list(rows[first - 1 : first - 1 + count])


def resource(entry: DirectoryEntry) -> User:
    """The SCIM User."""
    person: User = User.model_validate({"schemas": [str(User.__schema__)], **entry.attributes})
    person.id = str(entry.id)
    person.external_id = entry.external_id or None
    person.user_name = entry.user_name
    # A suspension is the moderators': a directory that writes back what it has read must not close
    # the account itself.
    person.active = entry.user.is_active or entry.user.closed_way == Ending.Way.SUSPENSION
    person.meta = Meta(
        resource_type="User",
        created=entry.created_at,
        last_modified=entry.changed_at,
        location=location(entry),
    )
    return person


def location(entry: DirectoryEntry) -> str:
    """The address of the SCIM User."""
    return f"{settings.PUBLIC_URL}/scim/v2/Users/{entry.id}"


def _condition(text: "ScimFilter[Any]") -> Q:
    return _Condition(str(text)).visit(text.ast)


class _Condition(FilterVisitor[Q]):
    """Translates comparisons with `eq`, joined by `and` or `or`."""

    def __init__(self, text: str) -> None:
        self.text = text

    def visit_comparison(self, node: Comparison) -> Q:
        path = node.attr_path
        lookup = LOOKUPS.get(path.attr.lower())
        if lookup is None or path.sub_attr or node.op != CompareOperator.eq:
            raise self._refuse()
        if lookup == "id":
            return Q(id=_uuid(node.value))
        value = str(node.value)
        return Q(folded=Lower(Value(value))) if lookup == "folded" else Q(**{lookup: value})

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        found = Q()
        for term in node.terms:
            condition = self.visit(term)
            found = found & condition if node.op == LogicalOperator.and_ else found | condition
        return found

    def visit_present(self, node: Present) -> Q:
        raise self._refuse()

    def visit_not(self, node: Not) -> Q:
        raise self._refuse()

    def visit_value_path(self, node: ValuePath) -> Q:
        raise self._refuse()

    def _refuse(self) -> InvalidFilterException:
        names = "userName, externalId and id"
        return InvalidFilterException(
            filter=self.text, detail=f"Only {names} can be compared, with eq."
        )


def _uuid(value: object) -> UUID | None:
    """None, which equals no id, for another text."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
