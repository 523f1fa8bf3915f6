"""The page *New poll* of a chat."""

from uuid import UUID, uuid4

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.chats.queries.access import get_membership
from apps.core.authentication import person_id
from apps.core.errors import Refused
from apps.plugins.polls import questions


class PollForm(forms.Form):
    """A question. `client_id` makes a form that is sent twice one poll. `reply_to`: seq of the
    message that it replies to."""

    question = forms.CharField(label=_("Question"), max_length=questions.MAX_QUESTION)
    options = forms.CharField(
        label=_("Answers"),
        help_text=_("Each on a line of its own."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    multiple = forms.BooleanField(label=_("Several answers can be chosen"), required=False)
    anonymous = forms.BooleanField(label=_("Nobody sees who chose what"), required=False)
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    reply_to = forms.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput
    )


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def new(request: HttpRequest, chat: UUID) -> HttpResponse:
    """GET: the form. POST: post the poll, and go to the chat."""
    person = person_id(request)
    get_membership(person, chat)
    initial = {"client_id": uuid4(), "reply_to": request.GET.get("reply_to")}
    form = PollForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            question = questions.checked(
                given["question"],
                given["options"].splitlines(),
                multiple=given["multiple"],
                anonymous=given["anonymous"],
            )
            questions.post(
                person,
                chat,
                question,
                client_id=given["client_id"],
                reply_to=given["reply_to"],
            )
        except Refused as error:
            form.add_error(None, str(error.reason or _(error.detail)))
        else:
            return redirect("chat", chat)
    status = 400 if request.method == "POST" else 200
    return render(request, "polls/new.html", {"form": form, "chat": chat}, status=status)


app_name = "polls"
urlpatterns = [path("new/<uuid:chat>", new, name="new")]
