"""The pages *Bots*: a person's bots, and one of them with its tokens."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.authentication import person_id
from apps.core.errors import NotFound
from apps.core.page_actions import respond
from apps.integrations.actions import bots as actions
from apps.integrations.forms import BotProfileForm, NewBotForm, NewTokenForm
from apps.integrations.queries import bots, external_commands
from apps.integrations.queries.bots import Bot

LIST = "integrations/bots.html"
ONE = "integrations/bot.html"


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """GET: the person's bots. POST: make one, and go to it."""
    me = person_id(request)
    form = NewBotForm(request.POST or None)
    if request.method == "POST":
        made = respond(
            request, form, lambda: redirect("bot", actions.make(me, **form.cleaned_data))
        )
        if made is not None:
            return made
    commands = external_commands.names_by_bot(me)
    listed = [(bot, commands.get(bot.person.id, ())) for bot in bots.of_owner(me)]
    context = {"bots": listed, "form": form}
    return render(request, LIST, context, status=400 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def one(request: HttpRequest, bot: UUID) -> HttpResponse:
    """GET: a bot and its tokens. POST: change its profile, or (`make`) make a token, which the
    response shows once."""
    found = bots.get(person_id(request), bot)
    profile = BotProfileForm({"name": found.person.name, "about": found.person.about})
    token = NewTokenForm()
    context: dict[str, object] = {"bot": found, "profile": profile, "form": token}
    if request.method == "GET":
        return render(request, ONE, context)
    if "make" in request.POST:
        token = NewTokenForm(request.POST)
        response = respond(request, token, lambda: _make_token(request, found, token))
    else:
        profile = BotProfileForm(request.POST)
        response = respond(request, profile, lambda: _change(request, bot, profile))
    context |= {"profile": profile, "form": token}
    return response or render(request, ONE, context, status=400)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def delete(request: HttpRequest, bot: UUID) -> HttpResponse:
    """GET: ask. POST: delete the bot."""
    found = bots.get(person_id(request), bot)
    if request.method == "GET":
        return render(request, "integrations/delete_bot.html", {"bot": found})
    actions.delete(person_id(request), bot)
    messages.success(request, gettext("The bot is being deleted."))
    return redirect("bots")


@require_POST
@never_cache
@login_required
def revoke(request: HttpRequest, bot: UUID, token: UUID) -> HttpResponse:
    """Revoke a token; one that is gone already is as good."""
    try:
        actions.revoke_token(person_id(request), bot, token)
    except NotFound:
        bots.get(person_id(request), bot)
    messages.success(request, gettext("The token is revoked."))
    return redirect("bot", bot)


def _change(request: HttpRequest, bot: UUID, form: BotProfileForm) -> HttpResponse:
    actions.change(person_id(request), bot, **form.cleaned_data)
    messages.success(request, gettext("Saved."))
    return redirect("bot", bot)


def _make_token(request: HttpRequest, bot: Bot, form: NewTokenForm) -> HttpResponse:
    """The page with the secret: no redirect could carry it."""
    me = person_id(request)
    secret, _ = actions.make_token(
        me,
        bot.person.id,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        expires_at=form.expires_at(),
    )
    found = bots.get(me, bot.person.id)
    profile = BotProfileForm({"name": found.person.name, "about": found.person.about})
    context: dict[str, object] = {"bot": found, "profile": profile, "form": NewTokenForm()}
    context |= {"secret": secret, "server": settings.PUBLIC_URL}
    return render(request, ONE, context, status=201)
