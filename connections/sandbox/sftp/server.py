"""The SSH side: listening, signing in, handing out the SFTP subsystem."""

import logging
import socket
from contextlib import suppress
from threading import Event, Lock, Thread

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

from connections.sandbox.sftp.accounts import HostKeys, User
from connections.sandbox.sftp.board import Board
from connections.sandbox.sftp.session import Session
from connections.sandbox.sftp.storage import Storage

# paramiko reports every client that goes away as an error; here that is daily business.
LOG_CHANNEL = "sandbox.sftp"
logging.getLogger(LOG_CHANNEL).setLevel(logging.CRITICAL + 1)


class Login(paramiko.ServerInterface):
    """Decides over one connection's sign-in; afterwards `username` is the one who is in."""

    def __init__(self, users: dict[str, User], board: Board, transport: paramiko.Transport) -> None:
        self.users = users
        self.board = board
        self.transport = transport
        self.username = ""

    def get_allowed_auths(self, username: str) -> str:
        user = self.users.get(username)
        return user.methods if user else "publickey,password"

    def check_auth_password(self, username: str, password: str) -> int:
        user = self.users.get(username)
        return self._decide(username, right=user is not None and user.knows_password(password))

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        user = self.users.get(username)
        return self._decide(username, right=user is not None and user.knows_key(key))

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def _decide(self, username: str, *, right: bool) -> int:
        if not right or self.board.faults.take("login_refused", user=username):
            self.board.note(username, "login")["refused"] = "Authentication failed"
            return AUTH_FAILED
        self.username = username
        return AUTH_SUCCESSFUL


class Folders(paramiko.SFTPServer):
    """paramiko's SFTP server on the folder of the user who signed in."""

    def __init__(
        self,
        channel: paramiko.Channel,
        name: str,
        server: Login,
        *,
        storages: dict[str, Storage],
        board: Board,
    ) -> None:
        super().__init__(channel, name, server, Session, board=board, storage=storages[server.username])


class SshServer:
    """Listens from the moment it is made; `start()` accepts connections, each in threads of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        users: dict[str, User],
        storages: dict[str, Storage],
        host_keys: HostKeys,
        board: Board,
    ) -> None:
        self._listener = socket.create_server((host, port), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._users = users
        self._storages = storages
        self._host_keys = host_keys
        self._board = board
        self._closing = Event()
        self._guard = Lock()
        self._open: list[paramiko.Transport | socket.socket] = []
        self._thread = Thread(target=self._accept, name=f"sftp://{host}:{self.port}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._thread.is_alive():
            self._thread.join()
        self.cut_all()

    def cut_all(self) -> int:
        """Break the connections that are open now. Returns their number."""
        with self._guard:
            connections, self._open = self._open, []
        live = [one for one in connections if isinstance(one, socket.socket) or one.is_active()]
        for connection in live:
            connection.close()
        return len(live)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                if self._closing.is_set():
                    return
                continue
            self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        if self._board.faults.take("silent"):
            self._remember(connection)
            return
        with suppress(OSError, EOFError, paramiko.SSHException):
            transport = paramiko.Transport(connection)
            transport.set_log_channel(LOG_CHANNEL)
            changed = self._board.faults.take("changed_host_key")
            for key in self._host_keys.changed if changed else self._host_keys.usual:
                transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", Folders, storages=self._storages, board=self._board)
            self._remember(transport)
            # With an event the negotiation goes on in the transport's thread and nobody waits here.
            transport.start_server(Event(), Login(self._users, self._board, transport))

    def _remember(self, connection: paramiko.Transport | socket.socket) -> None:
        with self._guard:
            self._open = [one for one in self._open if isinstance(one, socket.socket) or one.is_alive()]
            self._open.append(connection)
