"""Lists of the Django admin that open as fast with a million rows as with ten."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.db.models import Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from apps.core.bounded_paginator import BoundedPaginator

MAX_FILTERED = 10_000


class LargeList:
    """Counts to a bound only. For a ModelAdmin."""

    paginator: ClassVar[Any] = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # they count everything
    list_max_show_all = 0


class NameSearch(LargeList):
    """Also finds people by the beginnings of their names, with the index of `search_name`.

    `search_fields` has the paths to `User.search_name`.
    """

    search_help_text: ClassVar[Any] = gettext_lazy("The beginning of a name or username.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows of these people. Stock Django compares without regard to case, which no index
        supports; this folds the words as `search_name` is folded."""
        words = search_term.replace("\0", "").strip()
        if not words:
            return queryset, False
        start = Func(Value(words), function="parley_names", output_field=TextField())
        later = Concat(Value(" "), start)
        found = Q()
        for field in self.search_fields:  # type: ignore[attr-defined]  # of the ModelAdmin
            found |= Q(**{f"{field}__startswith": start}) | Q(**{f"{field}__contains": later})
        return queryset.filter(found), False


class NewestFilter(SimpleListFilter):
    """A filter of one column that has no index, among the newest MAX_FILTERED rows of the table.

    `column` and `order` are fields of the model, `order` with an index; `words` has the values.
    """

    column: ClassVar[str]
    order: ClassVar[str]
    words: ClassVar[Mapping[Any, Any]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The values."""
        return [(str(value), str(words)) for value, words in self.words.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The newest rows with the chosen value."""
        if self.value() is None:
            return queryset
        newest = queryset.model._default_manager.order_by(f"-{self.order}")
        # The oldest of them. A join with all of them would read the whole table for a rare value.
        for oldest in newest.values_list(self.order, flat=True)[MAX_FILTERED - 1 : MAX_FILTERED]:
            queryset = queryset.filter(**{f"{self.order}__gte": oldest})
        return queryset.filter(**{self.column: self.value()})


class NameOrCodeSearch(NameSearch):
    """Finds a row by a whole code, such as the id of another system, else people by their names.

    One condition with both would read all rows: no index has columns of two tables.
    """

    def coded(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """The rows with this code, through an index."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows with this code, if there are any, or those of the people of this name."""
        words = search_term.replace("\0", "").strip()
        if words and (coded := self.coded(queryset, words)).exists():
            return coded, False
        return super().get_search_results(request, queryset, search_term)
