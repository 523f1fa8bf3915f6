"""What the pages of the admin have in common: who asks, how a refusal is shown, and pages of our
own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.core.errors import NotFound, Refused
from apps.core.kept_form import KeptForm
from apps.core.page_actions import refusals, show_refusal
from apps.core.read_only_admin import ReadOnly
from apps.moderation.actions.audit import By, Door
from apps.moderation.queries.moderators import is_moderator

Content = TypeVar("Content")


def by_staff(request: HttpRequest) -> By:
    """The moderator of a page of the admin."""
    return By(cast(UUID, request.user.pk), Door.ADMIN)


class Attempt:
    """Whether a block was refused."""

    refused = False


@contextmanager
def shown(request: HttpRequest, done: str = "") -> Iterator[Attempt]:
    """Show `done` after the block, or the reason of a refusal."""
    attempt = Attempt()
    try:
        yield attempt
    except Refused as error:
        attempt.refused = True
        show_refusal(request, error)
    else:
        if done:
            messages.success(request, done)


def unless_refused(request: HttpRequest, read: Callable[[], Content]) -> Content | None:
    """What `read` returns; None if it was refused: the next page shows why. Raises NotFound, which
    has a page of its own."""
    with refusals(partial(show_refusal, request), but=(NotFound,)):
        return read()
    return None


def row_id(text: str) -> UUID:
    """The id of the row that an address names. Raises Http404."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


class OwnPage:
    """An admin that has a page of our own for each row, in place of Django's form.

    Put it before the other bases of an admin of a model.
    """

    admin_site: AdminSite
    opts: Any

    def row_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page of one row, with buttons that run the actions."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """`row_page`."""
        return self.row_page(request, object_id or "")

    def own_page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        """A page that extends `admin/own_page.html`."""
        common = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**common, **context})


class ForModerators(ReadOnly):
    """The permissions of a page that moderators read, and change by its buttons alone."""

    needs = "moderate"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Moderators."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Moderators."""
        return is_moderator(request.user)


class AddedByModerators(KeptForm, ForModerators):
    """A list to which moderators add; adding runs an action.

    Put it before the other bases of an admin of a model.
    """

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Moderators."""
        return self.has_view_permission(request)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the audit log has it."""
