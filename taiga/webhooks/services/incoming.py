"""Requests of forges: whether they are genuine, and on whose behalf they change items."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.changes.record import Actor
from taiga.projects.models import Kind, ModulesConfig, Project, WorkItem
from taiga.projects.permissions import Access, access_to
from taiga.projects.services import workitems
from taiga.projects.services.kinds import KINDS
from taiga.webhooks.forges.calls import Call, Config
from taiga.webhooks.forges.events import Forge, Person
from taiga.webhooks.services.system_users import acting


@dataclass(frozen=True)
class Source:
    """A forge, and the project for which it is configured."""

    forge: Forge
    project_id: int
    config: Config

    def writer(self, person: Person) -> "Writer":
        """The account that changes items for this person."""
        user = acting(self.forge, person)
        access = access_to(user, self.project_id)
        if access is None:
            raise errors.BadRequest(_("The project doesn't exist"))
        return Writer(Actor(user), access)


@dataclass(frozen=True)
class Writer:
    """Changes items on behalf of a forge: without a new version, and also in an archived project."""

    by: Actor
    access: Access

    def change(self, item: WorkItem, **values: Any) -> None:
        """Change fields of an item, add a comment, or both."""
        workitems.save(item, values, {}, access=self.access, by=self.by)


def source(forge: Forge, project_id: int | None, call: Call) -> Source:
    """The source of a request. Raises BadRequest for one that is not genuine, and Blocked."""
    project = Project.objects.filter(pk=project_id).only("blocked_code").first() if project_id is not None else None
    if project is None:
        raise errors.BadRequest(_("The project doesn't exist"))
    stored = ModulesConfig.objects.filter(project=project).first()
    config = (stored.config or {}).get(forge.key) if stored is not None else None
    if not isinstance(config, dict) or not forge.is_genuine(call, config):
        raise errors.BadRequest(_("Bad signature"))
    if project.blocked_code is not None:
        raise errors.Blocked
    return Source(forge, project.pk, config)


def locked(project_id: int, **lookup: Any) -> WorkItem | None:
    """An item of a project, as an instance of its kind, locked; None if there is none."""
    found = WorkItem.objects.filter(project_id=project_id, **lookup).order_by("id").values_list("pk", "kind").first()
    if found is None:
        return None
    key, kind = found
    item: WorkItem | None = KINDS[Kind(kind)].model.objects.select_for_update().filter(pk=key).first()
    return item
