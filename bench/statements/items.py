"""Work items: lists, boards, one story."""

from bench.statements.dialect import Dialect, Members, words

STORED = ("id", "ref", "subject", "version", "blocked_note", "due_date", "due_date_reason")
STORY = ("backlog_order", "sprint_order", "kanban_order", "from_task_ref")
SHARED_JOINS = (
    " JOIN projects_project AS p ON p.id = i.project_id LEFT JOIN projects_status AS s ON s.id = i.status_id"
    " LEFT JOIN users_user AS o ON o.id = i.owner_id LEFT JOIN users_user AS a ON a.id = i.assigned_to_id"
    " LEFT JOIN projects_milestone AS m ON m.id = i.milestone_id"
)


class Items:
    """The statements of one dialect, as one viewer sees one project."""

    def __init__(self, dialect: Dialect, project: int, viewer: int) -> None:
        self.say = dialect
        self.project = project
        self.viewer = viewer

    def shared(self) -> Members:
        say = self.say
        watches = "projects_watch AS w WHERE w.item_id = i.id"
        return {
            **{name: f"i.{name}" for name in STORED},
            **{name: f"i.{name}_id" for name in ("project", "owner", "assigned_to", "status", "milestone")},
            "created_date": say.stamp("i.created_date"),
            "modified_date": say.stamp("i.modified_date"),
            "tags": say.coloured("i.tags"),
            "is_blocked": say.flag("i.is_blocked"),
            "external_reference": say.texts("i.external_reference"),
            "is_voter": say.flag(
                f"EXISTS (SELECT 1 FROM projects_vote AS v WHERE v.item_id = i.id AND v.user_id = {self.viewer})"
            ),
            "total_voters": "(SELECT count(*) FROM projects_vote AS v WHERE v.item_id = i.id)",
            "watchers": say.ids("w.user_id", f"{watches} ORDER BY w.user_id"),
            "is_watcher": say.flag(f"EXISTS (SELECT 1 FROM {watches} AND w.user_id = {self.viewer})"),
            "total_watchers": f"(SELECT count(*) FROM {watches})",
            "owner_extra_info": say.card("o"),
            "assigned_to_extra_info": say.card("a"),
            "project_extra_info": self.project_card(),
            "status_extra_info": self.status_card(),
            "attachments": say.array(),
            "due_date_status": "'not_set'",
        }

    def project_card(self) -> str:
        return self.say.object({"name": "p.name", "slug": "p.slug", "logo_small_url": "p.logo", "id": "p.id"})

    def status_card(self) -> str:
        return self.say.object({"name": "s.name", "color": "s.color", "is_closed": self.say.flag("s.is_closed")})

    def comments(self, kind: str) -> str:
        return (
            f"(SELECT count(*) FROM changes_change AS c WHERE c.kind = '{kind}' AND c.object_id = i.id"
            " AND c.entry_id IS NULL AND c.comment <> '')"
        )

    def epics(self, story: str) -> str:
        project = self.say.object({"id": "e.project_id", "name": "ep.name", "slug": "ep.slug"})
        members = {"id": "e.id", "ref": "e.ref", "subject": "e.subject", "color": "e.color", "project": project}
        source = (
            "projects_relateduserstory AS r JOIN projects_workitem AS e ON e.id = r.epic_id JOIN projects_project AS ep"
            f" ON ep.id = e.project_id WHERE r.user_story_id = {story} ORDER BY ep.name, e.ref"
        )
        return self.say.listed(members, source)

    def points(self) -> Members:
        estimates = "projects_rolepoints AS rp"
        return {
            "points": self.say.mapped("rp.role_id", "rp.points_id", f"{estimates} WHERE rp.user_story_id = i.id"),
            "total_points": (
                f"(SELECT sum(q.value) FROM {estimates} JOIN projects_points AS q ON q.id = rp.points_id"
                " WHERE rp.user_story_id = i.id)"
            ),
        }

    def story(self) -> Members:
        say = self.say
        people = (
            "(SELECT u.user_id FROM projects_assigneduser AS u WHERE u.user_story_id = i.id"
            " UNION SELECT i.assigned_to_id WHERE i.assigned_to_id IS NOT NULL ORDER BY 1) AS given"
        )
        return {
            **self.shared(),
            **{name: f"i.{name}" for name in STORY},
            "client_requirement": say.flag("i.client_requirement"),
            "team_requirement": say.flag("i.team_requirement"),
            "swimlane": "i.swimlane_id",
            "generated_from_issue": "i.generated_from_issue_id",
            "generated_from_task": "i.generated_from_task_id",
            "tribe_gig": "i.tribe_gig",
            "total_comments": self.comments("userstories.userstory"),
            "is_closed": say.flag("i.is_closed"),
            "milestone_slug": "m.slug",
            "milestone_name": "m.name",
            "finish_date": say.stamp("i.finished_date"),
            **self.points(),
            "assigned_users": say.ids("given.user_id", people),
            "epics": self.epics("i.id"),
            "epic_order": "null",
            "total_attachments": "(SELECT count(*) FROM projects_attachment AS f WHERE f.item_id = i.id)",
            "origin_issue": "null",
            "origin_task": "null",
            "tasks": say.array(),
            "comment": "''",
        }

    def files(self) -> str:
        members = {"id": "f.id", "attached_file": "f.attached_file", "thumbnail_card_url": "null"}
        source = (
            "projects_attachment AS f WHERE f.item_id = i.id AND NOT f.is_deprecated"
            ' ORDER BY f."order", f.created_date, f.id'
        )
        return f"coalesce({self.say.listed(members, source)}, {self.say.array()})"

    def tasks_of_story(self) -> str:
        flag = self.say.flag
        members = {
            **{name: f"t.{name}" for name in ("id", "ref", "subject", "status_id")},
            "is_blocked": flag("t.is_blocked"),
            "is_iocaine": flag("t.is_iocaine"),
            "is_closed": flag("ts.is_closed"),
        }
        source = (
            "projects_workitem AS t JOIN projects_status AS ts ON ts.id = t.status_id"
            " WHERE t.user_story_id = i.id ORDER BY t.us_order, t.ref"
        )
        return f"coalesce({self.say.listed(members, source)}, {self.say.array()})"

    def listing(self, members: Members, where: str, order: str, limit: int | None = None) -> str:
        """The page first, then what hangs on its rows; `{key}` stands for the statement's parameter."""
        page = f"SELECT i.* FROM projects_workitem AS i WHERE i.project_id = {self.project} AND {where}"
        if limit is not None:
            page += f" ORDER BY {order} LIMIT {limit}"
        source = f"({page}) AS i{SHARED_JOINS}"
        if "us.ref" in str(members):
            source += " LEFT JOIN projects_workitem AS us ON us.id = i.user_story_id"
        rows = self.say.many(members, f"{source}{self.say.beside_palette} ORDER BY {order}")
        return self.with_palette(rows)

    def with_palette(self, statement: str) -> str:
        """The statement's parameter is always there, even if it has no part."""
        return f"WITH {self.say.palette(self.project)}, given(id) AS (SELECT {self.say.key}) {statement}"

    def stories(self, limit: int) -> str:
        return self.listing(self.story(), "i.kind = 'userstory'", "i.backlog_order, i.ref", limit)

    def backlog(self, limit: int) -> str:
        where = "i.kind = 'userstory' AND i.milestone_id IS NULL"
        return self.listing(self.story(), where, "i.backlog_order, i.ref", limit)

    def kanban(self) -> str:
        members = {**self.story(), "attachments": self.files(), "tasks": self.tasks_of_story()}
        where = (
            "i.kind = 'userstory' AND i.status_id IN (SELECT id FROM projects_status"
            f" WHERE project_id = {self.project} AND NOT is_archived)"
        )
        return self.listing(members, where, "i.backlog_order, i.ref")

    def issues(self, statuses: list[int], limit: int) -> str:
        members = {**self.shared(), **{name: f"i.{name}_id" for name in ("type", "severity", "priority")}}
        members |= {"finished_date": self.say.stamp("i.finished_date"), "is_closed": self.say.flag("s.is_closed")}
        where = f"i.kind = 'issue' AND i.status_id IN ({', '.join(map(str, statuses))})"
        return self.listing(members, where, "i.modified_date DESC, i.id DESC", limit)

    def tasks(self) -> str:
        """Those of a sprint."""
        story = self.say.object(
            {"id": "us.id", "ref": "us.ref", "subject": "us.subject", "epics": self.epics("i.user_story_id")}
        )
        members = {
            **self.shared(),
            **{name: f"i.{name}" for name in ("us_order", "taskboard_order")},
            "user_story": "i.user_story_id",
            "is_iocaine": self.say.flag("i.is_iocaine"),
            "finished_date": self.say.stamp("i.finished_date"),
            "is_closed": self.say.flag("s.is_closed"),
            "total_comments": self.comments("tasks.task"),
            "milestone_slug": "m.slug",
            "attachments": self.files(),
            "user_story_extra_info": f"CASE WHEN us.id IS NOT NULL THEN {story} END",
        }
        where = "i.kind = 'task' AND i.milestone_id = (SELECT id FROM given)"
        return self.listing(members, where, "i.created_date, i.ref")

    def detail(self) -> str:
        """One story with its neighbours; texts are not turned into HTML."""
        members = {
            **self.story(),
            "description": "i.description",
            "description_html": "i.description",
            "blocked_note_html": "i.blocked_note",
            "neighbors": self.say.object({"previous": self.neighbor("<", "DESC"), "next": self.neighbor(">", "ASC")}),
        }
        source = f"given JOIN projects_workitem AS i ON i.id = given.id{SHARED_JOINS}{self.say.beside_palette}"
        return self.with_palette(self.say.one(members, source))

    def neighbor(self, sign: str, direction: str) -> str:
        found = self.say.object({"id": "n.id", "ref": "n.ref", "subject": "n.subject"})
        return (
            f"(SELECT {found} FROM projects_workitem AS n WHERE n.project_id = {self.project} AND n.kind = 'userstory'"
            f" AND (n.backlog_order, n.ref) {sign} (i.backlog_order, i.ref)"
            f" ORDER BY n.backlog_order {direction}, n.ref {direction} LIMIT 1)"
        )

    def sprint(self) -> str:
        """A sprint with its stories."""
        say = self.say
        left_out = words(
            "owner tags is_voter total_voters watchers is_watcher total_watchers owner_extra_info attachments swimlane"
            " generated_from_issue generated_from_task from_task_ref tribe_gig total_comments milestone_slug"
            " milestone_name assigned_users epic_order total_attachments origin_issue origin_task tasks comment"
        )
        members = {name: value for name, value in self.story().items() if name not in left_out}
        stories = f"projects_workitem AS i{SHARED_JOINS} WHERE i.milestone_id = sp.id AND i.kind = 'userstory'"
        points = (
            "(SELECT sum(q.value) FROM projects_workitem AS i JOIN projects_rolepoints AS rp ON rp.user_story_id = i.id"
            " JOIN projects_points AS q ON q.id = rp.points_id WHERE i.milestone_id = sp.id{})"
        )
        names = ("id", "name", "slug", "estimated_start", "estimated_finish", "disponibility", "order")
        sprint = {
            **{name: f'sp."{name}"' for name in names},
            "owner": "sp.owner_id",
            "project": "sp.project_id",
            "created_date": say.stamp("sp.created_date", exact=True),
            "modified_date": say.stamp("sp.modified_date", exact=True),
            "closed": say.flag("sp.closed"),
            "total_points": points.format(""),
            "closed_points": points.format(" AND i.is_closed"),
            "project_extra_info": self.project_card(),
            "user_stories": say.listed(members, f"{stories} ORDER BY i.backlog_order, i.ref"),
        }
        source = (
            "given JOIN projects_milestone AS sp ON sp.id = given.id JOIN projects_project AS p ON p.id = sp.project_id"
        )
        return self.with_palette(say.one(sprint, source))
