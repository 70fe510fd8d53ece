"""How passwords are kept: argon2id with the cost that OWASP recommends for servers with many log-ins."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """19 MiB and two passes on one core, so that log-ins in parallel do not eat the memory."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
