"""What a directory does with people, in the words of Microsoft Entra ID and Okta."""

from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts, suspensions
from apps.accounts.actions.access import Way
from apps.accounts.models import Ending, Session, User
from apps.chats.actions import groups, scheduled
from apps.chats.models import Member, Scheduled
from apps.chats.models.member import Role
from apps.core.identifiers import new_id
from apps.scim.models import DirectoryEntry
from apps.sso.models import Identity
from tests.scim.conftest import ISSUER, PATCH, USER
from tests.support.people import in_touch, person, session_of
from tests.support.threads import in_thread, meanwhile, wait_for_a_lock

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def account_of(found):
    return DirectoryEntry.objects.get(id=found["id"]).user


def test_a_person_of_the_directory_gets_an_account_that_their_identity_opens(directory):
    made = directory.create(
        "Kim.Lee@corp.example",
        externalId="subject-1",
        name={"givenName": "Kim", "familyName": "Lee"},
        emails=[{"value": "kim@corp.example", "type": "work", "primary": True}],
    )
    account = account_of(made)
    assert (account.username, account.name) == ("kim.lee", "Kim Lee")
    assert not account.has_usable_password()
    identity = Identity.objects.get()
    assert (identity.user, identity.issuer, identity.subject) == (account, ISSUER, "subject-1")
    assert made["meta"]["location"].endswith(f"/scim/v2/Users/{made['id']}")
    assert directory.send("get", f"Users/{made['id']}").json() == made


def test_an_email_address_or_user_name_links_no_account(directory, alice):
    User.objects.filter(id=alice.id).update(email="alice@corp.example")
    made = directory.create(
        "alice", externalId="subject-1", emails=[{"value": "alice@corp.example", "primary": True}]
    )
    account = account_of(made)
    assert account.id != alice.id
    assert (account.username, account.email) == ("alice-2", None)
    directory.patch(made["id"], {"op": "replace", "path": "active", "value": False})
    assert User.objects.get(id=alice.id).is_active


def test_the_account_of_a_person_who_has_signed_in_before_is_found_by_their_subject(
    directory, alice
):
    Identity.objects.create(user=alice, issuer=ISSUER, subject="subject-1")
    Identity.objects.create(user=person("other"), issuer="https://other.example", subject="s-2")
    assert account_of(directory.create("a.smith", externalId="subject-1")).id == alice.id
    assert account_of(directory.create("b.smith", externalId="s-2")).username == "b.smith"


def test_deactivation_ends_everything_and_is_recorded(directory, alice, bob):
    Identity.objects.create(user=alice, issuer=ISSUER, subject="subject-1")
    made = directory.create("a.smith", externalId="subject-1")
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    due = timezone.now() + timedelta(hours=1)
    scheduled.schedule(alice.id, crew, client_id=new_id(), text="later", due_at=due)
    session_of(alice)
    answer = directory.patch(made["id"], {"op": "Replace", "path": "active", "value": "False"})
    assert (answer.status_code, answer.json()["active"]) == (200, False)
    assert not Session.objects.filter(user=alice).exists()
    assert Scheduled.objects.get().state == "cancelled"
    assert Member.objects.get(chat=crew, user=bob).role == Role.OWNER
    ending = Ending.objects.get(account=True)
    assert (ending.way, ending.by_id) == (Ending.Way.DIRECTORY, None)
    # Again: nothing more to end.
    directory.patch(made["id"], {"op": "Replace", "path": "active", "value": "False"})
    assert Ending.objects.filter(account=True).count() == 1


CLOSING = {
    "Entra ID": [{"op": "Replace", "path": "active", "value": "False"}],
    "Entra ID, by the standard": [{"op": "replace", "path": "active", "value": False}],
    "Okta": [{"op": "replace", "value": {"active": False}}],
    "with a schema": [{"op": "replace", "path": f"{USER}:active", "value": False}],
    "among others": [
        {"op": "Add", "path": "title", "value": "Chief"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Sales"},
        {"op": "Replace", "path": "active", "value": "False"},
    ],
}


@pytest.mark.parametrize("operations", CLOSING.values(), ids=CLOSING)
def test_directories_close_and_reopen_accounts_in_their_own_words(directory, operations):
    made = directory.create("kim", externalId="subject-1")
    assert directory.patch(made["id"], *operations).json()["active"] is False
    assert not account_of(made).is_active
    opened = directory.patch(made["id"], {"op": "Replace", "path": "active", "value": "True"})
    assert opened.json()["active"] is True
    assert account_of(made).is_active


NAMES = {
    "Entra ID": [
        {"op": "Add", "path": "name.givenName", "value": "Kim"},
        {"op": "Replace", "path": "name.familyName", "value": "Park"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "kim@corp.example"},
    ],
    "Okta": [{"op": "replace", "value": {"name": {"givenName": "Kim", "familyName": "Park"}}}],
    "names as keys": [
        {"op": "replace", "value": {"name.givenName": "Kim", "name.familyName": "Park"}}
    ],
    "display name": [{"op": "replace", "path": "displayName", "value": "Kim Park"}],
}


@pytest.mark.parametrize("operations", NAMES.values(), ids=NAMES)
def test_a_changed_name_appears_on_the_profile(directory, operations):
    made = directory.create("kim", name={"givenName": "K.", "familyName": "Lee"})
    answer = directory.patch(made["id"], *operations)
    assert answer.status_code == 200, answer.content
    assert account_of(made).name == "Kim Park"


def test_a_name_that_the_directory_has_not_changed_stays_as_the_person_chose_it(directory):
    made = directory.create("kim", displayName="Kim Lee")
    User.objects.filter(id=account_of(made).id).update(name="Kimmy")
    directory.send("put", f"Users/{made['id']}", {**made, "title": "Chief"})
    assert account_of(made).name == "Kimmy"


def test_replacing_a_person_changes_what_is_given_and_removes_the_rest(directory):
    made = directory.create("kim", displayName="Kim", emails=[{"value": "kim@corp.example"}])
    body = {"schemas": [USER, ENTERPRISE], "userName": "kim.park", "active": False}
    answer = directory.send("put", f"Users/{made['id']}", body)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["userName"], found["active"]) == ("kim.park", False)
    assert "emails" not in found
    assert "displayName" not in found
    assert not account_of(made).is_active
    # A request that does not speak of `active` changes nothing about it.
    directory.send("put", f"Users/{made['id']}", {"schemas": [USER], "userName": "kim.park"})
    assert not account_of(made).is_active


def test_a_deleted_person_is_gone_from_the_directory_and_their_account_is_closed(directory):
    made = directory.create("kim", externalId="subject-1")
    account = account_of(made)
    answer = directory.send("delete", f"Users/{made['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert directory.send("get", f"Users/{made['id']}").status_code == 404
    assert directory.send("delete", f"Users/{made['id']}").status_code == 404
    account.refresh_from_db()
    assert not account.is_active
    # Somebody who comes back gets their account back, under a new id.
    again = directory.create("kim", externalId="subject-1")
    assert again["id"] != made["id"]
    assert account_of(again) == account
    assert account_of(again).is_active


def test_the_directory_does_not_reopen_what_others_have_closed(directory):
    made = directory.create("kim", externalId="subject-1")
    accounts.deactivate(account_of(made).id)
    answer = directory.patch(made["id"], {"op": "replace", "path": "active", "value": True})
    assert answer.json()["active"] is False
    directory.send("delete", f"Users/{made['id']}")
    assert directory.create("kim", externalId="subject-1")["active"] is False
    assert Ending.objects.filter(way=Ending.Way.DIRECTORY).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_suspended_person_who_leaves_stays_closed_when_the_suspension_ends(directory):
    made = directory.create("kim", externalId="subject-1")
    account = account_of(made)
    suspensions.begin(account.id, until=None, reason="spam")
    directory.patch(made["id"], {"op": "replace", "path": "active", "value": False})
    suspensions.end(account.id)
    account.refresh_from_db()
    assert (account.is_active, account.closed_way) == (False, Way.DIRECTORY)


@pytest.mark.parametrize("closed_before", [False, True])
@pytest.mark.django_db(transaction=True)
def test_who_is_closed_by_an_administrator_meanwhile_stays_closed(directory, closed_before):
    made = directory.create("kim", externalId="subject-1")
    account = account_of(made)
    if closed_before:
        accounts.deactivate(account.id, way=Way.DIRECTORY)
    change = {"op": "replace", "path": "active", "value": closed_before}
    meanwhile(
        partial(accounts.deactivate, account.id), partial(directory.patch, made["id"], change)
    )
    account.refresh_from_db()
    assert (account.is_active, account.closed_way) == (False, Way.ADMINISTRATOR)


def test_a_used_account_is_never_linked_to_another_identity(directory):
    made = directory.create("kim", externalId="subject-1")
    moved = directory.patch(made["id"], {"op": "replace", "path": "externalId", "value": "s-2"})
    assert moved.status_code == 200
    assert [*Identity.objects.values_list("subject", flat=True)] == ["s-2"]
    User.objects.filter(id=account_of(made).id).update(last_login=timezone.now())
    body = {"schemas": [USER], "userName": "kim", "externalId": "the-attacker"}
    for answer in (
        directory.patch(made["id"], {"op": "replace", "path": "externalId", "value": "attacker"}),
        directory.send("put", f"Users/{made['id']}", body),
        directory.patch(made["id"], {"op": "remove", "path": "externalId"}),
    ):
        assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    assert [*Identity.objects.values_list("subject", flat=True)] == ["s-2"]


def test_user_names_and_subjects_are_unique(directory):
    first = directory.create("kim", externalId="subject-1")
    other = directory.create("lee", externalId="subject-2")
    for body in ({"userName": "KIM"}, {"userName": "kim-2", "externalId": "subject-1"}):
        answer = directory.send("post", "Users", {"schemas": [USER], **body})
        assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")
    answer = directory.patch(other["id"], {"op": "replace", "path": "userName", "value": "Kim"})
    assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")
    answer = directory.patch(
        other["id"], {"op": "replace", "path": "externalId", "value": "subject-1"}
    )
    assert answer.status_code == 409
    assert [*User.objects.values_list("username", flat=True)] == ["kim", "lee"]
    assert directory.send("get", f"Users/{first['id']}").json() == first


def test_people_are_found_by_user_name_and_subject(directory, alice):
    kim = directory.create("Kim@corp.example", externalId="Subject-1")
    directory.create("lee@corp.example", externalId="subject-2")
    for text, found in {
        'userName eq "kim@CORP.example"': [kim],
        'username EQ "kim@corp.example"': [kim],
        'externalId eq "Subject-1"': [kim],
        'externalId eq "subject-1"': [],
        f'id eq "{kim["id"]}"': [kim],
        'id eq "nobody"': [],
        'userName eq "alice"': [],
        'userName eq "kim@corp.example" and externalId eq "subject-2"': [],
        'userName eq "\\" or userName pr"': [],
    }.items():
        answer = directory.client.get("/scim/v2/Users", {"filter": text})
        assert answer.status_code == 200, answer.content
        body = answer.json()
        assert (body["schemas"], body["totalResults"]) == ([LIST], len(found)), text
        assert body["Resources"] == found
    for text in ('userName co "k"', "title pr", "userName eq", 'emails.value eq "x"', "nonsense"):
        answer = directory.client.get("/scim/v2/Users", {"filter": text})
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter"), text


def test_the_list_is_paged(directory):
    made = [directory.create(f"kim{number}")["id"] for number in range(5)]

    def page(**query):
        body = directory.client.get("/scim/v2/Users", query).json()
        return (
            body["totalResults"],
            body["startIndex"],
            body["itemsPerPage"],
            [each["id"] for each in body["Resources"]],
        )

    assert page() == (5, 1, 5, made)
    assert page(startIndex=2, count=2) == (5, 2, 2, made[1:3])
    assert page(startIndex=0, count=1) == (5, 1, 1, made[:1])
    assert page(count=0) == (5, 1, 0, [])
    assert page(count=-3) == (5, 1, 0, [])
    assert page(startIndex=10**30) == (5, 6, 0, [])
    assert page(count=10**9)[2] == 5


def test_only_chosen_attributes_are_returned(directory):
    made = directory.create("kim", displayName="Kim")
    found = directory.send("get", f"Users/{made['id']}?attributes=userName").json()
    assert {*found} == {"schemas", "id", "userName"}
    [listed] = directory.send("get", "Users?excludedAttributes=displayName").json()["Resources"]
    assert "displayName" not in listed


@pytest.mark.parametrize(
    "body",
    [
        {"schemas": [USER]},
        {"schemas": [USER], "userName": " "},
        {"schemas": [USER], "userName": "k" * 256},
        {"schemas": [USER], "userName": "kim\0"},
        {"schemas": [USER], "userName": "kim", "externalId": "s" * 256},
        {"schemas": [USER], "userName": "kim", "active": "perhaps"},
        {"schemas": [USER], "userName": "kim", "displayName": "x\0"},
        {"schemas": [USER], "userName": "kim", "displayName": "x" * 20_000},
        {"schemas": [USER], "userName": ["kim"]},
        [],
        "kim",
    ],
)
def test_what_cannot_be_stored_is_refused_and_creates_nothing(directory, body):
    answer = directory.send("post", "Users", body)
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert answer.json()["status"] == "400"
    assert not User.objects.exists()


def test_a_patch_that_fails_changes_nothing(directory):
    made = directory.create("kim", displayName="Kim")
    for operations in (
        [{"op": "replace", "path": "displayName", "value": "K"}, {"op": "fly", "path": "active"}],
        [{"op": "replace", "path": "displayName", "value": "K"}, {"op": "remove"}],
        [{"op": "remove", "path": "userName"}],
        [{"op": "replace", "path": "id", "value": "1"}],
    ):
        answer = directory.patch(made["id"], *operations)
        assert answer.status_code == 400, answer.content
    broken = directory.client.patch(
        f"/scim/v2/Users/{made['id']}", "{", content_type="application/scim+json"
    )
    assert (broken.status_code, broken.json()["scimType"]) == (400, "invalidSyntax")
    nothing = directory.send("patch", f"Users/{made['id']}", {"schemas": [PATCH]})
    assert nothing.status_code == 400
    assert directory.send("get", f"Users/{made['id']}").json() == made


@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_name_never_reopens_an_account_that_is_being_closed(directory):
    """Each change reads the person under the lock of their row."""
    # Only when it runs: SCIM's library takes seconds in each process that collects this module.
    from apps.scim.actions import entries as actions

    made = directory.create("kim", externalId="subject-1")
    entry = DirectoryEntry.objects.get()
    threads = []

    closing = {"op": "replace", "path": "active", "value": False}
    close = partial(in_thread, partial(directory.patch, made["id"], closing))

    def close_meanwhile(current):
        threads.append(Thread(target=close))
        threads[0].start()
        wait_for_a_lock(threads[0])
        return current

    actions.change(entry.id, close_meanwhile)
    threads[0].join(30)
    assert not account_of(made).is_active
    assert Ending.objects.filter(way=Ending.Way.DIRECTORY).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_name_of_a_suspended_person_does_not_close_the_account(directory):
    """A directory that changes one attribute keeps what it has read of the others."""
    made = directory.create("kim", externalId="subject-1", displayName="Kim")
    account = account_of(made)
    suspensions.begin(account.id, until=None, reason="spam")
    directory.patch(made["id"], {"op": "replace", "path": "displayName", "value": "Kim Lee"})
    suspensions.end(account.id)
    account.refresh_from_db()
    assert (account.is_active, account.closed_way) == (True, "")
