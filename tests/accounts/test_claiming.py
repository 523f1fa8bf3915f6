"""Who proves an address, and no other person, gets the account of the imported person with it."""

from functools import partial
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.core.management import call_command

from apps.accounts.actions import email_proofs, registration, suspensions
from apps.accounts.actions.placeholders import PastPerson, make_placeholder
from apps.accounts.models import Placeholder, User
from apps.accounts.suspended import is_suspended
from apps.core.errors import Invalid
from apps.core.identifiers import new_id
from apps.moderation.models import AuditRecord
from tests.support.people import PASSWORD
from tests.support.threads import together

ADDRESS = "olga@example.org"


@pytest.fixture(autouse=True)
def by_domain(db, settings):
    cache.clear()
    settings.REGISTRATION = "domains"
    settings.REGISTRATION_DOMAINS = ["example.org"]


@pytest.fixture
def olga():
    return imported()


def imported(email=ADDRESS, **more):
    past = PastPerson(id=new_id(), username="olga", name="Olga", about="Sings", email=email, **more)
    return make_placeholder(past, source="slack")


def proof_for(email, mailoutbox):
    email_proofs.send(email)
    return unquote(mailoutbox[-1].body.partition("proof=")[2].split()[0])


def test_registering_with_a_proven_address_claims_the_account(olga, mailoutbox):
    proof = proof_for("Olga@example.org", mailoutbox)
    user = registration.sign_up("olga.new", password=PASSWORD, proof=proof)
    assert user.id == olga.id
    olga.refresh_from_db()
    assert (olga.username, olga.name, olga.about) == ("olga.new", "Olga", "Sings")
    assert (olga.is_active, olga.email, olga.is_staff) == (True, ADDRESS, False)
    assert olga.check_password(PASSWORD)
    assert not Placeholder.objects.exists()
    record = AuditRecord.objects.get(action="claim_account")
    assert str(olga.id) in str(record.__dict__)


def test_an_address_that_is_not_proven_claims_nothing(olga, settings):
    settings.REGISTRATION = "open"
    charlie = registration.sign_up("charlie", password=PASSWORD, email=ADDRESS)
    assert charlie.id != olga.id
    olga.refresh_from_db()
    assert not olga.is_active
    assert Placeholder.objects.get().user == olga


def test_the_first_administrator_claims_nothing(olga):
    user = registration.register(
        "root", password=PASSWORD, email=ADDRESS, confirmed=True, administrator=True
    )
    assert user.id != olga.id


def test_another_proven_address_gets_an_account_of_its_own(olga, mailoutbox):
    proof = proof_for("charlie@example.org", mailoutbox)
    charlie = registration.sign_up("charlie", password=PASSWORD, proof=proof)
    assert charlie.id != olga.id
    assert Placeholder.objects.get().user == olga


def test_an_address_does_not_claim_somebody_who_had_left(mailoutbox):
    former = imported(former=True)
    proof = proof_for(ADDRESS, mailoutbox)
    assert registration.sign_up("olga.new", password=PASSWORD, proof=proof).id != former.id
    assert Placeholder.objects.get().user == former


def test_a_ban_of_an_imported_person_outlasts_the_claim(olga, mailoutbox):
    suspensions.begin(olga.id, until=None, reason="Spam in the old chats.")
    user = registration.sign_up("olga.new", password=PASSWORD, proof=proof_for(ADDRESS, mailoutbox))
    assert user.id == olga.id
    olga.refresh_from_db()
    assert not olga.is_active
    assert is_suspended(olga.id)
    suspensions.end(olga.id)
    olga.refresh_from_db()
    assert olga.is_active


def test_nobody_claims_a_bot(mailoutbox):
    bot = imported(bot=True)
    assert bot.is_bot
    proof = proof_for(ADDRESS, mailoutbox)
    assert registration.sign_up("olga.new", password=PASSWORD, proof=proof).id != bot.id


def test_a_taken_username_leaves_the_account_to_be_claimed(olga, mailoutbox, bob):
    proof = proof_for(ADDRESS, mailoutbox)
    with pytest.raises(Invalid) as refused:
        registration.sign_up("bob", password=PASSWORD, proof=proof)
    assert refused.value.pointer == "#/username"
    assert registration.sign_up("olga", password=PASSWORD, proof=proof).id == olga.id


def test_an_account_that_is_made_with_the_address_is_the_persons(olga, mailoutbox):
    call_command("createaccount", "olga", email=ADDRESS)
    olga.refresh_from_db()
    assert olga.is_active
    assert mailoutbox[-1].to == [ADDRESS]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_prove_the_address_at_once_one_gets_the_account(olga, mailoutbox):
    proof = proof_for(ADDRESS, mailoutbox)
    names = ("olga1", "olga2", "olga3")
    sign_up = partial(registration.sign_up, password=PASSWORD, proof=proof)
    done = together(*(partial(sign_up, name) for name in names))
    (user,) = [one for one in done if isinstance(one, User)]
    assert user.id == olga.id
    assert {one.pointer for one in done if isinstance(one, Invalid)} == {"#/email"}
    assert User.objects.count() == 1
