"""The API's document: valid, complete, and true."""

import json
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner
from django.test import Client
from schemathesis.specs.openapi.definitions import OPENAPI_31

from taiga.base.routes import ANYBODY
from taiga.cli import main
from taiga.urls import ROUTER
from tests.described import DOCUMENT, resolved, validator
from tests.everything import Everything
from tests.world import Caller, person

PUBLIC = {
    "base.index.read",
    "auth.api.accounts.cancel",
    "auth.api.applications.validate",
    "auth.api.auth.log_in",
    "auth.api.auth.refresh",
    "auth.api.auth.register",
    "auth.api.auth.verify",
    "history.api.entries.without_id",
    "notifications.api.unsubscribe.ask",
    "notifications.api.unsubscribe.end",
    "projects.api.attachments.listing",
    "projects.api.attributes.listing",
    "projects.api.memberships.invitation",
    "projects.api.memberships.listing",
    "projects.api.memberships.no_invitations",
    "projects.api.milestones.listing",
    "projects.api.people.contacts",
    "projects.api.people.favourites_of",
    "projects.api.people.liked",
    "projects.api.people.listing",
    "projects.api.people.statistics",
    "projects.api.project_settings.sections",
    "projects.api.projects.listing",
    "projects.api.reports.report",
    "projects.api.roles.listing",
    "projects.api.search.search",
    "projects.api.stats.discover",
    "projects.api.stats.system",
    "projects.api.swimlanes.limits",
    "projects.api.swimlanes.listing",
    "projects.api.templates.listing",
    "projects.api.templates.read",
    "projects.api.transitions.listing",
    "projects.api.userstories.listing",
    "projects.api.wiki.links",
    "projects.api.wiki.listing",
    "projects.api.wiki.render",
    "projects.api.workitems.listing",
    "timeline.api.timelines.of_person",
    "timeline.api.timelines.without_id",
    "users.api.locales.listing",
    "users.api.passwords.change_email",
    "users.api.passwords.change_password_from_recovery",
    "users.api.passwords.password_recovery",
    "users.api.users.by_username",
    "users.api.users.read",
    "webhooks.api.hooks.receive",
    "webhooks.api.webhooks.listing",
    "webhooks.api.webhooks.logs",
}
"""What anybody may call. Lists are among it: they show what the caller may see, which may be nothing."""


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_the_document_is_valid_openapi() -> None:
    errors = [str(error) for error in jsonschema_rs.validator_for(OPENAPI_31).iter_errors(DOCUMENT)]
    assert errors == []


def test_every_schema_is_valid_and_every_reference_leads_somewhere() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
        validator(json.dumps(schema)).is_valid({})
    text = json.dumps(DOCUMENT)
    for reference in {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}:
        assert resolved({"$ref": reference})


def test_every_address_is_described_with_all_its_methods() -> None:
    served = {(method.lower(), f"/{path}") for method, path, _answer in ROUTER.table()}
    assert {(method, path) for method, path, _operation in operations()} == served


def test_the_names_of_operations_are_unique() -> None:
    names = [operation["operationId"] for _method, _path, operation in operations()]
    assert len(names) == len(set(names))


def test_every_placeholder_is_a_parameter() -> None:
    for path, item in DOCUMENT["paths"].items():
        named = {parameter["name"] for parameter in item.get("parameters", ())}
        assert all(f"{{{name}}}" in path for name in named)
        assert path.count("{") == len(named)


def test_every_endpoint_has_a_need_or_is_known_to_be_public() -> None:
    public = {answer.name for _method, _path, answer in ROUTER.table() if answer.needs is ANYBODY}
    assert sorted(public - PUBLIC) == []
    assert sorted(PUBLIC - public) == []


def test_no_parameter_is_named_twice() -> None:
    for method, path, operation in operations():
        named = [(one["in"], one["name"].lower()) for one in map(resolved, operation.get("parameters", ()))]
        assert len(named) == len(set(named)), f"{method} {path}"


@pytest.mark.parametrize(
    ("method", "path", "need"),
    [
        ("patch", "/userstories/{id}", "modify_us, or comment_us if that is all"),
        ("post", "/tasks", "add_task"),
        ("get", "/issues/{id}", "view_issues"),
        ("delete", "/epics/{id}", "delete_epic"),
        ("post", "/wiki/attachments", "modify_wiki_page, or comment_wiki_page for a file of a comment"),
        ("delete", "/projects/{id}", "admin"),
        ("post", "/projects/{id}/transfer_start", "owner"),
    ],
)
def test_needs_name_the_permission_of_the_kind(method: str, path: str, need: str) -> None:
    operation = DOCUMENT["paths"][path][method]
    assert operation["x-needs"] == need
    assert need in operation["description"]


def test_the_anonymous_may_read_what_is_open_and_write_nothing() -> None:
    paths = DOCUMENT["paths"]
    assert {} in paths["/userstories/{id}"]["get"]["security"]
    assert {} not in paths["/userstories/{id}"]["patch"]["security"]
    assert {} not in paths["/users/me"]["get"]["security"]
    assert {} in paths["/auth"]["post"]["security"]


def body_of(method: str, path: str, kind: str = "application/json") -> dict[str, Any]:
    return resolved(DOCUMENT["paths"][path][method]["requestBody"]["content"][kind]["schema"])


def test_bodies_are_those_that_are_checked() -> None:
    whole, part = body_of("put", "/userstories/{id}"), body_of("patch", "/userstories/{id}")
    assert sorted(whole["required"]) == ["project", "subject"]
    assert "required" not in part
    assert whole["properties"].keys() == part["properties"].keys()
    assert whole["properties"]["is_blocked"]["type"] == ["boolean", "string"]
    assert whole["properties"]["milestone"] == {
        "type": ["integer", "string", "null"],
        "default": None,
        "description": "The id of a milestone.",
    }
    assert body_of("post", "/epics/bulk_create")["required"] == ["project_id", "bulk_epics"]
    assert body_of("post", "/points")["properties"]["value"]["type"] == ["number", "string", "null"]
    assert body_of("post", "/points/bulk_update_order")["required"] == ["project", "bulk_points"]
    assert body_of("post", "/projects/bulk_update_order")["type"] == "array"
    assert body_of("patch", "/projects/{id}")["properties"]["wip_limit_mode"]["enum"] == ["off", "warn", "block"]


def test_files_come_in_forms_of_several_parts() -> None:
    content = DOCUMENT["paths"]["/tasks/attachments"]["post"]["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]
    files = content["multipart/form-data"]["schema"]["allOf"][1]
    assert files["required"] == ["attached_file"]
    assert "application/json" in DOCUMENT["paths"]["/projects/{id}"]["patch"]["requestBody"]["content"]


def test_pages_are_described_where_lists_have_them() -> None:
    listing = DOCUMENT["paths"]["/issues"]["get"]
    assert "X-Pagination-Next" in listing["responses"]["200"]["headers"]
    named = [resolved(parameter)["name"] for parameter in listing["parameters"]]
    assert {"page", "page_size", "X-Disable-Pagination", "exclude_severity", "created_date__gte"} <= set(named)
    assert "parameters" not in DOCUMENT["paths"]["/locales"]["get"]


def headers_of(method: str, path: str, status: str = "200") -> set[str]:
    return set(resolved(DOCUMENT["paths"][path][method]["responses"][status]).get("headers", ()))


def test_what_headers_tell_is_described_where_they_tell_it() -> None:
    moved, exceeded = "Taiga-Info-Order-Updated", "Taiga-Info-Wip-Limit-Exceeded"
    assert headers_of("patch", "/userstories/{id}") == {moved, exceeded}
    assert headers_of("patch", "/tasks/{id}") == headers_of("put", "/epics/{id}") == {moved}
    assert headers_of("patch", "/epics/{epic}/related_userstories/{id}") == {moved}
    assert headers_of("patch", "/issues/{id}") == set()
    assert headers_of("post", "/userstories", "201") == {exceeded}
    assert headers_of("post", "/tasks", "201") == set()
    assert "Taiga-Info-Backlog-Total-Userstories" in headers_of("get", "/userstories")
    assert "Taiga-Info-Total-Closed-Milestones" in headers_of("get", "/milestones")
    assert "Taiga-Info-Project-Memberships" in headers_of("post", "/memberships", "400")
    assert "X-Throttle-Wait-Seconds" in headers_of("get", "/locales", "429")


def test_headers_that_ask_are_described() -> None:
    def asked(path: str) -> set[str]:
        return {one["name"] for one in DOCUMENT["paths"][path]["patch"].get("parameters", ()) if one["in"] == "header"}

    assert asked("/tasks/{id}") == asked("/epics/{id}") == {"Set-Orders"}
    assert asked("/userstories/{id}") == asked("/issues/{id}") == set()


def test_statuses_of_success_are_those_of_the_code() -> None:
    paths = DOCUMENT["paths"]
    assert "201" in paths["/tasks"]["post"]["responses"]
    assert "204" in paths["/tasks/{id}"]["delete"]["responses"]
    assert "content" not in paths["/tasks/{id}/upvote"]["post"]["responses"]["200"]
    assert "451" in paths["/tasks/{id}"]["patch"]["responses"]
    assert "451" not in paths["/tasks/{id}"]["get"]["responses"]


def test_the_program_prints_the_document() -> None:
    printed = CliRunner().invoke(main, ["openapi"])
    assert printed.exit_code == 0
    assert json.loads(printed.output) == DOCUMENT


def test_the_document_is_served_to_programs_of_every_origin(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.json() == DOCUMENT
    assert answer["Access-Control-Allow-Origin"] == "*"


def readable() -> list[str]:
    return [route.path for route in ROUTER.routes if "GET" in route.methods and not route.path.endswith("/stream")]


NOT_THERE = [
    *(f"{kind}/custom-attributes-values" for kind in ("epics", "issues", "tasks", "userstories")),
    *(f"history/{kind}" for kind in ("epic", "issue", "task", "userstory", "wiki")),
    *(f"history/{kind}/{{id}}/comment_versions" for kind in ("epic", "issue", "task", "userstory", "wiki")),
    *(f"timeline/{name}" for name in ("profile", "project", "user")),
    *("application-tokens/{id}", "applications/{application}", "applications/{application}/token"),
    *("invitations", "stats/system", "unsubscribe/{token}", "webhooklogs/{id}"),
]
"""Addresses that tell nothing, or of things that this world has not got."""


def test_answers_are_as_the_document_says(db: None) -> None:
    world = Everything()
    assert world.problems == []
    seen = {path: world.check("GET", world.filled(path)).status_code for path in readable()}
    assert world.problems == []
    assert sorted(path for path, status in seen.items() if status != 200) == sorted(NOT_THERE)


def test_reads_of_somebody_else_are_refused_as_the_document_says(db: None) -> None:
    world = Everything()
    world.asking = Caller(person("carol"))
    for path in readable():
        world.check("GET", world.filled(path))
    assert world.problems == []


def test_who_is_let_in_without_credentials_needs_none(db: None) -> None:
    world = Everything()
    world.asking = Caller()
    for path in readable():
        if world.check("GET", world.filled(path)).status_code == 200:
            assert {} in DOCUMENT["paths"][f"/{path}"]["get"]["security"], path


def test_without_a_required_parameter_there_is_nothing_to_be_had(db: None) -> None:
    world = Everything()
    required = [
        path
        for path in readable()
        if any(one.get("required") for one in DOCUMENT["paths"][f"/{path}"]["get"].get("parameters", ()))
    ]
    assert len(required) > 15
    for path in required:
        assert world.check("GET", world.filled(path).partition("?")[0]).status_code in (400, 404), path
    assert world.problems == []


def test_what_leads_nowhere_is_described_without_success() -> None:
    assert sorted(DOCUMENT["paths"]["/timeline/user"]["get"]["responses"]) == ["401", "404", "406", "429", "503"]
    assert not any(status < "300" for status in DOCUMENT["paths"]["/invitations"]["get"]["responses"])


def test_a_body_is_required_where_something_in_it_is() -> None:
    def required(method: str, path: str) -> bool:
        return bool(DOCUMENT["paths"][path][method]["requestBody"]["required"])

    assert required("post", "/tasks")
    assert required("post", "/auth/register")
    assert required("post", "/tasks/attachments")
    assert not required("post", "/projects/{id}/watch")
    assert not required("patch", "/tasks/{id}")


def test_an_item_is_asked_for_as_its_list_is() -> None:
    def asked(path: str) -> set[str]:
        return {resolved(one)["name"] for one in DOCUMENT["paths"][path]["get"]["parameters"]}

    for kind in ("epics", "userstories", "tasks", "issues"):
        neighbours = {"status", "tags", "q", "include_attachments"} | ({"order_by"} if kind != "epics" else set())
        assert neighbours <= asked(f"/{kind}")
        assert neighbours <= asked(f"/{kind}/{{id}}")
        assert neighbours | {"ref"} <= asked(f"/{kind}/by_ref")
        assert ("include_tasks" in asked(f"/{kind}")) == (kind == "userstories")


def test_lists_can_be_ordered_downwards() -> None:
    for path, item in DOCUMENT["paths"].items():
        for one in map(resolved, item.get("get", {}).get("parameters", ())):
            if one["name"] == "order_by":
                upwards = [name for name in one["schema"]["enum"] if not name.startswith("-")]
                assert one["schema"]["enum"] == [*upwards, *(f"-{name}" for name in upwards)], path


def test_everything_says_what_it_is_for() -> None:
    for method, path, operation in operations():
        assert operation["summary"], f"{method} {path}"
        for one in map(resolved, operation.get("parameters", ())):
            assert one["description"], f"{method} {path} {one['name']}"
