"""API of groups, their members and invite links."""

from datetime import timedelta
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chats.actions import groups, invite_links
from apps.chats.api import group_schemas as schemas
from apps.chats.models import InviteLink
from apps.chats.models.member import Role
from apps.chats.queries import chat_list, members
from apps.chats.queries import invite_links as links
from apps.chats.queries.access import get_membership
from apps.core import limits
from apps.core.authentication import person_id
from apps.core.errors import (
    ChatClosed,
    Conflict,
    Forbidden,
    Full,
    NewAccount,
    NotContacts,
    NotPossible,
    PreconditionFailed,
)
from apps.wire import bodies
from apps.wire.etags import check_condition, has_condition, tagged
from apps.wire.http import decode
from apps.wire.idempotency import idempotent
from apps.wire.openapi import operation


class Groups(APIView):
    """`/groups`"""

    @operation(
        "createGroup",
        "Create a group",
        body=schemas.NewGroup,
        returns=bodies.Chat,
        status=(201,),
        errors=(
            NotContacts,
            Full,
            NewAccount,
        ),
        calls=groups.create_group,
        limits=(limits.MEMBERS_ADDED, limits.ADDED_BY_SAME_PERSON),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """The person becomes the owner."""
        form = decode(request, schemas.NewGroup)
        chat = groups.create_group(person_id(request), form.title, form.people)
        [body] = chat_list.by_ids(person_id(request), [chat])
        return Response(body, status=201)


class GroupTitle(APIView):
    """`/chats/{chat}/title`"""

    @operation("getTitle", "The title of a group", returns=schemas.Title, etag=True)
    def get(self, request: Request, chat: UUID) -> Response:
        """With an ETag of its own: that of the chat changes with every message."""
        return tagged(request, schemas.Title(get_membership(person_id(request), chat).chat.title))

    @operation(
        "renameGroup",
        "Rename a group",
        body=schemas.NewTitle,
        returns=None,
        status=(204,),
        etag=True,
        errors=(ChatClosed,),
        calls=groups.rename_group,
    )
    def put(self, request: Request, chat: UUID) -> Response:
        """All members are notified."""
        person, title = person_id(request), decode(request, schemas.NewTitle).title
        if not has_condition(request):
            groups.rename_group(person, chat, title)
            return Response(status=204)
        current = get_membership(person, chat).chat.title
        check_condition(request, schemas.Title(current))
        try:
            groups.rename_group(person, chat, title, replacing=current)
        except Conflict:
            raise PreconditionFailed from None
        return Response(status=204)


class GroupPicture(APIView):
    """`/chats/{chat}/picture`"""

    @operation(
        "setGroupPicture",
        "Set the picture of a group",
        body=schemas.NewPicture,
        returns=None,
        status=(204,),
        errors=(ChatClosed,),
        calls=groups.set_picture,
    )
    def put(self, request: Request, chat: UUID) -> Response:
        """All members are notified, and may see the file."""
        form = decode(request, schemas.NewPicture)
        groups.set_picture(person_id(request), chat, form.file)
        return Response(status=204)


class ChatMembers(APIView):
    """`/chats/{chat}/members`"""

    @operation("listMembers", "Who is in a chat", returns=schemas.Members)
    def get(self, request: Request, chat: UUID) -> Response:
        """All members, and the last 500 who left."""
        get_membership(person_id(request), chat)
        return Response(_members(chat))

    @operation(
        "addMembers",
        "Add contacts",
        body=schemas.NewMembers,
        returns=schemas.Members,
        errors=(
            ChatClosed,
            NotContacts,
            Full,
            NotPossible,
        ),
        calls=groups.add_members,
        limits=(limits.MEMBERS_ADDED, limits.ADDED_BY_SAME_PERSON),
    )
    def post(self, request: Request, chat: UUID) -> Response:
        """Returns all members."""
        form = decode(request, schemas.NewMembers)
        groups.add_members(person_id(request), chat, form.people)
        return Response(_members(chat))


class OneMember(APIView):
    """`/chats/{chat}/members/{person}`"""

    @operation(
        "changeRole",
        "Change a role",
        body=schemas.NewRole,
        returns=None,
        status=(204,),
        errors=(ChatClosed, NotPossible),
        calls=groups.change_role,
    )
    def patch(self, request: Request, chat: UUID, person: UUID) -> Response:
        """409 for the last owner."""
        role = Role(decode(request, schemas.NewRole).role)
        groups.change_role(person_id(request), chat, person=person, role=role)
        return Response(status=204)

    @operation(
        "removeMember",
        "Remove somebody, or leave",
        returns=None,
        status=(204,),
        errors=(ChatClosed, NotPossible),
        calls=groups.remove_member,
    )
    def delete(self, request: Request, chat: UUID, person: UUID) -> Response:
        """The person gets no later changes."""
        groups.remove_member(person_id(request), chat, person=person)
        return Response(status=204)


class Links(APIView):
    """`/chats/{chat}/links`"""

    @operation(
        "listInviteLinks", "Invite links of a group", returns=schemas.Links, errors=(Forbidden,)
    )
    def get(self, request: Request, chat: UUID) -> Response:
        """The usable links, the newest first."""
        usable = links.links_of(person_id(request), chat)
        return Response(schemas.Links([_link(link) for link in usable]))

    @operation(
        "createInviteLink",
        "Create an invite link",
        body=schemas.NewLink,
        returns=schemas.Link,
        status=(201,),
        errors=(ChatClosed, NotPossible, NewAccount),
        calls=invite_links.create_link,
    )
    @idempotent
    def post(self, request: Request, chat: UUID) -> Response:
        """Everybody who has its `url` can join."""
        form = decode(request, schemas.NewLink)
        made = invite_links.create_link(
            person_id(request),
            chat,
            lifetime=timedelta(hours=form.hours),
            most_uses=form.most_uses,
        )
        return Response(_link(made), status=201)


class OneLink(APIView):
    """`/chats/{chat}/links/{link}`"""

    @operation(
        "revokeInviteLink",
        "Revoke a link",
        returns=None,
        status=(204,),
        errors=(ChatClosed,),
        calls=invite_links.revoke_link,
    )
    def delete(self, request: Request, chat: UUID, link: UUID) -> Response:
        """The link cannot be used any more."""
        invite_links.revoke_link(person_id(request), chat, link_id=link)
        return Response(status=204)


class JoinByLink(APIView):
    """`/join/{secret}`"""

    @operation(
        "getInvitation",
        "Where a link leads",
        returns=schemas.Invitation,
        limits=(limits.LINK_TRIES,),
    )
    def get(self, request: Request, secret: str) -> Response:
        """Does not use up the link."""
        limits.check(limits.LINK_TRIES, person_id(request))
        return Response(invitation(secret))

    @operation(
        "joinByLink",
        "Join by a link",
        returns=bodies.Chat,
        errors=(ChatClosed, Full),
        calls=invite_links.join_by_link,
    )
    def post(self, request: Request, secret: str) -> Response:
        """Returns the group. 403 for people who were removed: only a member can add them again."""
        chat = invite_links.join_by_link(person_id(request), secret)
        [body] = chat_list.by_ids(person_id(request), [chat])
        return Response(body)


def _link(link: InviteLink) -> schemas.Link:
    return schemas.Link(link.id, links.url(link), link.expires_at, link.most_uses, link.uses)


def _members(chat: UUID) -> schemas.Members:
    return schemas.Members(members.of_chat(chat), members.former_of(chat))


def invitation(secret: str) -> schemas.Invitation:
    """What somebody may know before joining. Raises NotFound."""
    link = invite_links.find_link(secret)
    return schemas.Invitation(link.chat.title, len(members.of_chat(link.chat_id)))
