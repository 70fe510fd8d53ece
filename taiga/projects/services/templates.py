"""Project templates: applying one to a new project, and making one from a project."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.slugs import among, slugify, unique_slug
from taiga.projects import default_templates
from taiga.projects.models import (
    CustomAttribute,
    DueDate,
    IssueType,
    Kind,
    Membership,
    Points,
    Priority,
    Project,
    ProjectTemplate,
    Role,
    Severity,
    Status,
)

Row = dict[str, Any]
STATUSES = {
    "epic_statuses": Kind.EPIC,
    "us_statuses": Kind.USERSTORY,
    "task_statuses": Kind.TASK,
    "issue_statuses": Kind.ISSUE,
}
DUE_DATES = {"us_duedates": Kind.USERSTORY, "task_duedates": Kind.TASK, "issue_duedates": Kind.ISSUE}
CUSTOM_ATTRIBUTES = {
    "epic_custom_attributes": Kind.EPIC,
    "us_custom_attributes": Kind.USERSTORY,
    "task_custom_attributes": Kind.TASK,
    "issue_custom_attributes": Kind.ISSUE,
}
LABELS: dict[str, Any] = {
    "issue_types": IssueType,
    "priorities": Priority,
    "severities": Severity,
}
DEFAULTS = {
    "points": "points",
    "epic_status": "epic_statuses",
    "us_status": "us_statuses",
    "task_status": "task_statuses",
    "issue_status": "issue_statuses",
    "issue_type": "issue_types",
    "priority": "priorities",
    "severity": "severities",
}
"""The members of `default_options`, and the list in which each names a row. The project's field is `default_…`."""
MODULES = (
    "is_contact_activated",
    "is_epics_activated",
    "is_backlog_activated",
    "is_kanban_activated",
    "is_wiki_activated",
    "is_issues_activated",
    "videoconferences",
    "videoconferences_extra_data",
)
LABELLED = ("tags", "tags_colors", "is_looking_for_people", "looking_for_people_note")
LONGEST_SLUG = 250


def load_defaults() -> None:
    """Create the default templates that are missing; existing ones, even if edited, are left alone."""
    for values in default_templates.TEMPLATES:
        ProjectTemplate.objects.get_or_create(
            slug=values["slug"], defaults={name: value for name, value in values.items() if name != "slug"}
        )


def apply(template: ProjectTemplate, project: Project) -> list[Role]:
    """Give a stored project the lists, modules and tags of a template. The caller saves the project.

    Due date labels that were sent with its creation take precedence. Returns the new roles.
    """
    for name in MODULES:
        setattr(project, name, getattr(template, name))
    for name in LABELLED:
        setattr(project, name, getattr(project, name) or getattr(template, name))
    made = {
        **make_statuses(template, project),
        **make_due_dates(template, project),
        "points": Points.objects.bulk_create(
            Points(project=project, name=row["name"], order=order(row), value=row.get("value"))
            for row in listed(template, "points")
        ),
        **{member: make_labels(model, template, member, project) for member, model in LABELS.items()},
    }
    make_custom_attributes(template, project)
    choose_defaults(project, template.default_options, made)
    return make_roles(template, project)


def listed(template: ProjectTemplate, member: str) -> list[Row]:
    """The rows of one member. Templates are stored unchecked, so unusable rows are refused here."""
    rows = getattr(template, member) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("name") for row in rows):
        raise errors.BadRequest(_("The project template cannot be used: '%s' is not a list of named rows.") % member)
    return rows


def order(row: Row) -> int:
    """The order of a row; the default is that of the lists."""
    given = row.get("order")
    return given if isinstance(given, int) else 10


def make_statuses(template: ProjectTemplate, project: Project) -> dict[str, list[Status]]:
    """The statuses of all kinds. Their slugs follow from the names, whatever the template says."""
    made: dict[str, list[Status]] = {}
    for member, kind in STATUSES.items():
        taken: set[str] = set()
        made[member] = []
        for row in listed(template, member):
            slug = unique_slug(slugify(row["name"]) or "null", taken, max_length=255)
            taken.add(slug)
            made[member].append(
                Status(
                    project=project,
                    kind=kind,
                    name=row["name"],
                    slug=slug,
                    order=order(row),
                    color=row.get("color", "#999999"),
                    is_closed=row.get("is_closed", False),
                    is_archived=row.get("is_archived", False) if kind == Kind.USERSTORY else False,
                    wip_limit=row.get("wip_limit") if kind == Kind.USERSTORY else None,
                )
            )
    Status.objects.bulk_create(status for statuses in made.values() for status in statuses)
    return made


def make_due_dates(
    template: ProjectTemplate, project: Project, members: Iterable[str] = tuple(DUE_DATES)
) -> dict[str, list[DueDate]]:
    """Create the due date labels of some kinds, by default all."""
    made = {
        member: [
            DueDate(
                project=project,
                kind=DUE_DATES[member],
                name=row["name"],
                order=order(row),
                color=row.get("color", "#999999"),
                by_default=row.get("by_default", False),
                days_to_due=row.get("days_to_due"),
            )
            for row in listed(template, member)
        ]
        for member in members
    }
    DueDate.objects.bulk_create(date for dates in made.values() for date in dates)
    return made


def make_labels(model: Any, template: ProjectTemplate, member: str, project: Project) -> Sequence[Model]:
    """The types, the priorities or the severities."""
    made: Sequence[Model] = model._default_manager.bulk_create(
        model(project=project, name=row["name"], order=order(row), color=row.get("color", "#999999"))
        for row in listed(template, member)
    )
    return made


def make_custom_attributes(template: ProjectTemplate, project: Project) -> None:
    """The custom fields of all kinds."""
    CustomAttribute.objects.bulk_create(
        CustomAttribute(
            project=project,
            kind=kind,
            name=row["name"],
            description=row.get("description", ""),
            type=row.get("type", "text"),
            order=row.get("order", clock.milliseconds()),
            extra=row.get("extra"),
        )
        for member, kind in CUSTOM_ATTRIBUTES.items()
        for row in listed(template, member)
    )


def make_roles(template: ProjectTemplate, project: Project) -> list[Role]:
    """The roles; unlike those made later they keep the slugs of the template."""
    roles = [
        Role(
            project=project,
            name=row["name"],
            slug=row.get("slug") or slugify(row["name"]) or "null",
            order=order(row),
            computable=row.get("computable", True),
            permissions=row.get("permissions") or [],
        )
        for row in listed(template, "roles")
    ]
    if not roles:
        raise errors.BadRequest(_("The project template cannot be used: it has no roles."))
    return Role.objects.bulk_create(roles)


def choose_defaults(project: Project, options: Any, made: dict[str, Any]) -> None:
    """Set the project's default values by name; an unknown name means no default."""
    names = options if isinstance(options, dict) else {}
    for option, member in DEFAULTS.items():
        chosen = next((row.pk for row in made[member] if row.name == names.get(option)), None)
        setattr(project, f"default_{option}_id", chosen)


def owner_role(template: ProjectTemplate, roles: Iterable[Role]) -> Role:
    """The role that the owner of a new project gets."""
    ranked = sorted(roles, key=lambda role: (role.order, role.slug))
    return next((role for role in ranked if role.slug == template.default_owner_role), ranked[0])


def of_project(project: Project, **values: Any) -> ProjectTemplate:
    """A template of a project's lists and modules, not stored."""
    template = ProjectTemplate(**values)
    for name in (*MODULES, *LABELLED):
        setattr(template, name, getattr(project, name))
    for member, kind in STATUSES.items():
        columns = STATUS_COLUMNS if kind == Kind.USERSTORY else STATUS_COLUMNS[:-2]
        setattr(template, member, rows_of(Status.objects.filter(kind=kind), project, columns))
    for member, kind in DUE_DATES.items():
        setattr(template, member, rows_of(DueDate.objects.filter(kind=kind), project, DUE_DATE_COLUMNS))
    for member, model in LABELS.items():
        setattr(template, member, rows_of(model._default_manager.all(), project, LABEL_COLUMNS))
    for member, kind in CUSTOM_ATTRIBUTES.items():
        fields = CustomAttribute.objects.filter(kind=kind)
        setattr(template, member, rows_of(fields, project, CUSTOM_ATTRIBUTE_COLUMNS))
    template.points = rows_of(Points.objects.all(), project, POINTS_COLUMNS)
    template.roles = rows_of(Role.objects.all(), project, ROLE_COLUMNS)
    template.default_options = {option: chosen(project, option) for option in DEFAULTS}
    template.default_owner_role = slug_of_owner(project, template.roles)
    return template


STATUS_COLUMNS = ("name", "slug", "is_closed", "color", "order", "is_archived", "wip_limit")
DUE_DATE_COLUMNS = ("name", "by_default", "color", "days_to_due", "order")
LABEL_COLUMNS = ("name", "color", "order")
POINTS_COLUMNS = ("name", "value", "order")
ROLE_COLUMNS = ("name", "slug", "permissions", "computable", "order")
CUSTOM_ATTRIBUTE_COLUMNS = ("name", "description", "type", "order")


def rows_of(rows: Any, project: Project, columns: tuple[str, ...]) -> list[Row]:
    """The rows of one of a project's lists."""
    return list(rows.filter(project=project).order_by("order", "id").values(*columns))


def chosen(project: Project, option: str) -> str | None:
    """The name of a default value."""
    value = getattr(project, f"default_{option}")
    return value.name if value is not None else None


def slug_of_owner(project: Project, roles: list[Row]) -> str:
    """The slug of the owner's role, or of the first role if the owner is not a member."""
    memberships = Membership.objects.filter(project=project, user=project.owner, user__isnull=False)
    slug = memberships.values_list("role__slug", flat=True).first()
    return slug if slug is not None else roles[0]["slug"] if roles else ""


def create(values: dict[str, Any]) -> ProjectTemplate:
    """A new template."""
    template = ProjectTemplate(**values)
    template.slug = free_slug(template.name)
    template.save(force_insert=True)
    return template


def create_from(project: Project, *, name: str, description: str) -> ProjectTemplate:
    """Create a template from a project."""
    template = of_project(project, name=name, description=description, slug=free_slug(name))
    template.save(force_insert=True)
    return template


def change(template: ProjectTemplate, values: dict[str, Any]) -> None:
    """Edit a template; projects made from it do not change."""
    for name, value in values.items():
        setattr(template, name, value)
    template.modified_date = clock.now()
    template.save()


def delete(template: ProjectTemplate) -> None:
    """Delete a template; projects made from it stay."""
    template.delete()


def free_slug(name: str) -> str:
    """A slug that no template has."""
    return unique_slug(slugify(name) or "null", among(ProjectTemplate.objects.all()), max_length=LONGEST_SLUG)
