"""One worker process of a test: does what is due, some rounds of it, and may die where it hurts the most.

`python -m tests.stampli.one_worker '{"database": ..., "settings": {...}, "rounds": 1, "dies": false}'`
"""

import json
import os
import signal
import sys
from typing import Any

import django


def main(given: dict[str, Any]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = given["database"]
    for name, value in given["settings"].items():
        setattr(settings, name, value)
    django.setup()
    from django.utils import timezone

    from connections.management.commands.run_pending import run_pending
    from connections.models import Poll
    from connections.pipeline import deliver
    from connections.pipeline.conclude import conclude_delivered

    if given["dies"]:
        conclude = conclude_delivered

        def die_with_a_bill(connection: Any, claim: Any, *args: Any, **more: Any) -> None:
            """The file has its final name, and our database does not know it yet."""
            if claim.delivery.kind == "bill":
                os.kill(os.getpid(), signal.SIGKILL)
            conclude(connection, claim, *args, **more)

        vars(deliver)["conclude_delivered"] = die_with_a_bill
    for _ in range(given["rounds"]):
        Poll.objects.update(next_at=timezone.now())
        run_pending()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
