"""Invite links of groups: who may use and see them, and for how long."""

from datetime import timedelta
from importlib import import_module
from uuid import UUID

import pytest
from django.db import connection

from apps.chats.actions import groups, invite_links
from apps.chats.invite_secrets import hash_of
from apps.chats.models import InviteLink, Member
from apps.chats.models.member import Role
from apps.chats.queries.invite_links import links_of, url
from apps.core.errors import (
    NotFound,
)
from tests.chats.actions.test_groups import join, old_times
from tests.support.people import person, signed_in


class TestInviteLinks:
    def test_only_a_hash_is_stored(self, crew, alice):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        stored = InviteLink.objects.get(id=made.id)
        assert made.secret not in str(vars(stored))
        assert len(made.secret) >= 32 + 22  # 128 bits in base64 after the id

    def test_a_secret_of_an_older_release_works_and_is_not_readable(self, crew, alice, charlie):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        InviteLink.objects.filter(id=made.id).update(secret_hash=hash_of("random"))
        [stored] = links_of(alice.id, crew)
        assert url(stored) is None
        assert invite_links.join_by_link(charlie.id, "random") == crew

    def test_a_new_key_of_the_server_ends_links(self, crew, alice, charlie, settings):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        secret = made.secret
        settings.SECRET_KEY = "another"
        with pytest.raises(NotFound):
            invite_links.join_by_link(charlie.id, secret)

    def test_revoked_expired_and_unknown_links_are_not_found(self, crew, alice, charlie):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        invite_links.revoke_link(alice.id, crew, link_id=made.id)
        old = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        InviteLink.objects.filter(id=old.id).update(expires_at=old_times())
        forged = made.secret[:-1] + ("A" if made.secret[-1] != "A" else "B")
        for secret in (made.secret, old.secret, forged, "guess", "a.guess"):
            with pytest.raises(NotFound):
                invite_links.join_by_link(charlie.id, secret)

    def test_those_who_may_make_links_read_them_again(self, crew, alice, bob, charlie):
        groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
        join(crew, charlie)
        at = f"/api/v1/chats/{crew}/links"
        body = {"hours": 1, "most_uses": 5}
        made = signed_in(alice).post(at, body, "application/json").json()
        assert invite_links.find_link(made["url"].rpartition("/join/")[2])
        picture = f"/c/{crew}/links/{made['id']}.svg"
        # Charlie reads none of them, nor does somebody outside.
        expected = {
            alice: (200, 200),
            bob: (200, 200),
            charlie: (403, 404),
            person("dan"): (404, 404),
        }
        for who, (status, of_picture) in expected.items():
            client = signed_in(who)
            response = client.get(at)
            assert (response.status_code, client.get(picture).status_code) == (status, of_picture)
            if status == 200:
                assert response.json()["items"][0] == made
        invite_links.revoke_link(bob.id, crew, link_id=UUID(made["id"]))
        assert signed_in(alice).get(picture).status_code == 404

    def test_a_member_does_not_consume_a_use(self, crew, alice, bob):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=1)
        assert invite_links.join_by_link(bob.id, made.secret) == crew
        assert InviteLink.objects.get(id=made.id).uses == 0

    @pytest.mark.parametrize("how", ["removed", "left", "demoted"])
    def test_links_are_revoked_when_their_creator_loses_the_right(
        self, crew, alice, bob, charlie, how
    ):
        groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
        gone = invite_links.create_link(bob.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        stays = invite_links.create_link(
            alice.id, crew, lifetime=timedelta(hours=1), most_uses=None
        )
        if how == "removed":
            groups.remove_member(alice.id, crew, person=bob.id)
        elif how == "left":
            groups.leave_group(bob.id, crew)
        else:
            groups.change_role(alice.id, crew, person=bob.id, role=Role.MEMBER)
        with pytest.raises(NotFound):
            invite_links.join_by_link(charlie.id, gone.secret)
        assert invite_links.join_by_link(charlie.id, stays.secret) == crew

    def test_links_stay_when_the_new_role_keeps_the_right(self, crew, alice, bob, charlie):
        groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
        link = invite_links.create_link(bob.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
        assert invite_links.join_by_link(charlie.id, link.secret) == crew

    def test_a_group_without_members_cannot_be_joined(self, crew, alice, bob, charlie):
        link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        groups.leave_group(bob.id, crew)
        groups.leave_group(alice.id, crew)
        # Even if a link was not revoked.
        InviteLink.objects.update(revoked_at=None)
        for who in (bob, charlie):
            with pytest.raises(NotFound):
                invite_links.join_by_link(who.id, link.secret)
        assert not Member.objects.filter(chat=crew, left_rev=None).exists()

    def test_the_migration_sets_removed_and_revokes_links(self, crew, alice, bob, charlie):
        """Finds removed members by their entry, and revokes links of people without the right."""
        left_over = invite_links.create_link(
            alice.id, crew, lifetime=timedelta(hours=1), most_uses=None
        )
        InviteLink.objects.update(made_by_id=bob.id)
        stays = invite_links.create_link(
            alice.id, crew, lifetime=timedelta(hours=1), most_uses=None
        )
        join(crew, charlie)
        groups.leave_group(charlie.id, crew)
        groups.remove_member(alice.id, crew, person=bob.id)
        Member.objects.update(removed=False)
        InviteLink.objects.update(revoked_at=None)
        migration = import_module("apps.chats.migrations.0007_member_removed")
        with connection.cursor() as cursor:
            cursor.execute(migration.REMOVED_BEFORE)
            cursor.execute(migration.OUTLIVED)
        assert [row.user_id for row in Member.objects.filter(removed=True)] == [bob.id]
        assert InviteLink.objects.get(id=left_over.id).revoked_at is not None
        assert InviteLink.objects.get(id=stays.id).revoked_at is None
