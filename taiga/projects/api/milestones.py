"""/milestones: sprints, with their stories."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base import errors
from taiga.base.answers import Paged
from taiga.base.bodies import (
    UNSET,
    Body,
    Boolean,
    Date,
    FilledText,
    Key,
    MaybeFloat,
    MaybeKey,
    Related,
    longest,
    to_integer,
    to_text,
    wrong,
)
from taiga.base.paging import paged
from taiga.base.requests import Reply, Request, created, no_content, ok
from taiga.base.routes import ANYBODY, Header, endpoint, orders, route
from taiga.projects.api import attributes, bulk, lookup, shapes
from taiga.projects.api.workitems import Comment
from taiga.projects.models import Kind, Milestone, Project
from taiga.projects.permissions import ITEMS, Can
from taiga.projects.queries import filters, scopes, sprint_stats
from taiga.projects.queries import milestones as queries
from taiga.projects.services import milestones
from taiga.users.models import User

LARGEST_SMALL = 2**15 - 1


def to_slug(value: Any) -> str:
    """A slug; if empty, it is derived from the name."""
    text = to_text(value)
    if text and not milestones.SLUG.fullmatch(text):
        raise wrong(_("Enter a valid 'slug' consisting of letters, numbers, underscores or hyphens."))
    return text


def to_order(value: Any) -> int:
    """A non-negative small integer."""
    number = to_integer(value)
    if number is None or not 0 <= number <= LARGEST_SMALL:
        raise wrong(_("Enter a whole number from 0 to %s.") % LARGEST_SMALL)
    return number


class MilestoneBody(Body):
    """The fields of a sprint."""

    project: Annotated[Key, Related(Project, ())]
    name: Annotated[FilledText, longest(200)]
    estimated_start: Date
    estimated_finish: Date
    slug: Annotated[str, BeforeValidator(to_slug), longest(250)] = UNSET
    owner: Annotated[MaybeKey, Related(User, ())] = None
    closed: Boolean = False
    disponibility: MaybeFloat = 0.0
    order: Annotated[int, BeforeValidator(to_order)] = 1
    comment: Comment = ""


TOTALS = tuple(
    Header(
        f"Taiga-Info-Total-{which}-Milestones",
        "integer",
        f"With `project`: how many of its sprints are {which.lower()}.",
    )
    for which in ("Opened", "Closed")
)


@endpoint(
    needs=ANYBODY,
    query=(lookup.PROJECT, *queries.FILTERS.values(), orders(*queries.ORDERS)),
    answers=Paged(shapes.MILESTONE),
    tells=TOTALS,
)
def listing(request: Request) -> Reply:
    """The sprints that the caller may see. For one project, headers give the numbers of open and closed ones."""
    project = lookup.project_parameter(request)
    access = lookup.access(request, project) if project is not None else None
    scope = scopes.scope_of(request.viewer, project, access, Can.VIEW_MILESTONES)
    variants, given = filters.read(queries.FILTERS, request.query)
    if scope is None:
        return paged(request, lambda: 0, lambda limit, offset: [])
    found = queries.Listing(scope, variants, given, request.query.get("order_by", ""), request.viewer)
    reply = paged(request, found.count, found.page)
    if project is not None:
        opened, done = queries.totals(project)
        reply.headers["Taiga-Info-Total-Opened-Milestones"] = str(opened)
        reply.headers["Taiga-Info-Total-Closed-Milestones"] = str(done)
    return reply


@endpoint(needs=Can.VIEW_MILESTONES, answers=shapes.MILESTONE)
def read(request: Request) -> Reply:
    """One sprint."""
    return ok(serialized(lookup.retrieve(request, Milestone.objects.all(), id=request.args["id"])))


def serialized(milestone: Milestone) -> queries.Row:
    """A sprint as the API shows it."""
    return errors.still_there(queries.by_ids([milestone.pk]))


@endpoint(needs=Can.ADD_MILESTONE, accepts=MilestoneBody, answers=shapes.MILESTONE)
def create(request: Request) -> Reply:
    """A new sprint."""
    fields = MilestoneBody.read(request.fields, also=attributes.check_new(request, Milestone, sent=("name",)))
    milestones.ensure_in_order(fields.values["estimated_start"], fields.values["estimated_finish"])
    access = lookup.allow(request, fields.values["project"])
    milestone = milestones.create(fields.values, access=access, by=lookup.actor(request))
    return created(serialized(milestone))


@endpoint(needs=Can.MODIFY_MILESTONE, accepts=MilestoneBody, answers=shapes.MILESTONE)
def change(request: Request) -> Reply:
    """Change a sprint; what a PUT does not send goes back to its default."""
    milestone = to_change(request)
    also = attributes.check_changed(milestone, sent=("name",))
    fields = MilestoneBody.read(request.fields, partial=request.method == "PATCH", also=also)
    access = lookup.access_or_404(request, milestone.project_id)
    milestones.change(milestone, fields.values, access=access, by=lookup.actor(request))
    return ok(serialized(milestone))


def to_change(request: Request) -> Milestone:
    """The sprint of the address."""
    return lookup.for_change(request, Milestone.objects.all(), Can.VIEW_MILESTONES, id=request.args["id"])


@endpoint(needs=Can.DELETE_MILESTONE)
def delete(request: Request) -> Reply:
    """Delete a sprint; its items stay."""
    milestone = to_change(request)
    access = lookup.access_or_404(request, milestone.project_id)
    milestones.delete(milestone, access=access, by=lookup.actor(request))
    return no_content()


@endpoint(needs=Can.VIEW_MILESTONES, answers=shapes.MILESTONE_STATS)
def stats(request: Request) -> Reply:
    """The statistics of a sprint."""
    found = lookup.for_reading_below(request, Milestone.objects.all(), id=request.args["id"])
    return ok(sprint_stats.stats(found))


@endpoint(needs=Can.MODIFY_MILESTONE, accepts=bulk.sprint_body)
def move(request: Request, kind: Kind) -> Reply:
    """Move items to another sprint. The sprint in the URL only decides the permission; the items need not be in it."""
    lookup.for_reading_below(request, Milestone.objects.all(), id=request.args["id"])
    fields, wanted = bulk.read_sprint(kind, request.fields)
    if wanted:
        project_id = fields.values["project_id"]
        lookup.allow(request, project_id, ITEMS[kind].modify)
        milestones.move_items(kind, project_id, fields.values["milestone_id"], wanted, by=lookup.actor(request))
    return no_content()


urls = [
    route("milestones", GET=listing, POST=create),
    route("milestones/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
    route("milestones/{id}/stats", GET=stats),
    route("milestones/{id}/move_userstories_to_sprint", {"kind": Kind.USERSTORY}, POST=move),
    route("milestones/{id}/move_tasks_to_sprint", {"kind": Kind.TASK}, POST=move),
    route("milestones/{id}/move_issues_to_sprint", {"kind": Kind.ISSUE}, POST=move),
]
