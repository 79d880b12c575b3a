"""What gunicorn runs: `gunicorn connector_site.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connector_site.settings")

application = get_wsgi_application()

# Django's models can be imported only now.
from connections.checks import require_right_keys  # noqa: E402

require_right_keys()
