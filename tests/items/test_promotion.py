"""Stories that are made of tasks and issues."""

from tests.items.conftest import World


def test_promotion_makes_a_story_of_a_task_and_needs_the_right_to_delete_it(world: World) -> None:
    task = world.make("tasks", tags=["red"], description="text", assigned_to=world.bob.user.pk)
    path = f"/tasks/{task['id']}/promote_to_user_story"
    body = {"project_id": world.project.pk}
    assert [one.post(path, body).status_code for one in (world.nobody, world.carol)] == [401, 403]
    rights = ["view_project", "view_tasks", "view_us", "add_us"]
    world.project.roles.update(permissions=rights)
    assert world.bob.post(path, body).status_code == 403
    world.project.roles.update(permissions=[*rights, "delete_task"])
    other = world.make("tasks")["id"]
    assert world.bob.post(f"/tasks/{other}/promote_to_user_story", body).status_code == 200
    refs = world.alice.post(path, body).json()
    story = world.alice.get(f"/userstories/by_ref?ref={refs[0]}&project={world.project.pk}").json()
    assert (story["tags"], story["assigned_users"]) == ([["red", None]], [world.bob.user.pk])
    assert world.alice.get(f"/tasks/{task['id']}").status_code == 404


def test_an_issue_is_promoted_without_the_right_to_delete_it_and_its_comments_come_along(world: World) -> None:
    rights = ["view_project", "view_issues", "view_us", "add_us", "comment_issue"]
    world.project.roles.update(permissions=rights)
    world.make("issues")
    issue = world.make("issues", subject="Dust")
    path = f"/issues/{issue['id']}"
    assert world.bob.patch(path, {"version": 1, "comment": "*Wipe* it"}).status_code == 200
    assert world.alice.patch(path, {"version": 2, "subject": "Much dust"}).status_code == 200
    refs = world.bob.post(f"{path}/promote_to_user_story", {"project_id": world.project.pk}).json()
    story = world.alice.get(f"/userstories/by_ref?ref={refs[0]}&project={world.project.pk}").json()
    assert (story["subject"], story["generated_from_issue"]) == ("Much dust", issue["id"])
    (told,) = world.alice.get(f"/history/userstory/{story['id']}?type=comment").json()
    assert (told["comment"], told["user"]["username"]) == ("*Wipe* it", "bob")
    assert "<em>Wipe</em>" in told["comment_html"]
    (kept,) = world.alice.get(f"/history/issue/{issue['id']}?type=comment").json()
    assert (kept["comment"], kept["id"] == told["id"]) == ("*Wipe* it", False)


def test_timelines_tell_of_the_story_of_a_promoted_task_and_no_more_of_the_task(world: World) -> None:
    body = {"project_id": world.project.pk}
    for kind in ("tasks", "issues"):
        item = world.make(kind)["id"]
        assert world.alice.post(f"/{kind}/{item}/promote_to_user_story", body).status_code == 200
    rows = world.alice.get(f"/timeline/project/{world.project.pk}").json()
    told = [row["event_type"].partition(".")[2] for row in reversed(rows)]
    assert told[-5:] == ["task.create", "userstory.create", "issue.create", "userstory.create", "issue.change"]
