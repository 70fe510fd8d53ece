"""/search and /resolver: finding objects of a project by words, or by #number and slug."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.requests import Reply, Request, number, ok
from taiga.base.routes import ANYBODY, Query, endpoint, route
from taiga.projects.api import lookup, project_shapes
from taiga.projects.models import Kind, Milestone, Project, WikiPage, WorkItem
from taiga.projects.permissions import ITEMS, Access, Can
from taiga.projects.queries import search as queries

KINDS = {"epic": Kind.EPIC, "us": Kind.USERSTORY, "task": Kind.TASK, "issue": Kind.ISSUE}
SLUGS: dict[str, Any] = {"milestone": (Milestone, Can.VIEW_MILESTONES), "wikipage": (WikiPage, Can.VIEW_WIKI_PAGES)}

PARAMETERS = (
    Query("project", "string", "The slug of the project.", required=True),
    *(Query(name, "integer", "A #number.") for name in KINDS),
    *(Query(name, "string", "A slug.") for name in SLUGS),
    Query("ref", "string", "A #number of any kind of item, or the slug of a wiki page."),
)


@endpoint(
    needs=ANYBODY,
    query=(lookup.THE_PROJECT, Query("text", "string", "What is looked for.")),
    answers=project_shapes.FOUND,
)
def search(request: Request) -> Reply:
    """The objects that match a text, in one section for each kind that the caller may see."""
    project = number(request.query.get("project"))
    access = lookup.access(request, project) if project is not None else None
    if access is None:
        lookup.hide(request)
    return ok(queries.search(access, request.query.get("text", "")))


@endpoint(needs=Can.VIEW_PROJECT, query=PARAMETERS, answers=project_shapes.RESOLVED)
def resolve(request: Request) -> Reply:
    """The ids behind #numbers and slugs."""
    query = request.query
    refs = read(query)
    key = Project.objects.filter(slug=query["project"]).values_list("pk", flat=True).first()
    if key is None:
        lookup.hide(request)
    access = lookup.allow(request, key)
    found: dict[str, int] = {"project": key}
    for name, kind in KINDS.items():
        if name in refs and access.may(ITEMS[kind].view):
            found[name] = required(request, WorkItem, kind=kind, project_id=key, ref=refs[name])
    for name, (model, view) in SLUGS.items():
        if query.get(name) and access.may(view):
            found[name] = required(request, model, project_id=key, slug=query[name])
    if query.get("ref"):
        found |= by_any_ref(access, query["ref"])
    return ok(found)


def read(query: dict[str, str]) -> dict[str, int]:
    """The #numbers of a request. Raises Invalid."""
    if not query.get("project"):
        raise errors.Invalid({"project": [_("This field is required.")]})
    problems: dict[str, Any] = {}
    refs: dict[str, int] = {}
    for name in KINDS:
        if query.get(name):
            ref = number(query[name])
            if ref is None:
                problems[name] = [_("Enter a whole number.")]
            else:
                refs[name] = ref
    others = [name for name in (*KINDS, "wikipage") if query.get(name)]
    if query.get("ref") and others:
        refusal = _("'%s' param is incompatible with 'ref' in the same request") % others[0]
        problems["non_field_errors"] = [refusal]
    if problems:
        raise errors.Invalid(problems)
    return refs


def required(request: Request, model: Any, **columns: Any) -> int:
    """The id of a row. Raises Missing if there is none."""
    key: int | None = model._default_manager.filter(**columns).values_list("pk", flat=True).first()
    if key is None:
        lookup.hide(request)
    return key


def by_any_ref(access: Access, text: str) -> dict[str, int]:
    """The object behind a #number or the slug of a wiki page."""
    ref = number(text)
    if ref is None:
        page = WikiPage.objects.filter(project_id=access.project.id, slug=text).values_list("pk", flat=True).first()
        return {"wikipage": page} if page is not None and access.may(Can.VIEW_WIKI_PAGES) else {}
    item = WorkItem.objects.filter(project_id=access.project.id, ref=ref).values_list("kind", "pk").first()
    names = {kind: name for name, kind in KINDS.items()}
    if item is None or not access.may(ITEMS[Kind(item[0])].view):
        return {}
    return {names[Kind(item[0])]: item[1]}


urls = [route("search", GET=search), route("resolver", GET=resolve)]
