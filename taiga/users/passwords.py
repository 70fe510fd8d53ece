"""The hash of passwords: argon2id with OWASP's parameters for servers."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """19 MiB and two passes on one core, so that parallel log-ins do not exhaust the memory."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
