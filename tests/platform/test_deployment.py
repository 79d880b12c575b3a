"""What a deployment is made from agrees with the code: settings, image, Compose file."""

import ast
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import free_port

PROJECT = Path(__file__).resolve().parent.parent.parent
COMPOSE = (PROJECT / "compose.yaml").read_text()
EXAMPLE = (PROJECT / ".env.example").read_text()
DOCKERFILE = (PROJECT / "Dockerfile").read_text()


def variables_of_the_settings() -> set[str]:
    """The environment variables that settings.py reads."""
    names = set()
    for node in ast.walk(ast.parse((PROJECT / "connector_site/settings.py").read_text())):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        reads = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "env"
        if reads or ast.unparse(node.func) == "required":
            names.add(str(node.args[0].value))
    return names


def variables_of_compose() -> set[str]:
    return set(re.findall(r"\$\{(\w+)", COMPOSE))


def test_the_example_names_every_variable_once_and_no_other() -> None:
    named = re.findall(r"^#?([A-Z][A-Z_]+)=", EXAMPLE, re.MULTILINE)
    assert sorted(named) == sorted(variables_of_the_settings() | variables_of_compose())


def test_every_variable_of_the_example_is_explained() -> None:
    """Each stands in a paragraph that begins with a comment."""
    for paragraph in EXAMPLE.split("\n\n"):
        if re.search(r"^#?[A-Z_]+=", paragraph, re.MULTILINE):
            assert re.match(r"# [A-Z/0-9a-z]", paragraph), paragraph


# The values of all settings, as text.
SHOW_SETTINGS = """
from connector_site import settings
print({name: str(value) for name, value in vars(settings).items() if name.isupper()})
"""


def test_the_defaults_in_the_example_are_those_of_the_settings() -> None:
    example = dict(re.findall(r"^#([A-Z][A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    del example["DATABASE_URL"], example["ENV_FILE"]
    shown = [
        subprocess.run(
            [sys.executable, "-c", SHOW_SETTINGS],
            cwd=PROJECT,
            env=REQUIRED | given,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for given in ({}, example)
    ]
    assert ast.literal_eval(shown[0]) == ast.literal_eval(shown[1])


REQUIRED = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "for-this-test-only",
    "FIELD_ENCRYPTION_KEYS": "Zm9yLXRoaXMtdGVzdC1vbmx5LWZvci10aGlzLXRlc3Q=",
    "DATABASE_URL": "sqlite://:memory:",
}


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_ENCRYPTION_KEYS"])
def test_without_its_secrets_the_program_refuses_to_start(missing: str) -> None:
    environment = {name: value for name, value in REQUIRED.items() if name != missing}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert f"{missing} is not set" in done.stderr
    assert ".env.example" in done.stderr


# Compose


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE)["services"]


def test_compose_starts_the_application_after_its_database_is_migrated(services: dict[str, Any]) -> None:
    assert set(services) == {"web", "worker", "migrate", "database", "queue"}
    for name in ("web", "worker"):
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["queue"] == {"condition": "service_healthy"}
    assert services["migrate"]["depends_on"]["database"] == {"condition": "service_healthy"}
    assert "healthcheck" in services["database"]
    assert "healthcheck" in services["queue"]


def test_compose_gives_every_process_the_same_settings(services: dict[str, Any]) -> None:
    processes = [services[name] for name in ("web", "worker", "migrate")]
    assert len({str(process["environment"]) for process in processes}) == 1
    assert {process["image"] for process in processes} == {"ml-connector"}
    assert set(processes[0]["environment"]) <= variables_of_the_settings()


def test_compose_offers_nothing_to_the_network_but_the_web_server_on_this_machine(
    services: dict[str, Any],
) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}


def test_commands_that_compose_and_image_run_exist(services: dict[str, Any]) -> None:
    from django.core.management import get_commands

    commands = [
        service.get("command", []) for service in services.values() if service.get("image") == "ml-connector"
    ]
    managed = {command[2] for command in commands if command[:2] == ["python", "manage.py"]}
    managed |= set(re.findall(r"manage\.py (\w+)", DOCKERFILE))
    assert managed == {"worker", "migrate", "collectstatic"}
    assert managed <= set(get_commands())


# The image: its steps, run in a folder that holds what the image would hold


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that `.dockerignore` lets into the image."""
    folder = tmp_path_factory.mktemp("image")
    for name in re.findall(r"^!(.+)$", (PROJECT / ".dockerignore").read_text(), re.MULTILINE):
        source, target = PROJECT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


def run_in(image: Path, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command, cwd=image, env={"PATH": path, **environment}, capture_output=True, text=True, check=False
    )


def test_the_image_has_what_production_needs_and_no_more(image: Path) -> None:
    assert not (image / "tests").exists()
    assert not list(image.rglob("*.sqlite3"))
    assert not list(image.rglob(".env*"))
    assert {path.name for path in image.iterdir()} == {
        "manage.py",
        "requirements",
        "connector_site",
        "tenants",
        "mappings",
        "audit",
        "connections",
        "templates",
    }


@pytest.mark.slow
def test_the_image_can_be_built_and_serves(image: Path, tmp_path: Path) -> None:
    """The steps of the Dockerfile after the installation, its command and its health check, word for word."""
    (step,) = re.findall(r"^RUN (SECRET_KEY=.*?[^\\])$", DOCKERFILE, re.MULTILINE | re.DOTALL)
    collected = run_in(image, ["sh", "-c", step])
    assert collected.returncode == 0, collected.stderr
    assert (image / "staticfiles" / "staticfiles.json").exists()

    port = str(free_port())
    environment = REQUIRED | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "PORT": port,
        "WEB_CONCURRENCY": "1",
    }
    assert run_in(image, ["python", "manage.py", "migrate", "--noinput"], **environment).returncode == 0
    command = ast.literal_eval(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0])
    probe = ast.literal_eval(re.findall(r"^    CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    server = subprocess.Popen(
        command, cwd=image, env={"PATH": path, **environment}, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        lines = iter(server.stderr.readline, "")
        assert any("Booting worker" in line for line in lines)
        assert run_in(image, probe, PORT=port).returncode == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live") as response:
            assert response.status == 200
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert server.returncode == 0
    assert run_in(image, probe, PORT=port).returncode != 0
