"""The people in a dump become accounts, or are left out, by the policy."""

import pytest

from taiga.projects.models import Membership, Vote, Watch, WorkItem
from taiga.transfer.problems import Damaged
from taiga.users import queries
from taiga.users.models import User
from taiga.users.services import accounts
from tests.transfer import sample
from tests.transfer.conftest import loaded

pytestmark = pytest.mark.django_db


def test_people_who_are_not_known_get_accounts_that_nobody_can_use(alice: User) -> None:
    report = loaded(sample.project())
    assert set(report.made) == {sample.BOB, sample.CAROL, sample.DAVE, "gone@example.com"}
    bob = User.objects.get(email=sample.BOB)
    assert queries.is_placeholder(bob)
    assert (bob.is_active, bob.has_password, bob.verified_email) == (False, False, False)
    assert (bob.username, bob.full_name) == ("bob", "Bob Then")


def test_an_invitation_is_no_account_yet(alice: User) -> None:
    loaded(sample.project())
    assert not User.objects.filter(email="new@example.com").exists()


def test_people_who_are_known_are_found_in_whatever_case(alice: User) -> None:
    bob = User.objects.create_user("robert", "BOB@example.com", full_name="Robert")
    report = loaded(sample.project())
    assert sample.BOB not in report.made
    bob.refresh_from_db()
    assert bob.full_name == "Robert"
    assert Membership.objects.filter(project=report.project, user=bob).exists()


def test_user_names_that_are_taken_get_a_number(alice: User) -> None:
    User.objects.create_user("BOB", "other@example.com")
    assert loaded(sample.project()).made[sample.BOB] == "bob-1"


def test_owners_assignees_watchers_and_voters_survive(alice: User) -> None:
    project = loaded(sample.project()).project
    story = WorkItem.objects.get(project=project, ref=3)
    assert story.owner is not None
    assert story.assigned_to is not None
    assert (story.owner.email, story.assigned_to.email) == (sample.BOB, sample.BOB)
    assert Watch.objects.filter(item=story, user__email=sample.CAROL).exists()
    assert Vote.objects.filter(item__project=project, user__email=sample.CAROL).exists()


def test_an_account_is_taken_over_by_registering_with_its_address(alice: User) -> None:
    project = loaded(sample.project()).project
    user = accounts.create(username="bobby", email=sample.BOB, full_name="Bobby", password="hashed")
    assert WorkItem.objects.get(project=project, ref=3).owner == user
    assert Membership.objects.filter(project=project, user=user).exists()


def test_unknown_people_can_be_left_out(alice: User) -> None:
    report = loaded(sample.project(), people="match")
    assert report.made == {}
    assert report.left_out == [sample.BOB, sample.CAROL, sample.DAVE, "gone@example.com"]
    story = WorkItem.objects.get(project=report.project, ref=3)
    assert (story.owner, story.assigned_to) == (alice, None)
    assert list(Watch.objects.filter(item=story).values_list("user", flat=True)) == [alice.pk]
    assert not User.objects.exclude(pk=alice.pk).exists()


def test_a_member_who_is_left_out_stays_invited(alice: User) -> None:
    project = loaded(sample.project(), people="match").project
    waiting = Membership.objects.filter(project=project, user=None).values_list("email", "role__name")
    assert set(waiting) == {(sample.BOB, "Back"), ("new@example.com", "Back")}


def test_an_invitation_of_somebody_who_has_an_account_by_now_makes_him_a_member(alice: User) -> None:
    new = User.objects.create_user("new", "New@example.com")
    project = loaded(sample.project()).project
    assert Membership.objects.get(project=project, user=new).role.name == "Back"


def test_an_invitation_of_somebody_whose_account_waits_for_him_stays_one(alice: User) -> None:
    dump = sample.with_changes(watchers=["new@example.com"])
    loaded(dump)
    project = loaded(dump).project
    assert Membership.objects.filter(project=project, user=None, email="new@example.com").exists()


def test_members_who_are_listed_twice_count_once(alice: User) -> None:
    twice = [sample.membership(sample.BOB, "Back"), sample.membership("Bob@Example.com", "Boss")]
    project = loaded(sample.with_changes(memberships=twice)).project
    assert Membership.objects.filter(project=project, user__email__iexact=sample.BOB).count() == 1


def test_what_is_no_address_is_left_out_and_told(alice: User) -> None:
    report = loaded(sample.with_changes(watchers=["nobody at all"]))
    assert report.left_out == ["nobody at all"]


def test_an_account_that_waits_takes_its_name_from_a_later_dump(alice: User) -> None:
    loaded(sample.with_changes(epics=[], user_stories=[], tasks=[], issues=[], wiki_pages=[]))
    assert User.objects.get(email=sample.BOB).full_name == ""
    loaded(sample.project())
    assert User.objects.get(email=sample.BOB).full_name == "Bob Then"


def test_an_owner_whom_nobody_knows_must_be_named(db: None) -> None:
    with pytest.raises(Damaged) as refused:
        loaded(sample.project(), people="match")
    assert "owner" in refused.value.details()["project"][0]
