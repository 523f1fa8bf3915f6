"""What an outsider requests of each route of the API, and what they may get. One row per route and
verb: a new route without a row fails in `test_outsiders`.
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

from django.utils import timezone

SECRET = "the words that only members read"
SOON = (timezone.now() + timedelta(days=1)).isoformat()


class Closed(NamedTuple):
    """An endpoint for members; outsiders get the response for unknown objects. `query` and `body`
    may contain {chat} and the like."""

    body: dict[str, object] | None = None
    query: str = ""


class Own(NamedTuple):
    """An endpoint for everyone, which returns only the person's own data."""

    body: dict[str, object] | None = None
    query: str = ""
    status: int = 200


A_CHAT = "chats/<uuid:chat>"
A_MESSAGE = f"{A_CHAT}/messages/<int:seq>"
A_HOOK = f"{A_CHAT}/webhooks/outgoing/<uuid:webhook>"
HOOK: dict[str, object] = {"url": "https://hooks.example.org/", "events": ["message.created"]}
HELD_MESSAGE = "moderation/held-messages/<uuid:held_message>"
READ_REQUEST = "moderation/read-requests/<uuid:read_request>"
ROWS: dict[tuple[str, str], Closed | Own] = {
    ("GET", A_CHAT): Closed(),
    ("PATCH", f"{A_CHAT}/marks"): Closed({"pinned": True}),
    ("GET", f"{A_CHAT}/positions"): Closed(),
    ("GET", f"{A_CHAT}/messages"): Closed(),
    ("POST", f"{A_CHAT}/messages"): Closed({"client_id": str(uuid4()), "text": "hello"}),
    ("GET", f"{A_CHAT}/changes"): Closed(query="since=0"),
    ("PUT", f"{A_CHAT}/title"): Closed({"title": "Another"}),
    ("GET", f"{A_CHAT}/title"): Closed(),
    ("GET", f"{A_CHAT}/retention"): Closed(),
    ("PUT", f"{A_CHAT}/retention"): Closed({"days": 30}),
    ("GET", f"{A_CHAT}/deletions"): Closed(),
    # With a receipt of a chat of others: see tests/retention.
    ("GET", "deletions/<uuid:receipt>"): Own(status=404),
    ("PUT", f"{A_CHAT}/picture"): Closed({"file": None}),
    ("GET", f"{A_CHAT}/members"): Closed(),
    ("POST", f"{A_CHAT}/members"): Closed({"people": ["{friend}"]}),
    ("PATCH", f"{A_CHAT}/members/<uuid:person>"): Closed({"role": "admin"}),
    ("DELETE", f"{A_CHAT}/members/<uuid:person>"): Closed(),
    ("GET", f"{A_CHAT}/webhooks/incoming"): Closed(),
    ("POST", f"{A_CHAT}/webhooks/incoming"): Closed({"name": "Grafana"}),
    ("DELETE", f"{A_CHAT}/webhooks/incoming/<uuid:incoming_webhook>"): Closed(),
    ("POST", f"{A_CHAT}/webhooks/incoming/<uuid:incoming_webhook>/secret"): Closed(),
    ("GET", f"{A_CHAT}/links"): Closed(),
    ("POST", f"{A_CHAT}/links"): Closed({"hours": 1}),
    ("DELETE", f"{A_CHAT}/links/<uuid:link>"): Closed(),
    ("GET", "join/<str:secret>"): Closed(),
    ("POST", "join/<str:secret>"): Closed(),
    ("GET", f"{A_CHAT}/pins"): Closed(),
    ("GET", f"{A_CHAT}/files"): Closed(),
    ("GET", f"{A_CHAT}/message-links"): Closed(),
    ("GET", f"{A_CHAT}/commands"): Closed(),
    ("POST", f"{A_CHAT}/commands"): Closed({"client_id": str(uuid4()), "text": "/help"}),
    ("GET", f"{A_CHAT}/notes"): Closed(),
    ("DELETE", f"{A_CHAT}/notes/<uuid:note>"): Closed(),
    ("PUT", f"{A_CHAT}/draft"): Closed({"text": "half a thou"}),
    ("GET", A_MESSAGE): Closed(),
    ("PATCH", A_MESSAGE): Closed({"text": "other words"}),
    ("DELETE", A_MESSAGE): Closed(),
    ("GET", f"{A_MESSAGE}/edits"): Closed(),
    ("GET", f"{A_MESSAGE}/reactions"): Closed(query="emoji=🎉"),
    ("PUT", f"{A_MESSAGE}/reactions/<str:emoji>"): Closed(),
    ("DELETE", f"{A_MESSAGE}/reactions/<str:emoji>"): Closed(),
    ("PUT", f"{A_MESSAGE}/pin"): Closed(),
    ("DELETE", f"{A_MESSAGE}/pin"): Closed(),
    ("PUT", f"{A_MESSAGE}/saved"): Closed(),
    ("DELETE", f"{A_MESSAGE}/saved"): Closed(),
    # With an entry of a plugin: see tests/plugins.
    ("POST", f"{A_MESSAGE}/acts"): Own({"name": "vote", "data": {"options": [0]}}, status=404),
    ("GET", f"{A_MESSAGE}/thread"): Closed(),
    ("GET", f"{A_MESSAGE}/seen"): Closed(),
    ("GET", f"{A_MESSAGE}/notified"): Closed(),
    ("GET", "search"): Closed(query="q=words&kind=messages&in_chat={chat}"),
    ("POST", "scheduled"): Closed(
        {"chat": "{chat}", "client_id": str(uuid4()), "text": "later", "due_at": SOON}
    ),
    ("PATCH", "scheduled/<uuid:scheduled_id>"): Closed({"text": "much later"}),
    ("DELETE", "scheduled/<uuid:scheduled_id>"): Closed(),
    # With a held message of somebody else: see tests/moderation/held/.
    ("POST", "scheduled/<uuid:scheduled_id>/withdraw"): Own(status=404),
    ("POST", "notifications/rehearsal"): Closed({"chat": "{chat}", "level": "all"}),
    ("POST", "reports"): Closed({"kind": "chat", "chat": "{chat}", "reason": "spam", "context": 5}),
    ("GET", "reports"): Own(),
    ("POST", "reports/seen"): Own(status=204),
    ("GET", "warnings"): Own(),
    # With a warning of somebody else: see tests/moderation/test_measures.py.
    ("POST", "warnings/<uuid:warning>/acknowledge"): Own(status=404),
    # Of moderators: see tests/moderation.
    ("GET", "moderation/waiting"): Own(status=403),
    ("GET", "moderation/people/<uuid:person>/warnings"): Own(status=403),
    ("POST", "moderation/people/<uuid:person>/warnings"): Own({"reason": "Spam"}, status=403),
    ("PUT", "moderation/people/<uuid:person>/slowdown"): Own(
        {"reason": "Spam", "interval_s": 60, "until": "2099-01-01T00:00:00Z"}, status=403
    ),
    ("DELETE", "moderation/people/<uuid:person>/slowdown"): Own(status=403),
    ("PUT", f"moderation/{A_CHAT}/closure"): Own({"reason": "Spam"}, status=403),
    ("DELETE", f"moderation/{A_CHAT}/closure"): Own(status=403),
    ("PUT", "moderation/people/<uuid:person>/suspension"): Own({"reason": "Spam"}, status=403),
    ("POST", "moderation/people/<uuid:person>/suspension/lift"): Own(
        {"reason": "Spam"}, status=403
    ),
    ("POST", "moderation/people/<uuid:person>/suspension/keep"): Own(
        {"reason": "Spam"}, status=403
    ),
    **{
        ("POST", f"moderation/{A_MESSAGE}/{verb}"): Own({"reason": "Spam"}, status=403)
        for verb in ("hide", "restore", "delete")
    },
    ("POST", f"moderation/{A_CHAT}/members/<uuid:person>/remove"): Own(
        {"reason": "Spam"}, status=403
    ),
    ("POST", f"moderation/{A_CHAT}/links/revoke"): Own({"reason": "Spam"}, status=403),
    ("POST", f"moderation/{A_CHAT}/links/<uuid:link>/revoke"): Own({"reason": "Spam"}, status=403),
    ("POST", "moderation/people/<uuid:person>/reset"): Own(
        {"what": "name", "reason": "Spam"}, status=403
    ),
    ("POST", f"moderation/{A_CHAT}/reset"): Own({"what": "title", "reason": "Spam"}, status=403),
    ("GET", "moderation/settings"): Own(status=403),
    ("PATCH", "moderation/settings"): Own({"values": {"REGISTRATION": "off"}}, status=403),
    ("GET", "moderation/settings/versions"): Own(status=403),
    ("POST", "moderation/settings/versions/<int:number>/revert"): Own(status=403),
    ("GET", "moderation/held-messages"): Own(status=403),
    ("GET", HELD_MESSAGE): Own(status=403),
    ("POST", f"{HELD_MESSAGE}/approve"): Own(status=403),
    ("POST", f"{HELD_MESSAGE}/refuse"): Own({"reason": "Spam"}, status=403),
    ("GET", "moderation/read-requests"): Own(status=403),
    ("POST", "moderation/read-requests"): Own(
        {
            "chat": "{chat}",
            "since": "2026-01-01T00:00:00Z",
            "reason": "abuse",
            "text": "Why not",
            "hours": 1,
        },
        status=403,
    ),
    **{
        ("POST", f"{READ_REQUEST}/{verb}"): Own({"reason": "No"}, status=403)
        for verb in ("approve", "refuse", "end")
    },
    ("GET", f"{READ_REQUEST}/messages"): Own(status=403),
    ("GET", "scheduled"): Own(),
    ("GET", "chats"): Own(),
    ("GET", "saved"): Own(),
    ("GET", "drafts"): Own(),
    ("POST", "receipts"): Own({"positions": [{"chat": "{chat}", "read": 1}]}, status=204),
    ("GET", "notifications/settings"): Own(),
    ("PATCH", "notifications/settings"): Own({}),
    ("GET", "notifications/digest"): Own(),
    ("PATCH", "notifications/digest"): Own({}),
    ("POST", "notifications/digest/now"): Own(status=409),
    ("GET", "push/devices"): Own(),
    ("POST", "push/devices"): Own({"endpoint": "x"}, status=400),
    ("DELETE", "push/devices/<uuid:device>"): Own(status=404),
    ("POST", "chats/direct"): Own({"person": "{bob}"}, status=403),
    ("POST", "groups"): Own({"title": "Mine", "people": ["{bob}"]}, status=403),
    ("GET", "me"): Own(),
    ("PATCH", "me"): Own({"version": 1, "about": "nobody"}),
    ("DELETE", "me"): Own(status=202),
    ("PUT", "me/status"): Own({"text": "busy"}),
    ("PUT", "me/do-not-disturb"): Own({}),
    ("PUT", "me/time-zone"): Own({"device": "Asia/Tokyo"}),
    ("PUT", "me/email"): Own({"email": "charlie@example.org"}, status=204),
    # A public profile: see tests/api/test_conventions.py.
    ("GET", "people/<uuid:person>"): Own(),
    ("GET", "people"): Own(query="q=nobody-of-that-name"),
    ("GET", "contacts"): Own(),
    # Of contacts alone: see tests/contacts/test_presence.py.
    ("GET", "presence"): Own(query="person={bob}"),
    ("GET", "devices"): Own(),
    ("DELETE", "devices"): Own(status=204),
    ("PATCH", "devices/<uuid:device>"): Own({"name": "mine"}, status=404),
    ("DELETE", "devices/<uuid:device>"): Own(status=404),
    ("GET", A_HOOK): Closed(),
    ("PUT", A_HOOK): Closed(HOOK),
    ("DELETE", A_HOOK): Closed(),
    ("GET", f"{A_CHAT}/webhooks/outgoing"): Closed(),
    ("POST", f"{A_CHAT}/webhooks/outgoing"): Closed(HOOK),
    ("PUT", f"{A_HOOK}/pause"): Closed(),
    ("PUT", f"{A_HOOK}/resume"): Closed({}),
    ("POST", f"{A_HOOK}/secret"): Closed(),
    ("POST", f"{A_HOOK}/test"): Closed(),
    ("GET", f"{A_HOOK}/log"): Closed(),
    ("GET", f"{A_HOOK}/log/<uuid:delivery>"): Closed(),
    ("POST", f"{A_HOOK}/log/<uuid:delivery>"): Closed(),
    # With bots of others: see tests/integrations.
    ("GET", "bots"): Own(),
    ("POST", "bots"): Own({"username": "mine"}, status=201),
    ("PATCH", "bots/<uuid:bot>"): Own({"name": "mine"}, status=404),
    ("DELETE", "bots/<uuid:bot>"): Own(status=404),
    ("POST", "bots/<uuid:bot>/tokens"): Own({"name": "x", "scopes": ["chats:read"]}, status=404),
    ("DELETE", "bots/<uuid:bot>/tokens/<uuid:token>"): Own(status=404),
    # Everybody's; with those of others: see tests/emoji.
    ("GET", "emoji"): Own(),
    ("GET", "emoji/images/<uuid:image>.webp"): Own(status=404),
    ("GET", "emoji/images/<uuid:image>-still.webp"): Own(status=404),
    ("PUT", "emoji/<str:name>"): Own(status=415),
    ("DELETE", "emoji/<str:name>"): Own(status=404),
    ("PUT", "emoji/<str:name>/aliases/<str:alias>"): Own(status=404),
    ("DELETE", "emoji/<str:name>/aliases/<str:alias>"): Own(status=404),
    # With an export of somebody else: see tests/accounts/exports/.
    ("GET", "exports"): Own(),
    ("POST", "exports"): Own(status=202),
    ("GET", "exports/<uuid:export>"): Own(status=404),
    # With files of others: see tests/files.
    ("GET", "files"): Own(),
    ("POST", "files"): Own({"client_id": str(uuid4()), "name": "a.txt", "size": 5}, status=201),
    ("GET", "files/storage"): Own(),
    ("GET", "files/bytes-saved"): Own(),
    ("PUT", "files/bytes-saved"): Own({"month": "{month}", "bytes": 1}),
    ("GET", "files/<uuid:file>"): Own(status=404),
    ("PATCH", "files/<uuid:file>"): Own({"name": "b.txt"}, status=404),
    ("DELETE", "files/<uuid:file>"): Own(status=404),
    ("PUT", "files/<uuid:file>/kept"): Own(status=404),
    ("DELETE", "files/<uuid:file>/kept"): Own(status=404),
    ("POST", "files/<uuid:file>/part"): Own({"start": 0, "size": 1}, status=404),
    ("PUT", "files/<uuid:file>/part"): Own({"start": 0}, status=404),
    ("HEAD", "files/<uuid:file>/content"): Own(status=404),
    ("PATCH", "files/<uuid:file>/content"): Own(status=415),
    ("GET", "files/<uuid:file>/content/<str:variant>"): Own(status=404),
    ("POST", "tickets"): Own(status=404),
    ("POST", "tokens"): Own({"username": "charlie", "password": "guess"}, status=401),
    # Without an identity provider.
    ("POST", "tokens/exchange"): Own({"provider_token": "guess"}, status=404),
    ("POST", "tokens/refresh"): Own({"refresh_token": "guess"}, status=401),
    ("POST", "tokens/revoke"): Own({"refresh_token": "guess"}, status=204),
    ("DELETE", "session"): Own(status=204),
    # Charlie has no password.
    ("PUT", "me/password"): Own({"password": "another good one"}, status=409),
    ("GET", "me/second-factor"): Own(),
    ("POST", "me/second-factor/app"): Own(status=409),
    ("PUT", "me/second-factor/app"): Own({"code": "000000"}, status=409),
    ("DELETE", "me/second-factor/app"): Own(status=404),
    ("POST", "me/second-factor/recovery-codes"): Own(status=409),
    ("POST", "me/second-factor/passkeys"): Own({"credential": {}}, status=409),
    ("POST", "me/second-factor/passkeys/options"): Own(status=409),
    # With a passkey of somebody else: see tests/accounts/test_factors_api.py.
    ("PATCH", "me/second-factor/passkeys/<int:passkey>"): Own({"name": "mine"}, status=404),
    ("DELETE", "me/second-factor/passkeys/<int:passkey>"): Own(status=404),
    # With an identity of somebody else: see tests/sso/test_identities_api.py.
    ("GET", "me/identities"): Own(),
    ("DELETE", "me/identities/<int:identity>"): Own(status=404),
    ("POST", "accounts"): Own({"username": "charlie", "password": "guess"}, status=400),
    ("POST", "session/proof"): Own({"password": "guess"}, status=403),
    ("POST", "session/proof/passkey"): Own(),
    # Before sign-in: see tests/accounts.
    ("POST", "session"): Own({"username": "charlie", "password": "guess"}, status=401),
    # Contacts: see tests/contacts.
    ("POST", "contacts/<uuid:person>/accept"): Own(status=409),
    ("PUT", "contacts/<uuid:person>/greeting"): Own({"text": "Hello"}, status=409),
    # Personal links: see tests/contacts/test_personal_links.py.
    ("GET", "me/link"): Own(status=404),
    ("PUT", "me/link"): Own(),
    ("DELETE", "me/link"): Own(status=404),
    ("GET", "with/<str:secret>"): Own(status=404),
    ("POST", "with/<str:secret>"): Own(status=404),
    **{
        ("POST", f"contacts/<uuid:person>/{verb}"): Own()
        for verb in ("invite", "decline", "cancel", "remove", "block", "unblock")
    },
}
