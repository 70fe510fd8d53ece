"""Servers that are there at once, for tests that need many: all is imported, and each line read forks one more.

Each is what `taiga serve --port 0` is after its imports: it says its process id, and then that it is ready.
"""

import os
import signal
import sys

import django
from django.db import connections


def main() -> None:
    django.setup()
    from taiga.server import listener, serving, start  # only after the set-up

    start.prepare()
    connections.close_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed ones are nobody's zombies
    for _line in sys.stdin:
        taken = listener.listen("127.0.0.1", 0)
        child = os.fork()
        if not child:
            serving.serve(taken, "127.0.0.1")
            os._exit(0)
        taken.close()
        print(child, flush=True)


if __name__ == "__main__":
    main()
