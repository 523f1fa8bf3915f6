"""Lists of the Django admin that open as fast with a million rows as with ten."""

from typing import Any, ClassVar

from django.contrib.admin import ShowFacets
from django.db.models import Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from apps.core.bounded_paginator import BoundedPaginator


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
        start = Func(Value(words), function="parley_fold", output_field=TextField())
        later = Concat(Value(" "), start)
        found = Q()
        for field in self.search_fields:  # type: ignore[attr-defined]  # of the ModelAdmin
            found |= Q(**{f"{field}__startswith": start}) | Q(**{f"{field}__contains": later})
        return queryset.filter(found), False
