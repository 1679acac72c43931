"""`compose.yaml` and what belongs to it; there is no container engine here to start it with."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "compose.yaml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]


def published(service: str) -> dict[str, str]:
    """Ports of this machine at which a service is reached, and its own."""
    return dict(port.removeprefix("127.0.0.1:").split(":") for port in SERVICES[service]["ports"])


def mounted(service: str) -> list[Path]:
    """Files of the checkout that a service reads."""
    sources = [volume.split(":")[0] for volume in SERVICES[service].get("volumes", ())]
    return [ROOT / source for source in sources if source.startswith("./")]


def test_it_is_a_compose_file() -> None:
    """The schema of the Compose specification accepts it."""
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(check, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_pinned_and_private(service: str) -> None:
    """Images have an exact version, ports are of this machine only, and configuration files exist and are YAML."""
    assert re.fullmatch(r"[\w-]+/[\w-]+:v?\d+\.\d+\.\d+", SERVICES[service]["image"])
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[service]["ports"])
    for file in mounted(service):
        assert yaml.safe_load(file.read_text()), file


def test_no_two_services_want_the_same_port() -> None:
    """All of them run beside one another."""
    ports = [port for service in SERVICES for port in published(service)]
    assert len(ports) == len(set(ports))


def test_the_files_name_one_another_rightly() -> None:
    """Addresses in the configuration files are services of the file, at ports that their own configuration opens."""
    for service in SERVICES:
        for file in mounted(service):
            for url in re.findall(r"url: (http\S+)", file.read_text()):
                assert str(urlsplit(url).port) in published(str(urlsplit(url).hostname)).values(), url
            for host in re.findall(r"targets: \[(\w+):", file.read_text()):
                assert host in SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_pages_and_header_name_the_ports(service: str) -> None:
    """What the header of the file and the page of a backend say is where it is."""
    header = COMPOSE.read_text().split("services:")[0]
    pages = "".join(page.read_text() for page in (ROOT / "docs" / "backends").glob("*.md"))
    for port in published(service):
        assert port in pages
        assert port in header or service == "tempo"


def test_jaeger_is_the_version_that_the_tests_talk_to() -> None:
    """The pinned tag of Go's and the image are of one release."""
    pins = (ROOT / "tools" / "backends" / "pins.py").read_text()
    release = SERVICES["jaeger"]["image"].split(":")[1]
    assert release in pins
