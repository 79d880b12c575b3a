"""Signing in to FreshBooks by browser, choosing the business, disconnecting, and the webhook address."""

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from connections.models import AccessToken, Connection, ConnectionState, Route, SystemKind
from connections.pipeline.health import activate
from connections.systems.base import SystemFailure
from connections.systems.freshbooks import oauth, webhooks
from connections.systems.freshbooks.businesses import Business, businesses, the_chosen
from connections.systems.freshbooks.callbacks import remove_webhooks
from connections.systems.freshbooks.client import Client
from connections.systems.http import Http
from tenants.access import AuthenticatedRequest, TenantRequest, get_or_404, tenant_required
from tenants.models import Membership, Role

STATE_SALT = "connections.freshbooks.sign-in"
STATE_SECONDS = 600
SESSION_KEY = "freshbooks_sign_ins"
MOST_PENDING = 5


@require_GET
@never_cache
@tenant_required(Role.EDITOR)
def connect(request: TenantRequest, key: str) -> HttpResponse:
    """Send the browser to FreshBooks' consent page.

    A link, not a form: the content security policy lets forms lead to ourselves only. Nothing changes until
    the person has agreed over there.
    """
    connection = _connection(request, key)
    # The state says which connection it is about; that this browser asked for it is kept in its session.
    nonce = secrets.token_urlsafe(16)
    state = signing.dumps([nonce, connection.pk, request.user.pk], salt=STATE_SALT)
    try:
        address = oauth.authorize_url(state, more=_more_scopes(connection))
    except SystemFailure as failure:
        return _problem(request, connection, str(failure), failure.remedy)
    pending = request.session.get(SESSION_KEY, [])
    request.session[SESSION_KEY] = [*pending, nonce][-MOST_PENDING:]
    return redirect(address)


def _more_scopes(connection: Connection) -> list[str]:
    """The right to change invoices is asked for when a route has acknowledgements noted on them."""
    noting = Route.objects.for_tenant(connection.tenant_id).filter(
        source=connection, notes_acknowledgements=True
    )
    return [oauth.WRITE_INVOICES] if noting.exists() else []


@require_GET
@never_cache
@login_required
def callback(request: AuthenticatedRequest) -> HttpResponse:
    """Back from FreshBooks, with a code or with a refusal."""
    connection = _connection_of_state(request, request.GET.get("state", ""))
    if connection is None:
        return _problem(
            request,
            None,
            "This sign-in was not started in this browser, was used already, or took over ten minutes.",
            "Nothing was changed. Open the connection and choose “Connect FreshBooks” again.",
        )
    if error := request.GET.get("error", ""):
        return _problem(request, connection, *_refusal(error))
    http = Http("FreshBooks")
    try:
        oauth.exchange_code(connection, request.GET.get("code", ""), http)
    except SystemFailure as failure:
        return _problem(request, connection, str(failure), failure.remedy)
    finally:
        http.close()
    return redirect("freshbooks_business", connection.tenant.slug, connection.key)


@never_cache
@tenant_required(Role.EDITOR)
def business(request: TenantRequest, key: str) -> HttpResponse:
    """Choose which of the person's businesses this connection is for."""
    connection = _connection(request, key)
    if not AccessToken.objects.filter(connection=connection).exists():
        return redirect(connection)
    client = Client(connection)
    try:
        found = [_fitting(one, connection) for one in businesses(client)]
    except SystemFailure as failure:
        return _problem(request, connection, str(failure), failure.remedy)
    finally:
        client.close()
    before = the_chosen(found, connection.settings.get("account_id", ""))
    chosen = the_chosen(found, request.POST.get("account_id", "")) if request.method == "POST" else before
    if chosen and not chosen.obstacle:
        return _use(request, connection, chosen)
    context = {"connection": connection, "businesses": found, "usable": [b for b in found if not b.obstacle]}
    return render(request, "connections/freshbooks/business.html", context)


@tenant_required(Role.EDITOR)
def disconnect(request: TenantRequest, key: str) -> HttpResponse:
    """End our access, at FreshBooks too, after a question."""
    connection = _connection(request, key)
    if request.method != "POST":
        context = {
            "question": f"Disconnect {connection} from FreshBooks?",
            "consequence": "Our access ends at once and nothing is read from FreshBooks any more. "
            "What was delivered stays on record. You can connect the same business again at any time.",
            "action": "Disconnect",
            "back": connection.get_absolute_url(),
        }
        return render(request, "confirm.html", context)
    trouble = _end_access(connection)
    Connection.objects.for_tenant(request.tenant).filter(pk=connection.pk).update(
        state=ConnectionState.OFF, state_text=f"Disconnected by {request.user}.", state_remedy=""
    )
    if trouble:
        messages.warning(
            request,
            f"{connection} is disconnected here, but FreshBooks could not be told: {trouble} "
            "Remove our app in FreshBooks under Settings, Integrations.",
        )
    else:
        messages.success(request, f"{connection} is disconnected.")
    return redirect(connection)


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, token: str) -> HttpResponse:
    """One delivery from FreshBooks; answered 2xx only once it is stored."""
    body = _body(request)
    if body is None:
        return HttpResponse(status=413)
    signature = request.headers.get(webhooks.SIGNATURE_HEADER, "")
    return HttpResponse(status=webhooks.receive(token, body, signature))


def _body(request: HttpRequest) -> bytes | None:
    """The raw body; None if it is larger than any delivery. Never read further than that."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        body = request.read(webhooks.MAX_BODY + 1)
    except (ValueError, RequestDataTooBig):
        return None
    return None if max(length, len(body)) > webhooks.MAX_BODY else body


def _connection(request: TenantRequest, key: str) -> Connection:
    return get_or_404(request, Connection, key=key, system=SystemKind.FRESHBOOKS)


def _connection_of_state(request: AuthenticatedRequest, state: str) -> Connection | None:
    """The connection that this browser and person began to sign in for; works once."""
    try:
        nonce, connection_id, user_id = signing.loads(state, salt=STATE_SALT, max_age=STATE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    pending = request.session.get(SESSION_KEY, [])
    if nonce not in pending or user_id != request.user.pk:
        return None
    request.session[SESSION_KEY] = [other for other in pending if other != nonce]
    found = Connection.unscoped.select_related("tenant").filter(pk=connection_id).first()
    if found is None:
        return None
    member = Membership.unscoped.filter(user=request.user, tenant=found.tenant).first()
    # The role may have been taken away meanwhile.
    return found if member and member.allows(Role.EDITOR) else None


def _refusal(error: str) -> tuple[str, str]:
    if error == "access_denied":
        return (
            "You did not allow the access, so nothing was connected.",
            "Choose “Connect FreshBooks” again when you want to; FreshBooks then asks once more.",
        )
    return (
        "FreshBooks could not finish the sign-in.",
        f"Try again. If it happens again, tell support that FreshBooks said “{error[:60]}”.",
    )


def _fitting(found: Business, connection: Connection) -> Business:
    """The business, unless the connection belongs to another one already: its history would be mixed up."""
    account_id = connection.settings.get("account_id", "")
    if found.obstacle or not account_id or found.account_id == account_id:
        return found
    name = connection.settings.get("business_name") or "another business"
    return found.unusable(f"This connection is for {name}. Add another connection for this business.")


def _use(request: TenantRequest, connection: Connection, chosen: Business) -> HttpResponse:
    with transaction.atomic():
        connection.settings = {**connection.settings, **chosen.as_settings()}
        connection.save(update_fields=["settings"])
        activate(connection)
    messages.success(request, f"{connection} is connected with {chosen.name}.")
    return redirect(connection)


def _end_access(connection: Connection) -> str:
    """Remove the webhooks and the tokens; says what FreshBooks could not be told, or nothing."""
    client = Client(connection)
    try:
        remove_webhooks(connection, client)
        oauth.revoke(connection, client.http)
    except SystemFailure as failure:
        return str(failure)
    finally:
        client.close()
    return ""


def _problem(
    request: HttpRequest, connection: Connection | None, text: str, remedy: str, status: int = 400
) -> HttpResponse:
    context: dict[str, Any] = {"connection": connection, "text": text, "remedy": remedy}
    return render(request, "connections/freshbooks/problem.html", context, status=status)
