"""The pages *Commands* of a group's integrations."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.chats.models import Chat
from apps.core.authentication import person_id
from apps.core.page_actions import respond
from apps.core.runtime import runtime
from apps.integrations.actions import external_commands as actions
from apps.integrations.command_forms import CommandForm, NewCommandForm
from apps.integrations.gateways.command_posts import verification_token
from apps.integrations.models import ExternalCommand
from apps.integrations.queries import bots, external_commands
from apps.integrations.views.chat_pages import chat_or_404, or_404

LIST = "integrations/chat/commands.html"
ONE = "integrations/chat/command.html"
FIELDS = ("url", "hint", "description")


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest, chat: UUID) -> HttpResponse:
    """GET: the group's commands. POST: make one; the response shows its secret once."""
    found, me = chat_or_404(request, chat), person_id(request)
    form = NewCommandForm(request.POST or None, bots=bots.of_owner(me))
    if request.method == "POST":

        def make() -> HttpResponse:
            row = actions.make(me, chat, **form.values())
            return _one(request, found, row, secret=actions.secret_of(row), status=201)

        made = respond(request, form, make)
        if made is not None:
            return made
    commands = external_commands.of_chat(me, chat)
    context = {"chat": found, "commands": commands, "form": form}
    context["are_off"] = not runtime.EXTERNAL_COMMANDS
    return render(request, LIST, context, status=400 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def one(request: HttpRequest, chat: UUID, command: UUID) -> HttpResponse:
    """GET: a command. POST: change it; or (`secret`) replace its secret, which the response shows
    once; or (`test`) run it; or (`delete`) delete it."""
    found, me = chat_or_404(request, chat), person_id(request)
    row = _command(me, chat, command)
    if request.method == "GET":
        return _one(request, found, row)
    form = CommandForm(request.POST)
    here = redirect("chat-command", chat, command)

    def replace_secret() -> HttpResponse:
        return _one(request, found, row, secret=actions.replace_secret(me, chat, command))

    def test() -> HttpResponse:
        actions.try_out(me, chat, command)
        messages.success(request, gettext("The command was sent. Its answer appears in the group."))
        return here

    def delete() -> HttpResponse:
        actions.delete(me, chat, command)
        messages.success(request, gettext("The command is deleted."))
        return redirect("chat-commands", chat)

    def change() -> HttpResponse:
        actions.change(me, chat, command, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return here

    for name, act in {"secret": replace_secret, "test": test, "delete": delete}.items():
        if name in request.POST:
            form = CommandForm({field: getattr(row, field) for field in FIELDS})
            return respond(request, form, act) or _one(request, found, row, form=form, status=400)
    return respond(request, form, change) or _one(request, found, row, form=form, status=400)


@require_safe
@never_cache
@login_required
def ask_secret(request: HttpRequest, chat: UUID, command: UUID) -> HttpResponse:
    """Ask before the secret is replaced: the old one ends."""
    return _ask(request, chat, command, "integrations/chat/replace_secret.html")


@require_safe
@never_cache
@login_required
def ask_delete(request: HttpRequest, chat: UUID, command: UUID) -> HttpResponse:
    """Ask before the command is deleted."""
    return _ask(request, chat, command, "integrations/chat/delete_command.html")


def _ask(request: HttpRequest, chat: UUID, command: UUID, template: str) -> HttpResponse:
    found = chat_or_404(request, chat)
    row = _command(person_id(request), chat, command)
    return render(request, template, {"chat": found, "command": row})


def _one(
    request: HttpRequest,
    chat: Chat,
    row: ExternalCommand,
    *,
    form: CommandForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a command. `secret`: shown on this response alone."""
    form = form or CommandForm({field: getattr(row, field) for field in FIELDS})
    token = verification_token(secret) if secret else ""
    context = {"chat": chat, "command": row, "form": form, "secret": secret, "token": token}
    context["are_off"] = not runtime.EXTERNAL_COMMANDS
    return render(request, ONE, context, status=status)


def _command(me: UUID, chat: UUID, command: UUID) -> ExternalCommand:
    with or_404():
        return external_commands.get(me, chat, command)
