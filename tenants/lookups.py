"""`number__begins="INV-10"`: a prefix search that an ordinary index serves on SQLite and on PostgreSQL.

Django's own `startswith` becomes a `LIKE`, which SQLite cannot look up in an index that tells upper from
lower case. On PostgreSQL the index needs `opclasses=["varchar_pattern_ops"]`.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup

HIGHEST_CHARACTER = "\U0010ffff"


@CharField.register_lookup
class Begins(Lookup):
    """True where the text begins with the value, upper and lower case as written."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", (*params, f"{connection.ops.prep_for_like_query(self.rhs)}%")

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        beyond = f"{self.rhs}{HIGHEST_CHARACTER}"
        return f"({column} >= %s AND {column} < %s)", (*params, self.rhs, *params, beyond)
