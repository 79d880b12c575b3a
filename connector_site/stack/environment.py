"""The environment in which the stack runs: addresses of the sandbox, logins, and where state is kept."""

from dataclasses import dataclass, field
from pathlib import Path

from connector_site.stack.ports import Ports

FRESHBOOKS_CLIENT_ID = "sandbox-client"
FRESHBOOKS_CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - of the stand-in, known to everybody
STERLING_LOGIN = ("ml-connector", "sterling-password")
SFTP_LOGIN = ("ml-connector", "sftp-password")

LOCALHOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Site:
    """Where one stack lives. Everything it writes is below `directory`."""

    directory: Path
    ports: Ports
    database_url: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def web_url(self) -> str:
        return f"http://{LOCALHOST}:{self.ports.web}"

    @property
    def freshbooks_url(self) -> str:
        return f"http://{LOCALHOST}:{self.ports.freshbooks}"

    @property
    def sterling_url(self) -> str:
        return f"http://{LOCALHOST}:{self.ports.sterling}"

    @property
    def sftp_url(self) -> str:
        """Where the SFTP stand-in is looked at and driven."""
        return f"http://{LOCALHOST}:{self.ports.sftp_control}"

    @property
    def sandbox_directory(self) -> Path:
        return self.directory / "sandbox"

    def environment(self) -> dict[str, str]:
        """The variables for every process of the stack."""
        return {
            "DEBUG": "1",
            "ENV_FILE": "/dev/null",
            "DATABASE_URL": self.database_url or f"sqlite:///{self.directory / 'ml-connector.sqlite3'}",
            "SITE_URL": self.web_url,
            "OUTBOUND_ALLOW_LOOPBACK": "1",
            "FRESHBOOKS_API_URL": self.freshbooks_url,
            "FRESHBOOKS_AUTH_URL": self.freshbooks_url,
            "FRESHBOOKS_CLIENT_ID": FRESHBOOKS_CLIENT_ID,
            "FRESHBOOKS_CLIENT_SECRET": FRESHBOOKS_CLIENT_SECRET,
            "EMAIL_URL": f"filemail:///{self.directory / 'mail'}",
            "DEMO_STERLING_URL": self.sterling_url,
            "DEMO_STERLING_USERNAME": STERLING_LOGIN[0],
            "DEMO_STERLING_PASSWORD": STERLING_LOGIN[1],
            "DEMO_SFTP_PORT": str(self.ports.sftp),
            "DEMO_SFTP_USERNAME": SFTP_LOGIN[0],
            "DEMO_SFTP_PASSWORD": SFTP_LOGIN[1],
            **self.extra,
        }
