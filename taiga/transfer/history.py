"""The history of an item, for reading and writing. Only the ids of people are translated; names of other objects are in
the entries themselves.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from taiga.changes.models import Change, ChangeType
from taiga.projects.models import Status
from taiga.projects.queries import texts
from taiga.transfer import forms, history_shapes
from taiga.transfer.loading import Loading
from taiga.transfer.markup import harmless
from taiga.transfer.parts import objects
from taiga.transfer.problems import Wrong
from taiga.transfer.sections import Column, Data, Row, Spec, columns

ENTRY = columns(
    Change,
    Spec("diff", forms.MAPPING),
    Spec("snapshot", forms.MAPPING),
    Spec("values", forms.MAPPING),
    "comment",
    "delete_comment_date",
    Spec("comment_versions", forms.LISTING),
    Spec("at", key="created_at"),
    "edit_comment_date",
    "is_hidden",
    Spec("type", forms.whole(1, 3)),
)
PEOPLE_IN_DIFF = ("assigned_to", "assigned_users", "owner")
LISTED_PEOPLE = ("assigned_users", "owner")
"""People whose ids are in a diff as they were on the other server."""
LONGEST_NAME = 256
FOREIGN = "people_of_another_server"
"""The key in a change's context if its lists have ids of people that could not be translated."""
FOREIGN_LABELS = "names_of_another_server"
"""The key in a change's context if the ids in its names of people could not be translated."""
NUMBER = re.compile(r"-?[0-9]{1,18}")
Known = dict[int, tuple[int | None, str]]
Accounts = Mapping[int, tuple[str, str]]


class History:
    """The visible entries of an object, from the oldest to the newest. `statuses` is the list to which its status
    belongs.
    """

    key = "history"

    def __init__(self, type_key: str, statuses: str = "") -> None:
        self.type_key = type_key
        self.statuses = statuses

    # ── in ──

    def read(self, value: Any, row: Row, loading: Loading) -> None:
        """Make a change of each entry."""
        entries = row.attempt(self.key, objects, value) or []
        row.is_untold = not entries
        for number, one in enumerate(entries):
            inner = Row(row.section, row.index, one, Change(type=ChangeType.CHANGE))
            for column in ENTRY:
                assert isinstance(column, Column)
                loading.read_column(inner, column)
            for key, message in () if inner.wrong else history_shapes.problems_of(inner.instance):
                inner.refuse(key, message)
            if not inner.wrong:
                inner.attempt("", self.complete, inner.instance, one, loading)
            for key, message in inner.wrong:
                row.refuse_inside(self.key, number, key, message)
            loading.entries.append((row, inner.instance))

    def complete(self, change: Change, one: Data, loading: Loading) -> None:
        """Set what is not a column: the author, the kind of object, rendered texts, translated ids."""
        change.diff, change.snapshot = harmless(change.diff), harmless(change.snapshot)
        change.comment_versions = harmless(change.comment_versions)
        change.kind, change.project_id = self.type_key, loading.project.pk
        address, change.by_name = pair_of(one.get("user"))
        change.by_id = loading.person(address)
        if "delete_comment_user" in one and one["delete_comment_user"] is not None:
            change.delete_comment_user = self.remover(one["delete_comment_user"], loading)
        if change.comment_versions is not None:
            change.comment_versions = [self.version(version, loading) for version in objects(change.comment_versions)]
        change.comment_html = texts.html(change.comment, loading.project.pk, loading.project.slug)
        self.translate(change, one.get("users"), loading)

    def remover(self, value: Any, loading: Loading) -> Data:
        """Who deleted a comment."""
        address, name = pair_of(value)
        return {"pk": loading.person(address), "name": name} if value else {}

    def version(self, version: Data, loading: Loading) -> Data:
        """A former text of a comment. The id of its author is replaced by that of this server, or by null."""
        user = version.get("user")
        address = user.get("email") if isinstance(user, dict) else None
        return {**version, "user": {"id": loading.person(address)}}

    def translate(self, change: Change, users: Any, loading: Loading) -> None:
        """Replace the ids of people of the other server, as far as it is known whose they are."""
        known = self.known(change, users, loading)
        if not known.keys() >= set(listed_people(change)):
            change.context[FOREIGN] = True
        names = {key: name for key, name in known.values() if key is not None}
        if "assigned_to" in change.diff:
            pair = change.diff["assigned_to"]
            names |= {key: loading.people.name_of(one) for one in pair if (key := loading.person(one)) is not None}
            change.diff["assigned_to"] = [loading.person(one) for one in pair]
        for name in LISTED_PEOPLE:
            if name in change.diff:
                change.diff[name] = [translated(side, known) for side in change.diff[name]]
        if change.diff.keys() & set(PEOPLE_IN_DIFF) and (known or names):
            change.values["users"] = {str(key): name for key, name in names.items()}
        elif labels(change):
            change.context[FOREIGN_LABELS] = True
        if change.snapshot:
            self.translate_snapshot(change.snapshot, known, loading)

    def known(self, change: Change, users: Any, loading: Loading) -> Known:
        """Whose ids they are: as the dump says, or if only one person is possible."""
        if isinstance(users, dict):
            pairs = {int(key): pair_of(value) for key, value in users.items() if NUMBER.fullmatch(key)}
            return {key: (loading.person(address), name) for key, (address, name) in pairs.items()}
        addresses = change.values.get("users")
        ids = {key for side in change.diff.get("assigned_users", ()) for key in ids_in(side)}
        if "assigned_to" not in change.diff and isinstance(addresses, list) and len(addresses) == len(ids) == 1:
            return {ids.pop(): (loading.person(addresses[0]), loading.people.name_of(addresses[0]))}
        return {}

    def translate_snapshot(self, snapshot: Data, known: Known, loading: Loading) -> None:
        """Replace the e-mail addresses or ids of people, and the name of the status, in a snapshot."""
        for name in ("owner", "assigned_to"):
            person = snapshot.get(name)
            if person is not None:
                snapshot[name] = loading.person(person) if isinstance(person, str) else known.get(person, (None, ""))[0]
        if "assigned_users" in snapshot:
            snapshot["assigned_users"] = translated(snapshot["assigned_users"], known)
        status = snapshot.get("status")
        if isinstance(status, str):
            snapshot["status"] = loading.names[self.statuses].get(status, status)

    # ── out ──

    def write(self, ids: Sequence[int], dumping: Any) -> Mapping[int, Any]:
        """The visible entries of creations and changes."""
        changes = list(
            Change.objects.filter(
                kind=self.type_key,
                object_id__in=ids,
                entry=None,
                is_hidden=False,
                type__in=(ChangeType.CHANGE, ChangeType.CREATE),
            ).order_by("at", "id")
        )
        people = dumping.people({key for change in changes for key in people_in(change)})
        names = dumping.once("statuses", status_names) if self.statuses else {}
        found: dict[int, list[Data]] = defaultdict(list)
        for change in changes:
            found[change.object_id].append(written(change, people, names))
        return {key: found.get(key, []) for key in ids}


def status_names(project_id: int) -> dict[int, str]:
    """The names of a project's statuses."""
    return dict(Status.objects.filter(project_id=project_id).values_list("id", "name"))


def pair_of(value: Any) -> tuple[Any, str]:
    """The e-mail address and name of `[address, name]`; of an empty list or null, None and "". Raises Wrong."""
    if value in (None, []):
        return None, ""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], str | None):
        raise Wrong(_("A person must be a pair of an e-mail address and a name."))
    return value[0], (value[1] or "")[:LONGEST_NAME]


def ids_in(value: Any) -> Iterator[int]:
    """The ids in one side of a difference."""
    yield from filter(history_shapes.is_id, value if isinstance(value, list) else [value])


def translated(value: Any, known: Known) -> Any:
    """A side of a difference with translated ids, without people who are left out."""
    if isinstance(value, list):
        found = [known[key][0] if key in known else key for key in value]
        return [key for key in found if key is not None]
    return known[value][0] if value in known else value


def people_in(change: Change) -> Iterable[int]:
    """The ids of all people in a change."""
    yield from ids_in(change.by_id)
    for name in PEOPLE_IN_DIFF:
        for side in change.diff.get(name, ()):
            yield from ids_in(side)
        yield from ids_in((change.snapshot or {}).get(name))
    yield from ids_in((change.delete_comment_user or {}).get("pk"))
    yield from label_ids(change)
    for version in change.comment_versions or ():
        yield from ids_in(editor(version).get("id"))


def listed_people(change: Change) -> Iterator[int]:
    """The ids of people that are in a change as they were on the other server."""
    for name in LISTED_PEOPLE:
        for side in change.diff.get(name, ()):
            yield from ids_in(side)
    yield from ids_in((change.snapshot or {}).get("assigned_users"))


def labels(change: Change) -> dict[str, str]:
    """The names of people in a change, by id."""
    held = change.values.get("users")
    return held if isinstance(held, dict) else {}


def label_ids(change: Change) -> list[int]:
    """The ids of the names of people, unless they are those of another server."""
    return [int(key) for key in labels(change) if NUMBER.fullmatch(key) and FOREIGN_LABELS not in change.context]


def editor(version: Any) -> Data:
    """The author of a former text of a comment."""
    user = version.get("user") if isinstance(version, dict) else None
    return user if isinstance(user, dict) else {}


def address(key: Any, known: Accounts) -> str | None:
    """The e-mail address of an account; None if it does not exist any more."""
    return known[key][0] if type(key) is int and key in known else None


def written(change: Change, known: Accounts, statuses: Mapping[int, str]) -> Data:
    """An entry as it is in a dump."""
    remover = change.delete_comment_user
    entry = {
        "user": [address(change.by_id, known), change.by_name],
        "diff": {
            name: [address(one, known) for one in pair] if name == "assigned_to" else pair
            for name, pair in change.diff.items()
        },
        "snapshot": written_snapshot(change.snapshot, known, statuses),
        "values": written_values(change, known),
        "comment": change.comment,
        "delete_comment_date": forms.MOMENT.write(change.delete_comment_date),
        "delete_comment_user": [address(remover.get("pk"), known), remover.get("name") or ""] if remover else [],
        "comment_versions": written_versions(change.comment_versions, known),
        "created_at": forms.MOMENT.write(change.at),
        "edit_comment_date": forms.MOMENT.write(change.edit_comment_date),
        "is_hidden": change.is_hidden,
        "is_snapshot": bool(change.snapshot),
        "type": change.type,
    }
    people = who_is_who(change, known)
    return {**entry, "users": people} if people else entry


def written_snapshot(snapshot: Any, known: Accounts, statuses: Mapping[int, str]) -> Any:
    """A snapshot with e-mail addresses of people, and the name of the status."""
    if not snapshot:
        return snapshot
    shown: Data = dict(snapshot)
    for name in ("owner", "assigned_to"):
        if name in shown:
            shown[name] = address(shown[name], known)
    if "status" in shown:
        shown["status"] = statuses.get(shown["status"], shown["status"])
    return shown


def written_values(change: Change, known: Accounts) -> Data:
    """The names in a change; those of people are replaced by their e-mail addresses, which is what other servers
    read.
    """
    values: Data = change.values
    if values.get("users") is None:
        return {**values, "users": []}
    if not isinstance(values["users"], dict) or FOREIGN_LABELS in change.context:
        return values
    found = (address(key, known) for key in label_ids(change))
    return {**values, "users": [one for one in found if one]}


def written_versions(versions: Any, known: Accounts) -> Any:
    """Former texts of a comment with the e-mail addresses of their authors."""
    if not versions:
        return versions
    return [{**one, "user": {**editor(one), "email": address(editor(one).get("id"), known)}} for one in versions]


def who_is_who(change: Change, known: Accounts) -> dict[str, list[str | None]]:
    """`{id: [address, name]}` of the people in a change, for which Taiga's format has no place."""
    ids = set() if FOREIGN in change.context else set(listed_people(change))
    ids |= set(label_ids(change))
    names = labels(change)
    return {str(key): [address(key, known), names.get(str(key)) or known.get(key, ("", ""))[1]] for key in sorted(ids)}
