"""The chats' part of the API."""

from django.urls import path

from apps.chats.api import chats, messages

urlpatterns = [
    path("chats", chats.Chats.as_view()),
    path("chats/direct", chats.DirectChat.as_view()),
    path("chats/<uuid:chat>", chats.OneChat.as_view()),
    path("chats/<uuid:chat>/marks", chats.ChatMarks.as_view()),
    path("chats/<uuid:chat>/positions", chats.ChatPositions.as_view()),
    path("chats/<uuid:chat>/messages", messages.Messages.as_view()),
    path("chats/<uuid:chat>/changes", messages.Changes.as_view()),
    path("receipts", messages.Receipts.as_view()),
]
