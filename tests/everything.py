"""A project with one of everything, and the addresses of all that is in it."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.described import problems
from tests.world import Caller, invite, join, person, project_of


class Everything:
    """Made by Alice; somebody else may be `asking` later. `problems` are answers that are not as the document says."""

    def __init__(self) -> None:
        user = person("alice")
        self.asking = Caller(user)
        self.bob = person("bob")
        self.project = project_of(user)
        self.problems: list[str] = []
        self.ids: dict[str, Any] = {"projects": self.project.pk, "users": user.pk}
        join(self.bob, self.project)
        invite("guest@example.com", self.project, "an-invitation")
        self.make_items()
        self.make_the_rest()
        self.values = {"{epic}": self.ids["epics"], "{user}": user.pk, "{key}": "k", "{token}": "an-invitation"}

    def make_items(self) -> None:
        dates = {"estimated_start": "2026-01-01", "estimated_finish": "2026-01-14"}
        sprint = self.post("milestones", name="One", **dates)["id"]
        common = {"tags": [["red", "#ff0000"]], "assigned_to": self.bob.pk, "description": "*all* of #1"}
        epic = self.post("epics", subject="Reach the moon", **common)["id"]
        issue = self.post("issues", subject="Dust", **common)["id"]
        self.post("userstories", subject="Wipe", generated_from_issue=issue, swimlane=None)
        story = self.post("userstories", subject="Land", milestone=sprint, due_date="2026-01-05", **common)["id"]
        self.post("tasks", subject="Step out", user_story=story, milestone=sprint, **common)
        self.post(f"epics/{epic}/related_userstories", epic=epic, user_story=story)
        for kind in ("epics", "userstories", "tasks", "issues"):
            for action in ("upvote", "watch"):
                self.check("POST", f"{kind}/{self.ids[kind]}/{action}")
            self.check("PATCH", f"{kind}/{self.ids[kind]}", {"comment": "Look!", "version": 1})
            self.attach(kind)
            key = self.check("POST", f"projects/{self.project.pk}/regenerate_{kind}_csv_uuid").json()["uuid"]
            self.ids[f"{kind}/csv"] = key

    def make_the_rest(self) -> None:
        self.post("wiki", slug="home", content="# Hello")
        self.attach("wiki")
        self.post("wiki-links", title="Home")
        self.post("swimlanes", name="Urgent")
        self.post("status-transitions", kind="task", to_status=self.project.default_task_status_id)
        self.post("webhooks", name="Ear", url="https://example.com/", key="secret")
        for name in ("epic", "userstory", "task", "issue"):
            self.post(f"{name}-custom-attributes", name="Cost")
        self.check("POST", "user-storage", {"key": "k", "value": [1]})
        for path in (f"projects/{self.project.pk}/like", f"projects/{self.project.pk}/watch"):
            self.check("POST", path)
        for path in (f"milestones/{self.ids['milestones']}/watch", f"wiki/{self.ids['wiki']}/watch"):
            self.check("POST", path)
        self.check("GET", "user-project-settings")

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.check("POST", path, {"project": self.project.pk, **body})
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        self.ids[path] = made.get("id")
        return made

    def attach(self, kind: str) -> None:
        file = SimpleUploadedFile("notes.txt", b"one small step")
        fields = {"project": self.project.pk, "object_id": self.ids[kind], "attached_file": file}
        answer = self.asking.upload(f"/{kind}/attachments", **fields)
        self.problems += problems("POST", f"{kind}/attachments", answer)
        self.ids[f"{kind}/attachments"] = answer.json()["id"]

    def check(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.asking.ask(method, f"/{path}", body)
        self.problems += problems(method, path, answer)
        return answer

    def filled(self, path: str) -> str:
        """The address of something that is there."""
        found = "/".join(str(self.values.get(part, part)) for part in path.split("/"))
        return found.replace("{id}", str(self.id_for(path))) + self.query_for(path)

    def id_for(self, path: str) -> Any:
        head, _slash, rest = path.partition("/")
        holders = {"epic": "epics", "userstory": "userstories", "task": "tasks", "issue": "issues", "wiki": "wiki"}
        if head == "history":
            return self.ids[holders[rest.partition("/")[0]]]
        if head == "exporter":
            return self.ids["projects"]
        if head == "timeline":
            return self.ids["projects" if rest.startswith("project") else "users"]
        if "related_userstories" in path:
            return self.ids["userstories"]
        return self.ids.get(path.removesuffix("/{id}")) or self.ids.get(head) or self.first_of(head)

    def first_of(self, head: str) -> Any:
        """The id of the first row of a list."""
        found = self.asking.get(f"/{head}?project={self.project.pk}")
        rows = found.json() if found.status_code == 200 else []
        return rows[0]["id"] if isinstance(rows, list) and rows and "id" in rows[0] else 0

    def query_for(self, path: str) -> str:
        """What must be asked for with an address."""
        project, slug = f"?project={self.project.pk}", self.project.slug
        match path.rpartition("/")[2]:
            case "by_username":
                return "?username=alice"
            case "by_ref":
                number = {"epics": 1, "issues": 2, "userstories": 4, "tasks": 5}[path.partition("/")[0]]
                return f"{project}&ref={number}"
            case "by_slug":
                return f"?slug={slug}" if path.startswith("projects") else f"{project}&slug=home"
            case "filters_data":
                return project
            case "search":
                return f"{project}&text=a"
            case "resolver":
                return f"?project={slug}&us=4&wikipage=home"
            case "csv":
                return f"?uuid={self.ids[path]}"
            case _:
                return ""
