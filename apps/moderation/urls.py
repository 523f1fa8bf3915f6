"""API routes of moderation, under /api/v1/."""

from django.urls import path

from apps.moderation.api import chats, messages, moderators, reports

urlpatterns = [
    path("reports", reports.ReportsView.as_view()),
    path("moderation/people/<uuid:person>/suspension", moderators.SuspensionView.as_view()),
    path(
        "moderation/people/<uuid:person>/suspension/lift",
        moderators.LiftedSuspensionView.as_view(),
    ),
    path(
        "moderation/chats/<uuid:chat>/members/<uuid:person>/remove",
        chats.RemovedMemberView.as_view(),
    ),
    path("moderation/chats/<uuid:chat>/links/revoke", chats.RevokedLinksView.as_view()),
    *(
        path(
            f"moderation/chats/<uuid:chat>/messages/<int:seq>/{verb}",
            messages.message_action(verb).as_view(),
        )
        for verb in messages.ACTIONS
    ),
]
