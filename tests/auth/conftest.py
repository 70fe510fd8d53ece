"""The same people as for users."""

from tests.users.conftest import alice, bob, carol, nobody, project, root

__all__ = ["alice", "bob", "carol", "nobody", "project", "root"]
