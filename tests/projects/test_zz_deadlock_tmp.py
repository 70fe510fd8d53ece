import pytest
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from tests.projects.apollo import Apollo

@pytest.mark.django_db(transaction=True)
def test_it():
    apollo = Apollo()
    ready = apollo.named("/userstory-statuses", "Ready")
    new = apollo.named("/userstory-statuses", "New")
    ids = [apollo.story(str(n))["id"] for n in range(3)]
    codes = []
    def patch(n):
        try:
            story = ids[n % 3]
            version = apollo.alice.get(f"/userstories/{story}").json()["version"]
            return "patch", apollo.alice.patch(f"/userstories/{story}", {"version": version, "subject": f"x{n}", "tags": [f"t{n}"]}).status_code
        finally:
            connection.close()
    def bulk(n):
        try:
            return "bulk", apollo.alice.post("/userstories/bulk_update_kanban_order", {"project_id": apollo.project.pk, "status_id": [new, ready][n % 2], "bulk_userstories": ids}).status_code
        finally:
            connection.close()
    from collections import Counter
    with ThreadPoolExecutor(16) as pool:
        futures = [pool.submit([patch, bulk][n % 2], n) for n in range(200)]
        print(Counter(f.result() for f in futures))
