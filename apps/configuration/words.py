"""What administrators read for the settings that change while the server runs: a name, and what the
value does. For rate limits: what is counted."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    """The name of a setting, and its effect."""

    title: str | Promise
    effect: str | Promise


SETTINGS: dict[str, Words] = {
    "MAX_FILE_MB": Words(
        _("Size of a file, MB"),
        _("The largest that people may send. Open apps learn it within seconds."),
    ),
    "FILES_QUOTA_MB": Words(
        _("Files of a person, MB"),
        _("What the files of one person may take. 0: any amount. Files that are there stay."),
    ),
    "REGISTRATION": Words(
        _("Who may register"),
        _(
            "open: anybody. invite: with an invite link of a group or an invitation of an "
            "administrator. domains: with an e-mail address of the domains below, or an "
            "invitation. off: nobody."
        ),
    ),
    "REGISTRATION_DOMAINS": Words(
        _("Domains of those who may register"),
        _("Separated by commas, not those below them. Used while who may register is: domains."),
    ),
    "BREAK_GLASS_MAX_HOURS": Words(
        _("Hours that an approved reading may last"),
        _("The most. What is approved already ends when it was to end."),
    ),
    "BREAK_GLASS_DELAY": Words(
        _("Hours until members are told of a reading"),
        _("After its end. 0: they are told at once. Also for readings that have ended."),
    ),
    "OIDC_PROFILE_FOLLOWS": Words(
        _("Names follow the identity provider"),
        _("true: at each sign-in the name becomes the one at the provider."),
    ),
    "OIDC_PICTURE_FOLLOWS": Words(
        _("Pictures follow the identity provider"),
        _("unless_chosen: while people have chosen none here. always: at each sign-in."),
    ),
    "OIDC_POLL_SECONDS": Words(
        _("Seconds between two checks of a session at the identity provider"),
        _("Each session is asked about this often, from its next check on."),
    ),
    "OIDC_POLL_IDLE_HOURS": Words(
        _("Hours without use after which a session is not checked"),
        _("At the identity provider; the next use makes it due."),
    ),
    "OIDC_APP_DAYS": Words(
        _("Days until an app signs in with the provider again"),
        _("For sign-ins from now on."),
    ),
    "ENDING_DAYS": Words(
        _("Days that records of ended access are kept"),
        _("Older ones are deleted within the hour, and do not come back."),
    ),
    "EVIDENCE_DAYS": Words(
        _("Days that evidence is kept"),
        _(
            "After the decision of a report. Older copies are deleted within the hour, and do not "
            "come back. A report that nobody decides in as many days is closed."
        ),
    ),
    "HELD_DAYS": Words(
        _("Days that a message waits for a moderator"),
        _("Then it is given back to its sender. For messages that are held from now on."),
    ),
    "DELETION_DAYS": Words(
        _("Days to take the deletion of an account back"),
        _("For those who ask from now on. 0: the account is deleted at once."),
    ),
    "RETENTION_DAYS": Words(
        _("Days that messages are kept"),
        _(
            "Older ones are deleted for good, in all chats. Fewer days count after a day, so that "
            "you can still change your mind. 0: messages are kept."
        ),
    ),
    "EMOJI_ADDED_BY": Words(
        _("Who may add emoji"),
        _("everyone: up to 100 a person. moderators: they alone. Emoji that are there stay."),
    ),
    "GROUP_SIZE": Words(
        _("Members of a group"), _("The most. Groups that are larger keep their members.")
    ),
    "SENDS_PER_SECOND": Words(
        _("Messages a second"),
        _("That one person may send through one process, on average; three times as many at once."),
    ),
    "LIMITS_TIMES": Words(
        _("All rate limits of a person, times"),
        _(
            "Multiplies the rate limits, except those that somebody has set, and those that have a "
            "setting here."
        ),
    ),
    "NEWCOMER_HOURS": Words(
        _("Hours in which an account is new"),
        _("New accounts are limited by the settings below. 0: none is. Staff are not limited."),
    ),
    "NEWCOMER_INVITATIONS": Words(
        _("Invitations of a new account"),
        _("People invited as contacts, and invite links of groups, together."),
    ),
    "NEWCOMER_GROUPS": Words(
        _("Groups of a new account"), _("Groups that a new account may make.")
    ),
    "NEWCOMER_LINK_MESSAGES": Words(
        _("Messages with links of a new account"), _("Through one process.")
    ),
    "NEWCOMER_SSO": Words(
        _("Limit new people of the identity provider, too"),
        _("true: people of the identity provider or the directory are limited as new accounts."),
    ),
    "CONNECTIONS_PER_PERSON": Words(
        _("Connections of a person"),
        _("At a time, in one web process. Open ones stay."),
    ),
    "CONNECTS_PER_SESSION": Words(_("Connects of a session"), _("A minute, in one web process.")),
    "CONNECTS_PER_ADDRESS": Words(
        _("Connects of an address"),
        _(
            "A minute, in one web process. An office may have one address: if this is too "
            "small, its people cannot reconnect at once."
        ),
    ),
    "HISTORY_PAGE": Words(
        _("Messages in a page of history"), _("The most that one request reads.")
    ),
    "LINK_PREVIEWS": Words(
        _("Previews of links"), _("false: the server fetches no page that people link to.")
    ),
    "OUTGOING_WEBHOOKS": Words(
        _("Outgoing webhooks"),
        _("false: nothing is sent to the webhooks of groups; those who make them read why."),
    ),
    "EXTERNAL_COMMANDS": Words(
        _("Commands of other servers"),
        _("false: slash commands that other servers answer cannot be run."),
    ),
    "PUSH_AFTER": Words(
        _("Seconds before a push"),
        _(
            "That a message may stay unread, where people choose nothing else. For messages from "
            "now on."
        ),
    ),
    "PUSH_CONTENT": Words(
        _("Content in pushes"), _("false: pushes contain neither sender nor text.")
    ),
    "PUSH_LEDGER_DAYS": Words(
        _("Days that records of notifications are kept"),
        _("Older ones are deleted within the hour, and do not come back."),
    ),
    "DIGEST": Words(
        _("Digest by e-mail"),
        _(
            "How often people get one who choose nothing else: off, daily, weekdays or weekly "
            "(Mondays), at 08:00 in their time zone."
        ),
    ),
    "DIGEST_TEXTS": Words(
        _("Texts in digests"),
        _("false: digests say who wrote and how much, and quote no message."),
    ),
    "SECURITY_CONTACT": Words(
        _("Contact for weaknesses"),
        _("A mail address, or an address on the web. Shown at /.well-known/security.txt."),
    ),
    "LOG_LEVEL": Words(
        _("Log level"),
        _("Of web processes and workers. DEBUG writes much, never the words of a message."),
    ),
    "MOTD": Words(
        _("Message of the day"),
        _(
            "A line that all people see under their chats, within seconds, until they close it. "
            "Addresses are links. Empty: none."
        ),
    ),
}
LIMITS: dict[str, Promise] = {
    "sends": _("Messages sent"),
    "connects-of-session": _("Connects of one session"),
    "connects-of-address": _("Connects of one address"),
    "resumes": _("Resumed connections"),
    "commands": _("Commands over the live connection"),
    "reads": _("Reads over the API"),
    "receipts": _("Read and delivered marks"),
    "typing": _("“Is typing” in one chat"),
    "edits": _("Edited messages"),
    "deletes": _("Deleted messages and files"),
    "reactions": _("Reactions"),
    "pins": _("Pinned messages"),
    "saved": _("Saved messages"),
    "drafts": _("Drafts"),
    "marks": _("Settings of chats: pin, mute, archive"),
    "direct-chats": _("Direct chats opened"),
    "groups-an-hour": _("Groups made, short-term"),
    "groups-a-day": _("Groups made, long-term"),
    "group-changes": _("Changes of groups"),
    "members-added": _("People added to groups"),
    "added-by-one": _("Groups into which one person puts the same other person"),
    "links": _("Invite links made or revoked"),
    "link-tries": _("Invite links tried"),
    "link-views": _("Invite links looked at from one address, not signed in"),
    "scheduled": _("Scheduled messages"),
    "contacts": _("Answers to contact invitations"),
    "invitations": _("Contact invitations"),
    "profile": _("Changes of the profile"),
    "email": _("Changes of the e-mail address"),
    "preferences": _("Changes of notification settings"),
    "digests": _("Digests asked for"),
    "devices": _("Devices named, apps signed in"),
    "slash-commands": _("Commands run, such as /status, and answers dismissed"),
    "bots": _("Bots and tokens made, changed and revoked"),
    "emoji": _("Emoji and their aliases added and removed"),
    "webhook-posts": _("Messages posted to one incoming webhook"),
    "command-answers": _("Later answers of one command in one group"),
    "webhook-failures": _("Posts of one address at no webhook or without its secret"),
    "outgoing-webhooks": _("Outgoing webhooks made, changed and tested"),
    "plugin-acts": _("Votes, and what else people do with entries of plugins"),
    "refreshes": _("Renewed tokens of an app"),
    "tickets": _("Connection tickets of apps"),
    "uploads": _("Uploads"),
    "chunks": _("Parts of uploads"),
    "file-changes": _("Files kept or renamed"),
    "bytes-saved": _("Reports of saved bytes"),
    "downloads": _("Downloads"),
    "exports": _("Exports of own data"),
    "second-factor": _("Changes of the second factor"),
    "passwords": _("Changes of the password"),
    "deletions": _("Requests to delete the account"),
    "identities": _("Linked identities changed"),
    "sso-sign-ins": _("Sign-ins with the provider from one address"),
    "sso-logouts": _("Sign-outs by the provider from one address"),
    "sso-front-logouts": _("Front-channel sign-outs from one address"),
    "graph-notifications": _("Notifications of Microsoft Graph from one address"),
    "scim": _("Requests of a directory from one address"),
    "scim-failures": _("Wrong tokens of a directory from one address"),
    "push-devices": _("Browsers that subscribe to pushes"),
    "rehearsals": _("Tried-out notification settings"),
    "warnings": _("Warnings acknowledged"),
    "people": _("Searches for people"),
    "moderation": _("Requests of a moderator over the API"),
    "reports": _("Reports"),
    "newcomer-invitations": _("Invitations of a new account"),
    "newcomer-groups": _("Groups of a new account"),
    "newcomer-link-messages": _("Messages with links of a new account"),
    "searches": _("Searches"),
}
