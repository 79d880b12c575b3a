"""What every page of the support's admin builds on: lists that stay fast on big tables, pages that only show.

No list counts its table, sorts by a column without an index, or loads the choices of a filter from it. A
search asks one index after the other, see `SupportAdmin.find`.
"""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants import lookups  # noqa: F401 - makes `__begins` known
from tenants.models import Tenant

DEEPEST_PAGE = 200
FOUND_AT_MOST = 200
TENANTS_OFFERED = 12
ID = re.compile(r"[0-9]{1,18}")


class NextPageChangeList(ChangeList):
    """Knows whether there is a next page, and nothing beyond: it never counts."""

    has_next = False

    def get_results(self, request: HttpRequest) -> None:
        if not 1 <= self.page_num <= DEEPEST_PAGE:
            raise IncorrectLookupParameters
        before = (self.page_num - 1) * self.list_per_page
        rows = list(self.queryset[before : before + self.list_per_page + 1])
        self.has_next = len(rows) > self.list_per_page
        self.may_go_on = self.has_next and self.page_num < DEEPEST_PAGE
        self.result_list = rows[: self.list_per_page]
        self.first_row, self.last_row = before + 1, before + len(self.result_list)
        self.result_count = before + len(rows)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = Paginator(self.result_list, self.list_per_page)

    def next_page(self) -> str:
        return self.get_query_string({"p": self.page_num + 1})

    def previous_page(self) -> str:
        return self.get_query_string({"p": self.page_num - 1})


class SupportAdmin(admin.ModelAdmin):
    """A list and a page for support staff. Nothing is deleted here: the history keeps its rows."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by: ClassVar = ()

    class Media:
        css = {"all": ["desk.css"]}

    # Encrypted columns, also those of related rows ("connection__credentials"): neither read nor shown.
    secrets: ClassVar[tuple[str, ...]] = ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = str(self.opts.verbose_name_plural)
        return super().changelist_view(
            request, {"title": title[:1].upper() + title[1:], **(extra_context or {})}
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NextPageChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.secrets)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            *(super().get_exclude(request, obj) or ()),
            *(name for name in self.secrets if "__" not in name),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def find(self, text: str) -> Iterator[Q]:
        """The look-ups for what a person typed; each is served by an index of its own."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The matches, found by their ids first: no index serves an OR over several columns."""
        text = search_term.strip().replace("\x00", "")
        if not text:
            return queryset, False
        found: set[Any] = set()
        for lookup in self.find(text):
            found.update(self._matches(queryset, lookup))
            if len(found) >= FOUND_AT_MOST:
                messages.info(
                    request,
                    f"Many match “{text}”; some of them are shown. Choose an organisation or write more.",
                )
                break
        return queryset.filter(pk__in=found), False

    def _matches(self, queryset: QuerySet[Any], lookup: Q) -> list[Any]:
        """Ids of the rows of `queryset` that fit the look-up, the newest if they are many.

        First without the list's filters: SQLite has no statistics, and might read all rows of a tenant
        instead of the few with that number. What begins with the text is not sorted: it may be a million.
        """
        order = () if _is_prefix(lookup) else ("-pk",)
        everywhere = self.model._base_manager.filter(lookup).order_by(*order).values_list("pk", flat=True)
        ids = list(everywhere[:FOUND_AT_MOST])
        if not ids:
            return []
        fitting = queryset.filter(pk__in=ids) if len(ids) < FOUND_AT_MOST else queryset.filter(lookup)
        return list(fitting.order_by(*order).values_list("pk", flat=True)[:FOUND_AT_MOST])


class ReadOnlyAdmin(SupportAdmin):
    """Shown, never changed by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _is_prefix(lookup: Q) -> bool:
    return any(isinstance(child, tuple) and child[0].endswith("__begins") for child in lookup.children)


class TenantFilter(admin.SimpleListFilter):
    """Type an organisation's name or the name in its addresses; the part that fits is enough."""

    title = "organisation"
    parameter_name = "tenant"
    template = "admin/tenant_filter.html"
    # The look-up from the row to its tenant.
    path = "tenant"

    def __init__(self, request: HttpRequest, params: Any, model: type[Model], model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.typed = (self.value() or "").strip()
        self.tenants = find_tenants(self.typed) if self.typed else []

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.typed:
            return queryset
        if len(self.tenants) != 1:
            return queryset.none()
        return queryset.filter(**{self.path: self.tenants[0]})

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        kept = {key: value for key, value in changelist.params.items() if key != self.parameter_name}
        yield {"kept": kept, "all": changelist.get_query_string(remove=[self.parameter_name])}
        for tenant in self.tenants:
            yield {
                "tenant": tenant,
                "selected": len(self.tenants) == 1,
                "query_string": changelist.get_query_string({self.parameter_name: tenant.slug}),
            }


def find_tenants(typed: str) -> list[Tenant]:
    """The organisation that is named exactly so, else those whose name or address contains it."""
    exact = list(Tenant.objects.filter(slug=typed.lower()))
    if exact:
        return exact
    return list(Tenant.objects.filter(Q(name__icontains=typed) | Q(slug__icontains=typed))[:TENANTS_OFFERED])


def tenant_filter(path: str) -> type[TenantFilter]:
    """The filter for rows whose tenant is reached by `path`, such as "connection__tenant"."""
    return type("TenantFilter", (TenantFilter,), {"path": path})


class Chooser(AutocompleteSelect):
    """Finds the row of a relation while one types. What stands in the address and is no id is passed over."""

    def __init__(self, relation: Any) -> None:
        super().__init__(relation, admin.site)

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if ID.fullmatch(str(each))], attr)


def link(url: str, text: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)
