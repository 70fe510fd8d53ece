"""The program's own settings, for tests: a data folder of their own, mail kept in memory, quick passwords."""

import atexit
import os
import shutil
import tempfile

from tests import template

_data = tempfile.mkdtemp(prefix="taiga-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)

os.environ.update(
    TAIGA_DATA=_data, TAIGA_ENV_FILE=os.devnull, TAIGA_SECRET_KEY="a-key-for-tests-that-is-as-long-as-it-must-be"
)
for _name, _value in {
    "PUBLIC_REGISTER_ENABLED": "true",
    "TAIGA_THROTTLE": "off",
    "WEBHOOKS_ALLOW_PRIVATE_ADDRESS": "true",
    "TAIGA_SITES_DOMAIN": "localhost:8000",
}.items():
    os.environ.setdefault(_name, _value)

from taiga.settings import *  # noqa: E402, F403
from taiga.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    _options = DATABASES["default"]["OPTIONS"]
    _options["init_command"] = _options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    DATABASES["default"]["TEST"] = {"NAME": f"{_data}/test.sqlite3"}  # a file, since the threads of a server share it
elif template.POSTGRES in os.environ:
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ[template.POSTGRES]}
