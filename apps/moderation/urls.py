"""API routes of moderation, under /api/v1/."""

from django.urls import path

from apps.moderation.api import messages, moderators, reports

urlpatterns = [
    path("reports", reports.ReportsView.as_view()),
    path("moderation/people/<uuid:person>/suspension", moderators.SuspensionView.as_view()),
    *(
        path(
            f"moderation/chats/<uuid:chat>/messages/<int:seq>/{verb}",
            messages.message_action(verb).as_view(),
        )
        for verb in messages.ACTIONS
    ),
]
