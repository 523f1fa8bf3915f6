"""Makes the mail of a digest. Made when it is sent, so that it says what is true then."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import Exists
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language_bidi, override

from apps.accounts.models import User
from apps.core.local_time import zone_named
from apps.core.runtime import runtime
from apps.notifications.digest_content import UnreadChat, unread_chats
from apps.notifications.models import Digest
from apps.notifications.queries.digests import unsubscribe_url, wants_texts

# A mail of more chats only says how many more there are: about 60 kB at most.
MAX_LISTED = 20
TEMPLATE = "notifications/email/digest"
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


class Content:
    """What a claimed digest tells, read in one snapshot.

    `person` None: nothing is to be sent, because the account is closed or has no address, the
    person has changed their mind since, or the claim has run out.
    """

    def __init__(self, row: Digest) -> None:
        self.row = row
        self.chats: Sequence[UnreadChat] = ()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(SNAPSHOT)
            current = Digest.objects.filter(
                pk=row.pk, attempt=row.attempt, claimed_at__isnull=False, next_at__lte=Now()
            )
            people = User.objects.filter(id=row.user_id, is_active=True, email__isnull=False)
            self.person = people.filter(Exists(current)).first()
            if self.person is not None:
                texts = runtime.DIGEST_TEXTS and wants_texts(row)
                self.chats = unread_chats(
                    row.user_id, locale=self.person.locale, texts=texts, told=not row.trial
                )

    @property
    def address(self) -> str:
        """Where the mail goes."""
        return (self.person and self.person.email) or ""

    def mail(self) -> EmailMultiAlternatives | None:
        """The mail; None if there is nothing to tell. One that the person asked for says so."""
        if self.person is None or not (self.chats or self.row.trial):
            return None
        with override(self.person.locale), timezone.override(zone_named(self.person.time_zone)):
            return _mail(self.row, self.person, self.address, self.chats)


def _mail(
    row: Digest, person: User, address: str, chats: Sequence[UnreadChat]
) -> EmailMultiAlternatives:
    stop = unsubscribe_url(person.id)
    context = {
        "person": person,
        "trial": row.trial,
        "chats": [_listed(chat) for chat in chats[:MAX_LISTED]],
        "more_chats": len(chats[MAX_LISTED:]),
        "count": (count := sum(chat.count for chat in chats)),
        "shown": _shown(count, all(chat.counted_all for chat in chats)),
        "site": settings.PUBLIC_URL,
        "host": urlsplit(settings.PUBLIC_URL).netloc,
        "stop": stop,
        "change": f"{settings.PUBLIC_URL}{reverse('notifications')}",
        "rtl": get_language_bidi(),
    }
    subject = " ".join(render_to_string(f"{TEMPLATE}_subject.txt", context).split())
    mail = EmailMultiAlternatives(
        subject,
        render_to_string(f"{TEMPLATE}_message.txt", context),
        to=[address],
        headers={
            # RFC 8058: mail programs end the digests with one click, without a page.
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            # RFC 3834, and what programs before it look at: send no automatic replies.
            "Auto-Submitted": "auto-generated",
            "Precedence": "bulk",
            "Message-ID": _message_id(row),
        },
    )
    mail.attach_alternative(render_to_string(f"{TEMPLATE}_message.html", context), "text/html")
    return mail


def _message_id(row: Digest) -> str:
    """The same for each attempt at a digest: if one is sent twice because a worker was killed,
    mail servers and programs that compare ids show one."""
    seed = f"{row.user_id} {row.sent_at} {row.trial and row.next_at}"
    name = salted_hmac("notifications.digest", seed, algorithm="sha256").hexdigest()[:32]
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"<{name}@{host.encode('idna').decode()}>"


def _listed(chat: UnreadChat) -> dict[str, object]:
    more = chat.count - len(chat.excerpts)
    return {
        "chat": chat,
        "url": f"{settings.PUBLIC_URL}/c/{chat.chat}/at/{chat.first}",
        "shown": _shown(chat.count, chat.counted_all),
        "more": more,
        "more_shown": _shown(more, chat.counted_all),
    }


def _shown(count: int, counted_all: bool) -> str:
    return str(count) if counted_all else f"{count}+"
