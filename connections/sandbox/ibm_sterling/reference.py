"""`codelists`, `codelistcodes` and `tradingpartners`: what a customer maps accounts and partners to."""

from typing import Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.ibm_sterling.service import Service

CODE_FIELDS = ("senderCode", "receiverCode", "description", *(f"text{number}" for number in range(1, 10)))


def seed_code_lists() -> list[dict[str, Any]]:
    """A list of ledger segments, as a customer would keep one."""
    codes = [
        ("4000", "01-4000-100", "Sales"),
        ("5010", "01-5010-200", "Cost of goods sold"),
        ("6010", "01-6010-300", "Office supplies"),
        ("6200", "01-6200-300", "Travel"),
    ]
    return [
        {
            "codeListName": "GL_SEGMENTS",
            "senderIdentity": "FRESHBOOKS",
            "receiverIdentity": "ERP",
            "versionNumber": 1,
            "listStatus": 1,
            "codes": [
                {"senderCode": sender, "receiverCode": receiver, "description": text}
                for sender, receiver, text in codes
            ],
        }
    ]


def key_of(code_list: dict[str, Any]) -> str:
    """`name|sender|receiver|version`, which addresses a list."""
    names = ("codeListName", "senderIdentity", "receiverIdentity", "versionNumber")
    return "|".join(str(code_list[name]) for name in names)


class Reference:
    """`code_lists` are as the API shows them; `partners` are the file-gateway partners besides the sites."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.code_lists = seed_code_lists()
        self.partners: list[dict[str, Any]] = []
        service.api("GET", "codeLists", "/", self.list_code_lists)
        service.api("GET", "codeLists", "/<key>", self.show_code_list)
        service.api("POST", "codeLists", "/<key>/actions/bulkupdatecodes", self.update_codes)
        service.api("POST", "codeLists", "/<key>/actions/bulkdeletecodes", self.delete_codes)
        service.api("GET", "codeListCodes", "/", self.list_codes)
        service.api("GET", "tradingPartners", "/", self.list_partners)
        service.api("GET", "tradingPartners", "/<name>", self.show_partner)

    def list_code_lists(self, request: Request) -> Response:
        name = request.args.get("codeListName")
        found = [one for one in self.code_lists if name in (None, one["codeListName"])]
        return self.service.rows(request, [{"_id": key_of(one), **one} for one in found])

    def show_code_list(self, _: Request, key: str) -> Response:
        return self.service.answer({"_id": key, **self._found(key)})

    def list_codes(self, request: Request) -> Response:
        """The codes of all lists, or of those that the key fields select."""
        rows = [
            {"_id": f"{key_of(one)}|{code['senderCode']}|{code['receiverCode']}", **_head(one), **code}
            for one in self.code_lists
            for code in one["codes"]
        ]
        for name in (*_head(self.code_lists[0]), "senderCode", "receiverCode") if self.code_lists else ():
            if wanted := request.args.get(name):
                rows = [row for row in rows if str(row[name]) == wanted]
        return self.service.rows(request, rows)

    def update_codes(self, request: Request, key: str) -> Response:
        """Add codes, and replace those with the same pair of sender and receiver code."""
        code_list, given = self._found(key), self._codes(request)
        kept = [code for code in code_list["codes"] if _pair(code) not in {_pair(one) for one in given}]
        code_list["codes"] = kept + given
        return self.service.changed_rows(len(given))

    def delete_codes(self, request: Request, key: str) -> Response:
        code_list, given = self._found(key), {_pair(one) for one in self._codes(request)}
        kept = [code for code in code_list["codes"] if _pair(code) not in given]
        removed = len(code_list["codes"]) - len(kept)
        code_list["codes"] = kept
        return self.service.changed_rows(removed)

    def list_partners(self, request: Request) -> Response:
        """`searchFor` finds the text anywhere in the name; `%` stands for anything."""
        parts = request.args.get("searchFor", "").lower().split("%")
        found = [one for one in self.partners if _contains_in_order(one["partnerName"].lower(), parts)]
        return self.service.rows(request, found)

    def show_partner(self, _: Request, name: str) -> Response:
        found = next((one for one in self.partners if one["partnerName"] == name), None)
        if found is None:
            self.service.fail(404, f"API000404: Trading partner {name} does not exist.")
        return self.service.answer(found)

    def add_partner(self, name: str, mailbox: str) -> None:
        """Make a file-gateway partner known. No EDI identifier stands here: the product has none to show."""
        self.partners.append(
            {
                "_id": name,
                "partnerName": name,
                "username": name.lower().replace(" ", "_"),
                "community": "EDI_PARTNERS",
                "emailAddress": f"edi@{name.lower().replace(' ', '-')}.example",
                "phone": "555-0100",
                "mailbox": mailbox,
                "isInitiatingConsumer": {"code": True, "display": "Yes"},
                "code": "",
            }
        )

    def _found(self, key: str) -> dict[str, Any]:
        found = next((one for one in self.code_lists if key_of(one) == key), None)
        if found is None:
            self.service.fail(404, f"API000404: Code list {key} does not exist.")
        return found

    def _codes(self, request: Request) -> list[dict[str, Any]]:
        codes = self.service.body(request).get("codes")
        if not isinstance(codes, list) or not all(isinstance(one, dict) for one in codes):
            self.service.fail(400, "API000160: Required input is missing: codes.")
        if any("senderCode" not in one or "receiverCode" not in one for one in codes):
            self.service.fail(400, "API000160: Required input is missing: senderCode, receiverCode.")
        return [{name: one[name] for name in CODE_FIELDS if name in one} for one in codes]


def _head(code_list: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in code_list.items() if name not in {"codes", "listStatus"}}


def _pair(code: dict[str, Any]) -> tuple[str, str]:
    return str(code["senderCode"]), str(code["receiverCode"])


def _contains_in_order(text: str, parts: list[str]) -> bool:
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True
