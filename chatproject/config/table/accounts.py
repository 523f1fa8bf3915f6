"""Who has an account, and how people sign in."""

from chatproject.config.setting import Setting
from chatproject.config.types import (
    certificates,
    choice,
    domains,
    flag,
    flag_or,
    guid,
    issuer,
    items,
    number,
    origin,
    text,
)

SETTINGS = (
    Setting(
        name="REGISTRATION",
        type=flag_or("open", "off", "invite", "domains"),
        default="open",
        help="who may register. `open` (or `true`): anybody; `invite`: with an invite link of a "
        "group or an invitation of an administrator; `domains`: with an e-mail address of "
        "REGISTRATION_DOMAINS, or an invitation of an administrator; `off` (or `false`): nobody",
        at_runtime=True,
    ),
    Setting(
        name="REGISTRATION_DOMAINS",
        type=domains("domains, separated by commas"),
        default="",
        help="domains of the e-mail addresses with which people may register, e.g. `example.org`; "
        "not those below it. People follow a link sent to the address before they have an account",
        at_runtime=True,
    ),
    Setting(
        name="STAFF_SECOND_FACTOR",
        type=flag(),
        default="true",
        help="the admin opens only for people who signed in with a second factor",
    ),
    Setting(
        name="STAFF_REAUTHENTICATION",
        type=number(1, 1_440),
        default="30",
        help="minutes after which the admin asks for the password again",
    ),
    Setting(
        name="BREAK_GLASS",
        type=flag(),
        default="false",
        help="moderators with the permission may read a part of a chat, once another one has "
        "approved it; docs/moderation.md says how",
    ),
    Setting(
        name="BREAK_GLASS_MAX_HOURS",
        type=number(1, 168),
        default="24",
        help="hours after which such an approval expires at the latest",
        at_runtime=True,
    ),
    Setting(
        name="BREAK_GLASS_DELAY",
        type=number(0, 720),
        default="24",
        help="hours between the end of such reading and when the members are told",
        at_runtime=True,
    ),
    Setting(
        name="LOCAL_ACCOUNTS",
        type=flag(),
        default="true",
        help="`false`: people sign in with OIDC_ISSUER only. Sign-in with a password and "
        "registration are switched off, and sessions that began with a password end",
    ),
    Setting(
        name="OIDC_ISSUER",
        type=issuer(),
        default="",
        help="the identity provider, e.g. `https://id.example.org/realms/parley`; docs/sso.md "
        "says how to set it up",
        shown_default="no single sign-on",
    ),
    Setting(
        name="OIDC_CA",
        type=certificates(),
        default="",
        shown_default="the public authorities",
        help="an authority that the provider's certificate may be from, beside the public ones",
    ),
    Setting(
        name="OIDC_CLIENT_ID",
        type=text("the id of a client"),
        default="parley",
        help="id of the client of this server at the provider",
    ),
    Setting(
        name="OIDC_CLIENT_SECRET",
        type=text("the secret of a client"),
        default="",
        help="secret of that client",
        secret=True,
    ),
    Setting(
        name="OIDC_NAME",
        type=text("a name"),
        default="Keycloak",
        help="name of the provider on the sign-in button",
    ),
    Setting(
        name="OIDC_ROLES_CLAIM",
        type=text("the name of a claim"),
        default="roles",
        help="claim that lists the roles of a person; dots lead into objects "
        "(`realm_access.roles`)",
    ),
    Setting(
        name="OIDC_STAFF_ROLE",
        type=text("a role"),
        default="",
        help="role that makes a person staff, checked at each sign-in",
        shown_default="the provider decides on no staff",
    ),
    Setting(
        name="OIDC_MODERATOR_ROLE",
        type=text("a role"),
        default="",
        help="role that puts a person into the group `moderators`, checked at each sign-in",
        shown_default="the provider decides on no moderators",
    ),
    Setting(
        name="OIDC_SECOND_FACTOR",
        type=items("values of `acr` or `amr`, separated by commas; or `any`"),
        default="",
        help="which sign-ins at the provider count as ones with a second factor, for "
        "STAFF_SECOND_FACTOR: those whose ID token has one of these values; `any`: all",
    ),
    Setting(
        name="OIDC_PROFILE_FOLLOWS",
        type=flag(),
        default="false",
        help="`true`: at each sign-in the name becomes the one at the provider",
        at_runtime=True,
    ),
    Setting(
        name="OIDC_PICTURE_FOLLOWS",
        type=choice("never", "unless_chosen", "always"),
        default="never",
        help="whether people get the picture that the provider names: `unless_chosen`: while they "
        "have chosen none here; `always`: at each sign-in, also over one that they chose here",
        at_runtime=True,
    ),
    Setting(
        name="OIDC_FRONT_CHANNEL_LOGOUT",
        type=flag(),
        default="false",
        help="`true`: the provider may end a session from a hidden frame; for providers without "
        "a back channel",
    ),
    Setting(
        name="OIDC_TIMEOUT",
        type=number(1, 10),
        default="5",
        help="seconds that the provider may take to connect or to send the next bytes",
    ),
    Setting(
        name="OIDC_POLL_SECONDS",
        type=number(10, 86_400),
        default="60",
        help="seconds between two checks whether a session has ended at the provider",
        at_runtime=True,
    ),
    Setting(
        name="OIDC_POLL_IDLE_HOURS",
        type=number(1, 1_440),
        default="72",
        help="hours without use after which a session is no longer checked, and so no longer kept "
        "alive at the provider; the next use makes it due",
        at_runtime=True,
    ),
    Setting(
        name="OIDC_APP_CLIENTS",
        type=items("ids of clients, separated by commas"),
        default="",
        help="ids of the public clients at the provider whose apps may sign in with their access "
        "tokens",
        shown_default="apps sign in with a password only",
    ),
    Setting(
        name="OIDC_APP_DAYS",
        type=number(1, 365),
        default="30",
        help="days after which an app that signed in with the provider must do so again; nothing "
        "tells this server earlier that a person was disabled there",
        at_runtime=True,
    ),
    Setting(
        name="SCIM_TOKEN",
        type=text("a long random string"),
        default="",
        shown_default="no SCIM",
        help="token with which a directory creates, changes and closes accounts at `/scim/v2/`; "
        "needs OIDC_ISSUER. docs/sso.md says how to set it up",
        secret=True,
        # Backups that are encrypted have all settings, and `files` makes them.
        only_for=("web", "files"),
    ),
    Setting(
        name="GRAPH_TENANT",
        type=guid(),
        default="",
        shown_default="no presence of Microsoft Teams",
        help="id of your directory (tenant) in Microsoft Entra ID: people can share their presence "
        "of Teams here. docs/microsoft-presence.md says how to set it up",
    ),
    Setting(
        name="GRAPH_CLIENT_ID",
        type=guid(),
        default="",
        shown_default="",
        help="id of the application that you registered there for this server",
    ),
    Setting(
        name="GRAPH_CLIENT_SECRET",
        type=text("the secret of an application"),
        default="",
        help="secret of that application",
        secret=True,
    ),
    Setting(
        name="GRAPH_URL",
        type=origin("`https://host[:port]`", "https"),
        default="https://graph.microsoft.com",
        help="Microsoft Graph; another one in a national cloud",
    ),
    Setting(
        name="GRAPH_LOGIN_URL",
        type=origin("`https://host[:port]`", "https"),
        default="https://login.microsoftonline.com",
        help="the sign-in of Microsoft; another one in a national cloud",
    ),
    Setting(
        name="ENDING_DAYS",
        type=number(1, 3650),
        default="90",
        help="days after which records of ended access (whose, how, when, and what it was) are "
        "deleted",
        at_runtime=True,
    ),
    Setting(
        name="EVIDENCE_DAYS",
        type=number(1, 3650),
        default="180",
        help="days after the decision of a report in which its evidence is kept, for an appeal; a "
        "report that nobody decides in as many days is closed",
        at_runtime=True,
    ),
    Setting(
        name="HELD_DAYS",
        type=number(1, 365),
        default="7",
        help="days after which a message that waits for a moderator is given back to its sender, "
        "if no moderator has decided",
        at_runtime=True,
    ),
    Setting(
        name="DELETION_DAYS",
        type=number(0, 365),
        default="14",
        help="days in which somebody who asked to delete their account can take it back by signing "
        "in; 0: it is deleted at once",
        at_runtime=True,
    ),
    Setting(
        name="RETENTION_DAYS",
        type=number(0, 3650),
        default="0",
        shown_default="0: for good",
        help="days after which messages are deleted for good, in all chats; fewer days count after "
        "a day. 0: they are kept. docs/retention.md",
        at_runtime=True,
    ),
)
