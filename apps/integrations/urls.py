"""Pages of bots and of a group's commands, and addresses for other servers."""

from django.urls import path

from apps.integrations.views import bots, chat_commands, responses

urlpatterns = [
    path("settings/bots", bots.page, name="bots"),
    path("settings/bots/<uuid:bot>", bots.one, name="bot"),
    path("settings/bots/<uuid:bot>/delete", bots.delete, name="bot-delete"),
    path(
        "settings/bots/<uuid:bot>/tokens/<uuid:token>/revoke", bots.revoke, name="bot-token-revoke"
    ),
    path("c/<uuid:chat>/integrations/commands", chat_commands.page, name="chat-commands"),
    path(
        "c/<uuid:chat>/integrations/commands/<uuid:command>",
        chat_commands.one,
        name="chat-command",
    ),
    path("hooks/responses/<uuid:call>/<str:secret>", responses.respond, name="command-response"),
]
