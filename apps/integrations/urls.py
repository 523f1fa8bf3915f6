"""Pages of integrations, and addresses for other servers."""

from django.urls import path

from apps.integrations.views import (
    bots,
    chat_bots,
    chat_commands,
    incoming,
    incoming_posts,
    outgoing,
    plugins,
    responses,
)

OUTGOING = "c/<uuid:chat>/integrations/outgoing"
ONE_OUTGOING = f"{OUTGOING}/<uuid:webhook>"
ONE_COMMAND = "c/<uuid:chat>/integrations/commands/<uuid:command>"

urlpatterns = [
    path("c/<uuid:chat>/plugins", plugins.page, name="plugins"),
    path("settings/bots", bots.page, name="bots"),
    path("settings/bots/<uuid:bot>", bots.one, name="bot"),
    path("settings/bots/<uuid:bot>/delete", bots.delete, name="bot-delete"),
    path(
        "settings/bots/<uuid:bot>/tokens/<uuid:token>/revoke", bots.revoke, name="bot-token-revoke"
    ),
    path("c/<uuid:chat>/integrations", chat_bots.page, name="chat-bots"),
    path(
        "c/<uuid:chat>/integrations/bots/<uuid:bot>/remove",
        chat_bots.remove,
        name="chat-bot-remove",
    ),
    path("c/<uuid:chat>/integrations/incoming", incoming.page, name="chat-incoming"),
    path(
        "c/<uuid:chat>/integrations/incoming/<uuid:webhook>/test",
        incoming.test,
        name="incoming-test",
    ),
    path(
        "c/<uuid:chat>/integrations/incoming/<uuid:webhook>/replace",
        incoming.replace,
        name="incoming-replace",
    ),
    path(
        "c/<uuid:chat>/integrations/incoming/<uuid:webhook>/delete",
        incoming.delete,
        name="incoming-delete",
    ),
    path("hooks/<uuid:webhook>/<str:secret>", incoming_posts.receive, name="incoming-webhook"),
    path(OUTGOING, outgoing.page, name="chat-outgoing"),
    path(ONE_OUTGOING, outgoing.one, name="outgoing-webhook"),
    path(f"{ONE_OUTGOING}/secret", outgoing.secret, name="outgoing-secret"),
    path(f"{ONE_OUTGOING}/pause", outgoing.pause, name="outgoing-pause"),
    path(f"{ONE_OUTGOING}/resume", outgoing.resume, name="outgoing-resume"),
    path(f"{ONE_OUTGOING}/test", outgoing.test, name="outgoing-test"),
    path(f"{ONE_OUTGOING}/delete", outgoing.delete, name="outgoing-delete"),
    path(f"{ONE_OUTGOING}/log/<uuid:delivery>/again", outgoing.again, name="outgoing-again"),
    path("c/<uuid:chat>/integrations/commands", chat_commands.page, name="chat-commands"),
    path(ONE_COMMAND, chat_commands.one, name="chat-command"),
    path(f"{ONE_COMMAND}/secret", chat_commands.ask_secret, name="chat-command-secret"),
    path(f"{ONE_COMMAND}/delete", chat_commands.ask_delete, name="chat-command-delete"),
    path("hooks/responses/<uuid:call>/<str:secret>", responses.respond, name="command-response"),
]
