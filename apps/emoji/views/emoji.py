"""The page *Emoji* of the settings: the list, and the forms that change it."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.authentication import person_id
from apps.core.page_actions import refusals, respond, show_refusal
from apps.core.refusable_form import RefusableForm
from apps.emoji.actions import emoji as actions
from apps.emoji.forms import AliasForm, NewEmojiForm
from apps.emoji.queries import emoji
from apps.wire.limits import MAX_EMOJI_BYTES

PAGE_SIZE = 50


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """GET: the emoji, or those with `q` in a name. POST: add one."""
    me = person_id(request)
    form = NewEmojiForm()
    if request.method == "POST":
        form = NewEmojiForm(request.POST, request.FILES)
        added = respond(request, form, lambda: _added(request, form))
        if added is not None:
            return added
    words = request.GET.get("q", "").replace("\0", "").strip().strip(":").lower()[:32]
    found = Paginator(emoji.search(me, words), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "q": words,
        "place": urlencode({"q": words}) if words else "",
        "form": form,
        "may_add": emoji.may_add(me),
        "most": actions.MAX_OF_PERSON,
        "most_bytes": MAX_EMOJI_BYTES,
    }
    return render(request, "emoji/emoji.html", context, status=400 if form.is_bound else 200)


@require_POST
@never_cache
@login_required
def add_alias(request: HttpRequest, name: str) -> HttpResponse:
    """Give an emoji another name."""
    form = AliasForm(request.POST)

    def change() -> str:
        actions.add_alias(person_id(request), name, form.cleaned_data["alias"])
        return gettext("The name is added.")

    return _changed(request, change, name, form)


@require_POST
@never_cache
@login_required
def remove_alias(request: HttpRequest, name: str, alias: str) -> HttpResponse:
    """Take another name away."""

    def change() -> str:
        actions.remove_alias(person_id(request), name, alias)
        return gettext("The name is removed.")

    return _changed(request, change, name)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """GET: ask. POST: remove the emoji."""
    if request.method == "GET":
        found = emoji.get_emoji(name)
        if not emoji.may_change(person_id(request), found):
            messages.error(request, gettext(actions.NotMade.detail))
            return redirect("emoji")
        return render(request, "emoji/remove.html", {"emoji": emoji.body(found)})

    def change() -> str:
        actions.remove(person_id(request), name)
        return gettext("The emoji is removed.")

    return _changed(request, change)


def _added(request: HttpRequest, form: NewEmojiForm) -> HttpResponse:
    name, picture = form.cleaned_data["name"], form.cleaned_data["picture"]
    actions.add(person_id(request), name=name, picture=picture.read())
    messages.success(request, gettext("%(name)s is there for everybody.") % {"name": f":{name}:"})
    return redirect("emoji")


def _changed(
    request: HttpRequest,
    change: Callable[[], str],
    name: str = "",
    form: RefusableForm | None = None,
) -> HttpResponse:
    """Make the change, show its text, and go back to the list, at this emoji."""
    with refusals(partial(show_refusal, request)):
        if form is None or form.is_valid():
            messages.success(request, change())
    return redirect(f"{reverse('emoji')}?{urlencode({'q': name})}" if name else "emoji")
