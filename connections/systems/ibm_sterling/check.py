"""The connection test of an IBM Sterling installation."""

import base64
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connections.models import ReferenceKind
from connections.systems import network
from connections.systems.base import Misconfigured, SystemFailure, Temporary
from connections.systems.checking import Question
from connections.systems.ibm_sterling import reference, replies
from connections.systems.ibm_sterling.api import CONNECT_SECONDS, Api, NotPermitted, Refused, failure_of
from connections.systems.ibm_sterling.settings import AuthMode, FinishAction, StatusSource

PROBE_NAME = "ml-connector-connection-test"
PROBE_LIFE_MINUTES = 60


def questions(api: Api) -> list[Question]:
    return list(_Test(api).questions())


@dataclass(slots=True)
class _Test:
    """`refusal` keeps the "you may not" of the first call: the sign-in has worked then, the permission not."""

    api: Api
    refusal: SystemFailure | None = None

    def questions(self) -> Iterator[Question]:
        settings = self.api.settings
        yield Question("resolve", "Is the installation's name known?", self._resolve)
        yield Question("reach", "Does it answer?", self._reach)
        yield Question("secure", "Is the connection secure?", self._secure)
        if settings.auth_mode == AuthMode.OAUTH:
            yield Question("token", "Does the Identity service give us a token?", self._token)
        yield Question("sign_in", "Does it let us in?", self._sign_in)
        yield Question("permission", "May our account use the API?", self._permission)
        yield from self._mailboxes()
        yield from self._other_resources()
        if settings.test_writes and settings.outbound_path:
            yield Question("write", "May we put messages into the outbound mailbox?", self._write)

    def _mailboxes(self) -> Iterator[Question]:
        settings = self.api.settings
        for key, path, what in (
            ("outbound", settings.outbound_path, "that we send to"),
            ("inbound", settings.inbound_path, "that we collect from"),
            ("ack", settings.ack_path, "that acknowledgements come to"),
            ("archive", settings.archive_path, "that collected messages are moved to"),
        ):
            if path and (key != "archive" or settings.finish_action == FinishAction.MOVE):
                yield Question(key, f"Is the mailbox there {what}?", self._mailbox_question(path))

    def _other_resources(self) -> Iterator[Question]:
        """What else the settings want to be read."""
        settings = self.api.settings
        if settings.status_source == StatusSource.FILE_GATEWAY:
            for resource in ("fgarrivedfiles", "fgroutes", "fgdeliveries"):
                what = f"May we read what becomes of documents ({resource})?"
                yield Question(resource, what, self._resource_question(resource, messageId="0"))
        elif settings.status_source == StatusSource.WORKFLOW:
            what = "May we read the steps of processes (workflowmonitors)?"
            yield Question(
                "workflowmonitors", what, self._resource_question("workflowmonitors", workFlowId="0")
            )
        if settings.read_partners:
            what = "May we read the trading partners?"
            yield Question("tradingpartners", what, self._resource_question("tradingpartners"))
        if settings.code_list:
            yield Question("code_list", "Is the code list there?", self._code_list)

    def _resource_question(self, resource: str, **filters: str) -> Callable[[], str]:
        def ask() -> str:
            try:
                self.api.call("GET", resource, params={**filters, "_range": "0-0"})
            except NotPermitted as failure:
                raise Misconfigured(
                    f"The account may not read {resource}.",
                    remedy=f"Ask the Sterling administrator to let it read {resource}, or switch off what needs it.",
                    detail=failure.detail,
                ) from None
            except Refused as refused:
                if not refused.text:  # else the API itself speaks: an empty list, perhaps
                    raise failure_of(
                        refused,
                        Misconfigured,
                        f"The installation does not offer {resource}.",
                        remedy="Ask the Sterling administrator whether that part is installed, or switch off what "
                        "needs it.",
                    ) from None
            return "They can be read." if resource == "tradingpartners" else "We may."

        return ask

    def _code_list(self) -> str:
        codes = reference.read(self.api, ReferenceKind.ACCOUNT)
        return f"It is, with {len(codes)} accounts."

    def _mailbox_question(self, path: str) -> Callable[[], str]:
        def ask() -> str:
            mailbox = self.api.mailbox_id(path)
            params = {"parentMailboxId": mailbox, "_range": "0-0"}
            try:
                self.api.call("GET", "mailboxcontents", params=params)
            except Refused as refused:
                if refused.status != 404 and not replies.says_nothing_found(refused.text):
                    raise failure_of(refused, Misconfigured, f"“{path}” cannot be read.") from None
            return f"“{path}” can be read."

        return ask

    def _resolve(self) -> str:
        host, port = self.api.settings.host, self.api.settings.port
        return f"{host} has the address {network.resolve(host, port)[0].ip}."

    def _reach(self) -> str:
        host, port = self.api.settings.host, self.api.settings.port
        network.open_socket(host, port, CONNECT_SECONDS).close()
        return f"Port {port} is open."

    def _secure(self) -> str:
        self.api.reach()
        if self.api.settings.insecure:
            return "INSECURE: nobody checks that this is the right server. For test installations alone."
        return "Its certificate was accepted."

    def _token(self) -> str:
        self.api.tokens.current()
        return "We have a token."

    def _sign_in(self) -> str:
        try:
            answer = self.api.call("GET", "mailboxes", params={"_range": "0-0"})
        except Refused as refused:
            if refused.text:  # the API itself speaks: an empty list, perhaps
                return "We are let in."
            raise failure_of(
                refused,
                Misconfigured,
                "What answers at the address is not the REST API of IBM Sterling.",
                remedy="Check host, port and path: the REST API has a port of its own.",
            ) from None
        except NotPermitted as failure:
            self.refusal = failure
            return "We are let in."
        if not isinstance(answer.json(), list):
            raise Misconfigured(
                "What answers at the address is not the REST API of IBM Sterling.",
                remedy="Check host, port and path: the REST API has a port of its own.",
                detail=answer.excerpt(),
            )
        return "We are let in."

    def _permission(self) -> str:
        if self.refusal:
            raise self.refusal
        return "It may."

    def _write(self) -> str:
        """A message that nobody can extract, gone again at once."""
        path, content = self.api.settings.outbound_path, base64.b64encode(b"connection test").decode()
        document = {"payload": content, "documentName": PROBE_NAME, "lifeSpan": PROBE_LIFE_MINUTES}
        try:
            document_id = replies.created_id(self.api.call("POST", "documents", json=document))
            message = {
                "documentId": document_id,
                "mailboxPath": path,
                "name": PROBE_NAME,
                "extractableCount": 0,
            }
            message_id = replies.created_id(self.api.call("POST", "mailboxmessages", json=message))
            if not message_id:
                raise Temporary("IBM Sterling did not say under which number it took the test message.")
            self.api.call("DELETE", "mailboxmessages", message_id)
        except Refused as refused:
            raise failure_of(refused, Misconfigured, f"We may not write into “{path}”.") from None
        with contextlib.suppress(Refused, SystemFailure):
            self.api.call("DELETE", "documents", document_id)
        return f"A message was put into “{path}” and removed."
