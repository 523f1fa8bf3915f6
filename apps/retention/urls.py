"""Addresses of the API of retention."""

from django.urls import path

from apps.retention.api import retention

urlpatterns = [
    path("chats/<uuid:chat>/retention", retention.ChatRetention.as_view()),
    path("chats/<uuid:chat>/deletions", retention.ChatDeletions.as_view()),
    path("deletions/<uuid:receipt>", retention.Deletion.as_view()),
]
