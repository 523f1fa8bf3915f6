"""A person's account and profile."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from apps.core.identifiers import new_id

validate_username = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?$",
    gettext_lazy(
        "Use 1 to 32 of a-z, 0-9, dot, dash and underscore; begin and end with a letter or digit."
    ),
)
username_validators = [validate_username]


class UserManager(BaseUserManager["User"]):
    """Creates accounts for Django; our code uses `accounts.actions.registration`."""

    def create_user(
        self, username: str, email: str = "", password: str | None = None, **extra: Any
    ) -> "User":
        """Save a person with a hashed password (or an unusable one)."""
        user = self.model(
            username=username.lower(), email=self.normalize_email(email) or None, **extra
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, email: str = "", password: str | None = None, **extra: Any
    ) -> "User":
        """As `create_user`, with every permission."""
        return self.create_user(
            username, email, password, is_staff=True, is_superuser=True, **extra
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `name`, `username`, `about`, the picture and the status are public; the rest is
    private.

    `time_zone` is the one that the person has chosen, or else that of the device used last.
    `share_seen`: whether others see how far the person has read, and the person how far others
    have. Do not disturb: every day from `dnd_start` to `dnd_end` by the clock of `time_zone` (over
    midnight when the end is earlier), and once until `dnd_until`. `auto_load`: which pictures load
    by themselves; `low_first`: their smallest variant. Devices may choose otherwise.

    `synced_*`: what another program (`synced_from`) says that the person is doing, until
    `synced_until`. It is their status while they have set none by hand; with `synced_quiet` they
    are not to be disturbed until then.

    An erased account stays as a row without any of this: messages and chats refer to it.

    `slowed_until` and `has_warning` say that the person has a `Slowdown` and an unacknowledged
    `PersonWarning`, so that a send and a welcome read those only of people who have one.
    `has_decision`: moderators decided a report of the person that they have not looked at since.

    `is_bot`: a program signs in with tokens that its owner made (app `integrations`); nobody signs
    in with a password.

    `version` counts changes of the profile (optimistic concurrency); `stream_rev` is the
    revision of the last change in the person's stream.
    """

    class AutoLoad(models.TextChoices):
        ALWAYS = "always"
        GOOD = "good"
        NEVER = "never"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=32, unique=True, validators=[validate_username])
    name = models.CharField(max_length=80, blank=True)
    about = models.CharField(max_length=200, blank=True)
    # A File. No foreign key: the app of files builds on this one.
    picture = models.UUIDField(null=True, blank=True)
    email = models.EmailField(unique=True, null=True, blank=True)
    locale = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    # NULL: as a server of the release before wrote it. Read `has_chosen_zone`.
    time_zone_chosen = models.BooleanField(null=True, default=False)
    status_text = models.CharField(max_length=80, blank=True, db_default="")
    status_emoji = models.CharField(max_length=64, blank=True, db_default="")
    status_until = models.DateTimeField(null=True, blank=True)
    synced_from = models.CharField(max_length=16, blank=True, db_default="")
    synced_text = models.CharField(max_length=80, blank=True, db_default="")
    synced_emoji = models.CharField(max_length=64, blank=True, db_default="")
    synced_until = models.DateTimeField(null=True, blank=True)
    synced_quiet = models.BooleanField(default=False, db_default=False)
    dnd_start = models.TimeField(null=True, blank=True)
    dnd_end = models.TimeField(null=True, blank=True)
    dnd_until = models.DateTimeField(null=True, blank=True)
    share_seen = models.BooleanField(default=True, db_default=True)
    auto_load = models.CharField(
        max_length=6, choices=AutoLoad.choices, default=AutoLoad.ALWAYS, db_default=AutoLoad.ALWAYS
    )
    low_first = models.BooleanField(default=False, db_default=False)
    slowed_until = models.DateTimeField(null=True, blank=True)
    has_warning = models.BooleanField(default=False, db_default=False)
    has_decision = models.BooleanField(default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)
    stream_rev = models.BigIntegerField(default=0)
    is_bot = models.BooleanField(default=False, db_default=False)
    # Whose bot it is: it acts while their account is open. The index is below.
    bot_owner = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    # What closed the account (a `Way` of accounts.models.ending); empty while it is open.
    closed_way = models.CharField(max_length=16, blank=True, default="", db_default="")
    # When everything above was deleted for good; such an account is never opened again.
    erased_at = models.DateTimeField(null=True, blank=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    # The text that people are found by: name and username, folded (lower case, no accents) by the
    # database.
    search_name = models.GeneratedField(
        expression=models.Func(
            models.F("username"), models.F("name"), function="parley_person_fold"
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="username_any_case")]
        indexes = [
            # contacts.queries.people.find: prefix and typo-tolerant matches.
            GinIndex(OpClass("search_name", "gin_trgm_ops"), name="user_search_name"),
            # accounts.admin.people: the filters of the list, in its order.
            models.Index("username", name="user_staff", condition=models.Q(is_staff=True)),
            models.Index("username", name="user_closed", condition=models.Q(is_active=False)),
            # integrations.queries.bots: the bots of a person.
            models.Index(
                "bot_owner", name="user_bots", condition=models.Q(bot_owner__isnull=False)
            ),
            # contacts.queries.people.may_see_picture: whose picture a file is.
            models.Index("picture", name="user_picture", condition=models.Q(picture__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def has_chosen_zone(self) -> bool:
        """Whether the person has chosen their time zone. Before that could be told, UTC was the
        zone of everybody who had not."""
        chosen = self.time_zone_chosen
        return self.time_zone != "UTC" if chosen is None else chosen

    def get_full_name(self) -> str:
        """The name that others see."""
        return self.name or self.username
