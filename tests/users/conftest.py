"""Three users, and a client for each."""

import pytest

from taiga.projects.models import Project
from taiga.users.models import User
from tests.world import Caller, join, person, project_of


@pytest.fixture
def alice(db: None) -> User:
    return person("alice")


@pytest.fixture
def bob(db: None) -> User:
    return person("bob")


@pytest.fixture
def carol(db: None) -> User:
    return person("carol")


@pytest.fixture
def root(db: None) -> User:
    return person("root", is_superuser=True, is_staff=True)


@pytest.fixture
def project(alice: User, bob: User) -> Project:
    """Alice's private project, of which Bob is a member."""
    found = project_of(alice)
    join(bob, found)
    return found


@pytest.fixture
def nobody(db: None) -> Caller:
    return Caller()
