"""What is counted or found in a whole project: the facets of its stories, and a search."""

from bench.statements.dialect import Dialect, Members

STORIES = "projects_workitem AS i WHERE i.project_id = {project} AND i.kind = 'userstory'"


def facets(say: Dialect, project: int) -> str:
    """How many stories each status, person, tag, epic and role has; each of them counted in one pass."""
    stories = STORIES.format(project=project)
    counts = (
        f"by_status AS MATERIALIZED (SELECT i.status_id AS k, count(*) AS n FROM {stories} GROUP BY 1),"
        f" by_assigned AS MATERIALIZED (SELECT i.assigned_to_id AS k, count(*) AS n FROM {stories} GROUP BY 1),"
        f" by_owner AS MATERIALIZED (SELECT i.owner_id AS k, count(*) AS n FROM {stories} GROUP BY 1),"
        f" by_tag AS MATERIALIZED (SELECT element.value AS k, count(*) AS n FROM projects_workitem AS i,"
        f" {say.elements('i.tags')} WHERE i.project_id = {project} AND i.kind = 'userstory' GROUP BY 1),"
        " given AS MATERIALIZED (SELECT u.user_story_id AS item, u.user_id AS person"
        " FROM projects_assigneduser AS u JOIN"
        f" {stories.replace(' WHERE', ' ON i.id = u.user_story_id WHERE')}),"
        f" either AS MATERIALIZED (SELECT * FROM given UNION SELECT i.id, i.assigned_to_id FROM {stories}"
        " AND i.assigned_to_id IS NOT NULL),"
        " by_given AS MATERIALIZED (SELECT person AS k, count(*) AS n FROM (SELECT * FROM given UNION ALL"
        f" SELECT i.id, i.assigned_to_id FROM {stories} AND NOT EXISTS (SELECT 1 FROM given WHERE given.item = i.id)"
        ") AS all_of_them GROUP BY 1),"
        " by_epic AS MATERIALIZED (SELECT r.epic_id AS k, count(*) AS n FROM projects_relateduserstory AS r JOIN"
        f" {stories.replace(' WHERE', ' ON i.id = r.user_story_id WHERE')} GROUP BY 1),"
        f" no_epic AS MATERIALIZED (SELECT count(*) AS n FROM {stories} AND NOT EXISTS"
        " (SELECT 1 FROM projects_relateduserstory AS r WHERE r.user_story_id = i.id)),"
        " by_role AS MATERIALIZED (SELECT m.role_id AS k, count(DISTINCT either.item) AS n FROM either"
        f" JOIN projects_membership AS m ON m.user_id = either.person AND m.project_id = {project} GROUP BY 1)"
    )
    source = f"projects_project AS p, (SELECT {say.key} AS id) AS wanted WHERE p.id = wanted.id"
    return f"WITH {counts} {say.one(members(say, project), source)}"


def members(say: Dialect, project: int) -> Members:
    count = {"count": "coalesce(c.n, 0)"}
    coloured = {"id": "x.id", "name": "x.name", "color": "x.color", "order": 'x."order"'}
    face = {"photo": "null", "big_photo": "null", "gravatar_id": "'00000000000000000000000000000000'"}
    name = {"id": "u.id", "full_name": "u.full_name"}
    everybody = (
        f"(SELECT u.id, u.full_name FROM users_user AS u JOIN projects_membership AS m ON m.user_id = u.id AND"
        f" m.project_id = {project} UNION ALL SELECT NULL, '') AS u"
    )
    is_same = "coalesce(c.k, 0) = coalesce(u.id, 0)"
    by_name = "ORDER BY u.id IS NOT NULL, lower(u.full_name), u.id"
    epic = {"id": "x.id", "ref": "x.ref", "subject": "x.subject", "order": "x.epics_order"}
    epics = (
        f"(SELECT id, ref, subject, epics_order FROM projects_workitem WHERE project_id = {project} AND kind = 'epic'"
        " UNION ALL SELECT NULL, NULL, NULL, 0) AS x LEFT JOIN by_epic AS c ON c.k = x.id ORDER BY x.epics_order"
    )
    tag, color = say.pair("one")
    return {
        "statuses": say.listed(
            {**coloured, **count},
            f"projects_status AS x LEFT JOIN by_status AS c ON c.k = x.id WHERE x.project_id = {project}"
            """ AND x.kind = 'userstory' ORDER BY x."order" """,
        ),
        "assigned_to": say.listed({**name, **count}, f"{everybody} LEFT JOIN by_assigned AS c ON {is_same} {by_name}"),
        "assigned_users": say.listed(
            {**name, **face, **count}, f"{everybody} LEFT JOIN by_given AS c ON {is_same} {by_name}"
        ),
        "owners": say.listed({**name, **face, **count}, f"{everybody} JOIN by_owner AS c ON {is_same} {by_name}"),
        "tags": say.listed(
            {"name": tag, "color": color, **count},
            f"{say.pairs('p.tags_colors', 'one')} LEFT JOIN by_tag AS c ON c.k = {tag} ORDER BY {tag}",
        ),
        "epics": say.listed(
            {**epic, "count": "CASE WHEN x.id IS NULL THEN (SELECT n FROM no_epic) ELSE coalesce(c.n, 0) END"}, epics
        ),
        "roles": say.listed(
            {**coloured, "color": "null", **count},
            f"projects_role AS x LEFT JOIN by_role AS c ON c.k = x.id WHERE x.project_id = {project}"
            """ ORDER BY x."order", x.slug""",
        ),
    }


def search(say: Dialect, project: int) -> str:
    """The best 150 of each kind that have a word beginning with `login`, in one pass over what matches."""
    plain = {"id": "i.id", "ref": "i.ref", "subject": "i.subject", "status": "i.status_id"}
    other = {**plain, "assigned_to": "i.assigned_to_id"}
    points = (
        "(SELECT sum(q.value) FROM projects_rolepoints AS rp JOIN projects_points AS q ON q.id = rp.points_id"
        " WHERE rp.user_story_id = i.id)"
    )
    story = {**plain, "total_points": points, "milestone_name": "m.name", "milestone_slug": "m.slug"}
    source, matches, rank = say.found()
    ranked = f"SELECT i.id, i.kind, {rank} AS rank FROM {source} WHERE i.project_id = {project} AND {matches}"
    found = f"found AS MATERIALIZED ({ranked})"

    def best(kind: str, shown: Members) -> str:
        page = f"(SELECT * FROM found WHERE kind = '{kind}' ORDER BY rank DESC, id DESC LIMIT 150) AS best"
        items = "projects_workitem AS i ON i.id = best.id LEFT JOIN projects_milestone AS m ON m.id = i.milestone_id"
        return say.listed(shown, f"{page} JOIN {items} ORDER BY best.rank DESC, best.id DESC")

    sections = {
        "epics": best("epic", other),
        "userstories": best("userstory", story),
        "tasks": best("task", other),
        "issues": best("issue", other),
        "wikipages": say.array(),
        "count": "(SELECT sum(n) FROM (SELECT min(150, count(*)) AS n FROM found GROUP BY kind) AS sizes)",
    }
    if say.key.startswith("%"):
        sections["count"] = sections["count"].replace("min(", "least(")
    return f"WITH {found} {say.one(sections, f'(SELECT {say.key} AS id) AS wanted')}"
