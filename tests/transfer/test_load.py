"""A dump becomes a complete project, and nobody is notified."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks

from taiga.base import jobs
from taiga.base.models import Job
from taiga.changes.models import Change, ChangeType
from taiga.projects.models import (
    Attachment,
    Issue,
    Kind,
    Membership,
    NotifyPolicy,
    Project,
    RelatedUserStory,
    Role,
    RolePoints,
    Status,
    Swimlane,
    Vote,
    Watch,
    WikiPage,
    WorkItem,
)
from taiga.timeline.models import TimelineEntry
from taiga.users.models import User
from tests.transfer import sample
from tests.transfer.conftest import loaded

THEN = datetime(2024, 3, 1, 8, tzinfo=UTC)
LATER = datetime(2024, 3, 2, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(alice: User) -> Project:
    return loaded(sample.project()).project


def named(address: str) -> User:
    return User.objects.get(email=address)


def story_of(project: Project) -> WorkItem:
    return WorkItem.objects.get(project=project, ref=3)


def test_the_project_is_as_it_was(project: Project, alice: User) -> None:
    assert (project.name, project.slug, project.description) == ("Apollo", "apollo", "To the moon")
    assert (project.created_date, project.modified_date) == (THEN, LATER)
    assert (project.owner, project.is_private, project.videoconferences) == (alice, True, "jitsi")
    assert (project.total_milestones, project.total_story_points) == (4, 40.5)
    assert project.anon_permissions == ["view_project"]
    assert project.public_permissions == ["view_project", "view_us"]
    assert project.creation_template is not None
    assert project.creation_template.slug == "scrum"
    assert project.tags == ["space"]


def test_what_must_not_be_copied_is_not(project: Project) -> None:
    assert (project.epics_csv_uuid, project.transfer_token, project.is_featured) == (None, "", False)


def test_the_logo_is_in_the_store(project: Project) -> None:
    assert project.logo is not None
    with default_storage.open(project.logo) as file:
        assert file.read() == sample.CARD
    assert project.logo_format == "png"


def test_lists_keep_their_values(project: Project) -> None:
    shut = Status.objects.get(project=project, kind=Kind.USERSTORY, name="Shut")
    assert (shut.slug, shut.is_closed, shut.is_archived, shut.wip_limit) == ("shut", True, True, 5)
    lane = Swimlane.objects.get(project=project, name="Fast")
    assert list(lane.limits.values_list("status__name", "wip_limit")) == [("Open", 3)]
    field = project.custom_attributes.get(kind=Kind.USERSTORY)
    assert (field.type, field.extra) == ("dropdown", ["green", "blue"])


def test_default_values_are_found_by_name(project: Project) -> None:
    assert project.default_swimlane is not None
    assert project.default_swimlane.name == "Slow"
    assert project.default_points is not None
    assert project.default_points.name == "?"
    assert project.default_severity is None


def test_a_default_value_that_is_not_spoken_of_is_the_first_of_its_list(alice: User) -> None:
    dump = sample.project()
    del dump["default_severity"]
    project = loaded(dump).project
    assert project.default_severity is not None
    assert project.default_severity.name == "Mild"


def test_members_and_invitations_are_kept(project: Project, alice: User) -> None:
    bob = Membership.objects.get(project=project, user=named(sample.BOB))
    assert (bob.role.name, bob.is_admin, bob.invited_by, bob.created_at) == ("Back", False, alice, THEN)
    assert (bob.user_order, bob.token) == (0, None)
    waiting = Membership.objects.get(project=project, user=None)
    assert (waiting.email, waiting.user_order, waiting.invitation_extra_text) == ("new@example.com", 7, "join us")
    assert waiting.token


def test_a_loaded_project_stands_first_in_the_lists_of_its_members(alice: User) -> None:
    first = loaded(sample.project()).project
    loaded(sample.project())
    assert Membership.objects.get(project=first, user=alice).user_order == 1


def test_the_owner_administrates_even_if_the_dump_does_not_know_him(db: None) -> None:
    erin = User.objects.create_user("erin", "erin@example.com")
    project = loaded(sample.project(), owner=erin).project
    member = Membership.objects.get(project=project, user=erin)
    assert (project.owner, member.is_admin, member.role.name) == (erin, True, "Back")


def test_a_dump_without_roles_gives_its_owner_one(alice: User) -> None:
    project = loaded({"name": "Bare", "description": "d"}, owner=alice).project
    assert Membership.objects.get(project=project).role == Role.objects.get(project=project)


def test_a_story_has_all_that_hangs_on_it(project: Project) -> None:
    story = story_of(project)
    bob, carol = named(sample.BOB), named(sample.CAROL)
    assert (story.kind, story.subject, story.version, story.owner, story.assigned_to) == (
        "userstory",
        "A story",
        2,
        bob,
        bob,
    )
    assert (story.created_date, story.modified_date, story.due_date) == (THEN, LATER, date(2031, 2, 3))
    assert story.milestone is not None
    assert story.swimlane is not None
    assert (story.milestone.name, story.swimlane.name, story.tags) == ("Sprint 1", "Fast", ["red", "new one"])
    assert set(story.assignments.values_list("user", flat=True)) == {bob.pk, carol.pk}
    assert story.attributes_values == {str(project.custom_attributes.get(kind=Kind.USERSTORY).pk): "green"}
    assert set(Watch.objects.filter(item=story).values_list("user__email", flat=True)) == {sample.ALICE, sample.CAROL}
    assert list(RolePoints.objects.filter(user_story=story).values_list("role__name", "points__name")) == [
        ("Back", "two")
    ]
    assert story.generated_from_issue == WorkItem.objects.get(project=project, ref=2)


def test_a_story_is_linked_to_the_task_that_it_was_made_of(project: Project) -> None:
    closed = WorkItem.objects.get(project=project, ref=4)
    assert closed.generated_from_task == WorkItem.objects.get(project=project, ref=5)
    assert (closed.is_closed, closed.finished_date) == (True, LATER)


def test_a_story_that_does_not_say_whether_it_is_closed_is_if_its_status_is(alice: User) -> None:
    dump = sample.with_changes(user_stories=[{"subject": "x", "status": "Shut"}], epics=[], tasks=[])
    story = WorkItem.objects.get(project=loaded(dump).project, kind=Kind.USERSTORY)
    assert story.is_closed
    assert story.finished_date is not None


def test_estimating_roles_that_are_not_named_get_the_default_points(alice: User) -> None:
    dump = sample.with_changes(user_stories=[{"subject": "x"}], epics=[], tasks=[])
    project = loaded(dump).project
    points = RolePoints.objects.filter(user_story__project=project).values_list("role__name", "points__name")
    assert list(points) == [("Back", "?")]


def test_attachments_are_in_the_store_with_their_measures(project: Project) -> None:
    picture, words = story_of(project).attachments.order_by("order")
    assert (picture.name, picture.size, picture.thumbnail_format) == ("The card.png", len(sample.CARD), "png")
    assert (words.owner, words.description, words.created_date) == (named(sample.BOB), "about it", THEN)
    for file, content in ((picture, sample.CARD), (words, sample.WORDS)):
        assert file.attached_file is not None
        with default_storage.open(file.attached_file) as stored:
            assert stored.read() == content


def test_stories_of_other_projects_are_not_related_but_counted(alice: User) -> None:
    report = loaded(sample.project())
    related = RelatedUserStory.objects.filter(epic__project=report.project)
    assert set(related.values_list("user_story__ref", "order")) == {(3, 2), (4, 1)}
    assert report.dropped == {"related_user_stories": 1, "timeline": 1}


def test_voters_are_kept(project: Project) -> None:
    votes = Vote.objects.filter(item__project=project, item__ref=2)
    assert set(votes.values_list("user__email", flat=True)) == {sample.ALICE, sample.CAROL}


def test_the_wiki_comes_along(project: Project, alice: User) -> None:
    page = WikiPage.objects.get(project=project)
    assert (page.slug, page.content, page.version, page.last_modifier) == ("home", "Welcome", 3, alice)
    assert Attachment.objects.filter(wiki_page=page).count() == 1
    assert list(project.wiki_links.values_list("title", "href")) == [("Home", "home")]


def test_a_sprint_is_as_closed_as_it_says(project: Project) -> None:
    sprint = project.milestones.get()
    assert (sprint.slug, sprint.closed, sprint.disponibility, sprint.order) == ("first", True, 1.5, 3)


def test_newer_issues_have_higher_ids_although_they_come_first(project: Project) -> None:
    assert list(Issue.objects.filter(project=project).order_by("id").values_list("ref", flat=True)) == [2, 6]


def test_refs_are_kept_and_the_next_one_is_free(project: Project) -> None:
    refs = set(WorkItem.objects.filter(project=project).values_list("ref", flat=True))
    assert refs == {1, 2, 3, 4, 5, 6}
    assert project.last_ref >= 6


def test_an_item_without_a_ref_gets_none_that_the_dump_gives_to_another(alice: User) -> None:
    stories = [{"subject": "without"}, {"subject": "with", "ref": 1}, {"subject": "without too"}]
    project = loaded(sample.with_changes(user_stories=stories, epics=[], tasks=[], issues=[])).project
    refs = WorkItem.objects.filter(project=project).values_list("ref", flat=True)
    assert len(set(refs)) == 3
    assert max(refs) <= project.last_ref


def test_tags_of_items_are_in_the_palette(project: Project) -> None:
    assert project.tags_colors == [["red", "#ff0000"], ["plain", None], ["new one", None]]


def test_history_keeps_its_words_and_its_people(project: Project) -> None:
    first, status, edited, removed, assigned = Change.objects.filter(kind="userstories.userstory", ref=3).order_by("id")
    bob, carol = named(sample.BOB), named(sample.CAROL)
    open_ = Status.objects.get(project=project, kind=Kind.USERSTORY, name="Open")
    assert first.snapshot is not None
    assert edited.comment_versions is not None
    assert (first.type, first.snapshot["owner"], first.snapshot["status"]) == (ChangeType.CREATE, bob.pk, open_.pk)
    assert (status.diff, status.values["status"]) == ({"status": [7, 8]}, {"7": "New", "8": "Done"})
    assert (status.by, status.by_name, status.at) == (bob, "Bob Then", LATER)
    assert (edited.by_name, edited.edit_comment_date) == ("Gone Person", LATER)
    assert edited.comment_versions[0]["user"] == {"id": None}
    assert removed.delete_comment_user == {"pk": named(sample.ALICE).pk, "name": "Alice Then"}
    assert assigned.diff == {"assigned_users": [[], [carol.pk]]}


def test_names_of_assignees_are_told_although_the_dump_has_addresses(project: Project) -> None:
    change = Change.objects.get(kind="tasks.task", ref=5, type=ChangeType.CHANGE)
    carol = named(sample.CAROL)
    assert change.diff == {"assigned_to": [None, carol.pk]}
    assert change.values["users"] == {str(carol.pk): carol.full_name_display}


def test_comments_are_rendered_anew_with_links_to_items_that_came_later(project: Project) -> None:
    html = Change.objects.get(project=project, comment__startswith="See").comment_html
    assert "/project/apollo/us/4" in html
    assert "/profile/bob" in html


def test_changes_are_numbered_without_holes_in_the_order_of_time(project: Project) -> None:
    changes = list(Change.objects.filter(project=project).order_by("number"))
    assert [change.number for change in changes] == list(range(1, project.last_change + 1))
    assert [change.at for change in changes] == sorted(change.at for change in changes)


def test_an_object_of_which_nothing_is_told_begins_its_history_here(alice: User) -> None:
    dump = sample.with_changes(epics=[], tasks=[], issues=[], timeline=[])
    dump["user_stories"] = [sample.story(9, "New here", history=[], assigned_to=sample.BOB)]
    project = loaded(dump).project
    change = Change.objects.get(project=project, ref=9)
    assert (change.type, change.by) == (ChangeType.CREATE, named(sample.BOB))
    assert change.snapshot is not None
    assert change.snapshot["assigned_users"] == [named(sample.BOB).pk]
    assert change.snapshot["description_html"] == "<p>About New here</p>"
    events = TimelineEntry.objects.filter(project=project, user=None).values_list("event_type", flat=True)
    assert "userstories.userstory.create" in events


def test_the_timeline_is_in_the_order_of_the_dump(project: Project) -> None:
    rows = TimelineEntry.objects.filter(project=project, user=None).exclude(event_type__contains="membership")
    assert [row.event_type for row in rows.order_by("-created", "-id")] == [
        "userstories.userstory.change",
        "userstories.userstory.create",
        "epics.epic.create",
    ]
    assert {row.data["user"]["id"] for row in rows} == {named(sample.BOB).pk}


def test_members_of_whom_the_timeline_tells_nothing_are_told_of_once(alice: User) -> None:
    joined = sample.happening("projects.membership.create", role={"id": 1, "name": "Back"})
    for timeline in ([], [joined]):
        project = loaded(sample.with_changes(timeline=timeline)).project
        rows = TimelineEntry.objects.filter(project=project, user=None, event_type="projects.membership.create")
        assert [row.data["user"]["id"] for row in rows] == [named(sample.BOB).pk]


def test_activity_is_counted_by_the_timeline(project: Project) -> None:
    rows = TimelineEntry.objects.filter(project=project, user=None)
    assert project.total_activity == rows.count()
    assert project.total_fans == 0


def test_all_who_have_to_do_with_it_hear_of_it(project: Project) -> None:
    people = NotifyPolicy.objects.filter(project=project).values_list("user__email", flat=True)
    assert set(people) == {sample.ALICE, sample.BOB, sample.CAROL, sample.DAVE}


def test_nobody_is_told(alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    with django_capture_on_commit_callbacks() as told:
        project = loaded(sample.project()).project
    assert told == [jobs.wake]
    assert not Change.objects.filter(project=project, told_at=None).exists()
    assert [job.task for job in Job.objects.all()] == ["taiga.base.database.take_stock"]


def test_a_slug_that_is_taken_gives_way_to_a_new_one(project: Project) -> None:
    assert loaded(sample.project()).project.slug == "apollo-1"


@pytest.mark.parametrize("given", [{}, {"name": None}])
def test_another_name_makes_another_slug(alice: User, given: dict[str, Any]) -> None:
    project = loaded(sample.with_changes(**given), name="Soyuz").project
    assert (project.name, project.slug) == ("Soyuz", "soyuz")
