"""Forms of the Django admin whose action may refuse: nothing that was typed is lost."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from apps.core.errors import Refused

# The attribute of a request whose action was refused.
REFUSED = "_refused_action"


class KeptForm:
    """An admin whose `save_model` runs an action. After a refusal, the form is shown again with
    what was typed, and says why.

    Put it before the other bases of an admin of a model.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Run the action, which writes the row."""
        given = (request, object_id, form_url, extra_context)
        try:
            answer: HttpResponse = super().changeform_view(  # type: ignore[misc]  # of other bases
                *given
            )
        except Refused as error:
            # The same form once more, which says why.
            setattr(request, REFUSED, error)
            answer = super().changeform_view(*given)  # type: ignore[misc]
        return answer

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """With the error of the action that this request has tried."""
        form = super().get_form(request, *args, **kwargs)  # type: ignore[misc]
        refused: Refused | None = getattr(request, REFUSED, None)
        if refused is None:
            return form

        def add_refusal(self: Any) -> None:
            form._post_clean(self)
            self.add_error(None, gettext(refused.detail))

        return type(form.__name__, (form,), {"_post_clean": add_refusal})


class NotChanged:
    """An admin that changes no row: the form that adds one has no button to go on changing it.

    Put it before the other bases of an admin of a model.
    """

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Without that button."""
        only_save = {"show_save_and_continue": False, **(extra_context or {})}
        answer: HttpResponse = super().add_view(  # type: ignore[misc]  # of other bases
            request, form_url, only_save
        )
        return answer
