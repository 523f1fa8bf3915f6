"""What people read of the parts: their names, states, and what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
STATES = {
    "ok": _("works"),
    "unavailable": _("unavailable"),
    "read_only": _("read-only"),
    "full": _("has no space left"),
    "late": _("late"),
    "unknown": _("not known yet"),
    "off": _("not configured"),
}
NAMES = {
    "database": _("Database"),
    "redis": _("Redis"),
    "storage": _("File storage"),
    "workers_celery": _("Workers: messages, accounts"),
    "workers_files": _("Workers: files"),
    "workers_push": _("Workers: pushes"),
    "beat": _("Scheduler (beat)"),
    "push_queue": _("Pushes that wait"),
    "search_index": _("Search index"),
    "backups": _("Backups"),
    "plugins": _("Plugins"),
    "mail": _("Mail server"),
    "identity_provider": _("Identity provider"),
    "microsoft_presence": _("Presence of Microsoft Teams"),
}
WORKER = _("Start a worker of the queue: celery -A chatproject worker -Q %(queue)s")
MENDS = {
    "database": _(
        "Start PostgreSQL, or check DATABASE_URL. If it is read-only, its disk may be full, or it "
        "is a replica. Until then no message can be sent. Once there is space again, it counts as "
        "full for five more minutes."
    ),
    "redis": _(
        "Start Valkey or Redis, or check REDIS_URL. Until then messages arrive seconds later."
    ),
    "storage": _(
        "Check FILES_ROOT or the S3 settings, and the space left. Until then files can be neither "
        "sent nor opened."
    ),
    "beat": _(
        "Start the scheduler: celery -A chatproject beat. Until then nothing happens on time."
    ),
    "push_queue": _(
        "See whether a worker of the queue push runs, and what its log says of push services."
    ),
    "search_index": _("See what the log of the workers says: they do not index messages in time."),
    "backups": _(
        "See the list of backups in the admin, and run manage.py backup and manage.py backup drill."
    ),
    "plugins": _(
        "See what the log says of the plugin. Until it works, messages are sent without it; it is "
        "tried again by itself. To switch it off, remove it from PLUGINS."
    ),
    "mail": _("Check EMAIL_URL and the mail server. Until then nobody can reset a password."),
    "identity_provider": _(
        "Check OIDC_ISSUER and the provider. Until then nobody can sign in with it."
    ),
    "microsoft_presence": _(
        "See docs/microsoft-presence.md: the application's secret and permissions. Until then no "
        "status of Teams is shown."
    ),
}
# By `apps.graph.queries.health`.
PRESENCE = {
    "sign_in": _("Microsoft refuses the secret or the application: %(said)s"),
    "refused": _("Microsoft Graph refuses a request: %(said)s"),
    "unavailable": _("Microsoft Graph does not answer: %(said)s"),
    "late": _("no worker asks Microsoft Graph in time"),
    "account": _("no notifications in the name of a connected account: %(said)s"),
}
WAITED = _("the oldest push that is due has waited for %(seconds)d s")
NOT_INDEXED = _("%(changes)d changes are not indexed yet")
PAUSED = _("paused because it keeps failing: %(plugins)s")
# By `apps.backups.queries.newest.lateness`.
BACKUPS = {
    "none": _("there is no complete backup"),
    "old": _("the newest backup is too old"),
    "unproven": _("no drill has lately restored a backup: it is unproven"),
    "damaged": _("the drill of the newest backup has failed"),
}


def mend(name: str) -> Text:
    """What to do about a part, in the current language."""
    queue = name.removeprefix("workers_") if name.startswith("workers_") else ""
    return WORKER % {"queue": queue} if queue else MENDS[name]
