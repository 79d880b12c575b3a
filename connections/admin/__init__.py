"""The support's pages about connections, routes and the work that is due; docs/support.md shows their use."""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from connections.admin import connections, pushes, reference, routes, work

__all__ = ["connections", "pushes", "reference", "routes", "work"]

# Whoever may edit a schedule or resubmit a task can run any function of the program.
for model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
