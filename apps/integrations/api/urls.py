"""API routes of bots and webhooks."""

from django.urls import path

from apps.integrations.api import bots, incoming

urlpatterns = [
    path("bots", bots.BotsView.as_view()),
    path("bots/<uuid:bot>", bots.BotView.as_view()),
    path("bots/<uuid:bot>/tokens", bots.TokensView.as_view()),
    path("bots/<uuid:bot>/tokens/<uuid:token>", bots.TokenView.as_view()),
    path("chats/<uuid:chat>/webhooks/incoming", incoming.IncomingWebhooksView.as_view()),
    path(
        "chats/<uuid:chat>/webhooks/incoming/<uuid:webhook>",
        incoming.IncomingWebhookView.as_view(),
    ),
    path(
        "chats/<uuid:chat>/webhooks/incoming/<uuid:webhook>/secret",
        incoming.IncomingSecretView.as_view(),
    ),
]
