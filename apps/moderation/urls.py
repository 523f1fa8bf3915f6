"""API routes of moderation, under /api/v1/."""

from django.urls import path

from apps.moderation.api import (
    chats,
    held,
    messages,
    moderators,
    read_requests,
    reports,
    resets,
    warnings,
)

HELD_MESSAGE = "moderation/held-messages/<uuid:held_message>"
READ_REQUEST = "moderation/read-requests/<uuid:read_request>"

urlpatterns = [
    path("reports", reports.ReportsView.as_view()),
    path("reports/seen", reports.SeenView.as_view()),
    path("warnings", warnings.OwnWarningsView.as_view()),
    path("warnings/<uuid:warning>/acknowledge", warnings.AcknowledgedView.as_view()),
    path("moderation/waiting", moderators.WaitingView.as_view()),
    path("moderation/people/<uuid:person>/warnings", moderators.WarningsView.as_view()),
    path("moderation/people/<uuid:person>/slowdown", moderators.SlowdownView.as_view()),
    path("moderation/chats/<uuid:chat>/closure", chats.ClosureView.as_view()),
    path("moderation/people/<uuid:person>/suspension", moderators.SuspensionView.as_view()),
    path(
        "moderation/people/<uuid:person>/suspension/keep",
        moderators.KeptSuspensionView.as_view(),
    ),
    path(
        "moderation/people/<uuid:person>/suspension/lift",
        moderators.LiftedSuspensionView.as_view(),
    ),
    path("moderation/people/<uuid:person>/reset", resets.ProfileResetView.as_view()),
    path("moderation/chats/<uuid:chat>/reset", resets.GroupResetView.as_view()),
    path(
        "moderation/chats/<uuid:chat>/members/<uuid:person>/remove",
        chats.RemovedMemberView.as_view(),
    ),
    path("moderation/chats/<uuid:chat>/links/revoke", chats.RevokedLinksView.as_view()),
    path(
        "moderation/chats/<uuid:chat>/links/<uuid:link>/revoke",
        chats.RevokedLinkView.as_view(),
    ),
    path("moderation/held-messages", held.HeldMessagesView.as_view()),
    path(HELD_MESSAGE, held.HeldMessageView.as_view()),
    path(f"{HELD_MESSAGE}/approve", held.ApprovedView.as_view()),
    path(f"{HELD_MESSAGE}/refuse", held.RefusedView.as_view()),
    path("moderation/read-requests", read_requests.ReadRequestsView.as_view()),
    path(f"{READ_REQUEST}/approve", read_requests.ApprovalView.as_view()),
    path(f"{READ_REQUEST}/refuse", read_requests.RefusalView.as_view()),
    path(f"{READ_REQUEST}/end", read_requests.EndView.as_view()),
    path(f"{READ_REQUEST}/messages", read_requests.ReadMessagesView.as_view()),
    *(
        path(
            f"moderation/chats/<uuid:chat>/messages/<int:seq>/{verb}",
            messages.message_action(verb).as_view(),
        )
        for verb in messages.ACTIONS
    ),
]
