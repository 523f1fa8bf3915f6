"""API routes of integrations."""

from django.urls import path

from apps.integrations.api import bots, commands, incoming, outgoing, plugins

OUTGOING = "chats/<uuid:chat>/webhooks/outgoing"
ONE = f"{OUTGOING}/<uuid:webhook>"

urlpatterns = [
    path("bots", bots.BotsView.as_view()),
    path("bots/<uuid:bot>", bots.BotView.as_view()),
    path("bots/<uuid:bot>/tokens", bots.TokensView.as_view()),
    path("bots/<uuid:bot>/tokens/<uuid:token>", bots.TokenView.as_view()),
    path("chats/<uuid:chat>/webhooks/incoming", incoming.IncomingWebhooksView.as_view()),
    path(
        "chats/<uuid:chat>/webhooks/incoming/<uuid:incoming_webhook>",
        incoming.IncomingWebhookView.as_view(),
    ),
    path(
        "chats/<uuid:chat>/webhooks/incoming/<uuid:incoming_webhook>/secret",
        incoming.IncomingSecretView.as_view(),
    ),
    path(OUTGOING, outgoing.OutgoingWebhooksView.as_view()),
    path(ONE, outgoing.OutgoingWebhookView.as_view()),
    path(f"{ONE}/pause", outgoing.OutgoingPauseView.as_view()),
    path(f"{ONE}/resume", outgoing.OutgoingResumeView.as_view()),
    path(f"{ONE}/secret", outgoing.OutgoingSecretView.as_view()),
    path(f"{ONE}/test", outgoing.OutgoingTestView.as_view()),
    path(f"{ONE}/log", outgoing.OutgoingLogView.as_view()),
    path(f"{ONE}/log/<uuid:delivery>", outgoing.OutgoingDeliveryView.as_view()),
    path("chats/<uuid:chat>/commands", commands.CommandsView.as_view()),
    path("chats/<uuid:chat>/notes", commands.NotesView.as_view()),
    path("chats/<uuid:chat>/notes/<uuid:note>", commands.NoteView.as_view()),
    path("chats/<uuid:chat>/messages/<int:seq>/acts", plugins.PluginActsView.as_view()),
]
