"""A Prometheus server from Debian that scrapes one address, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from .servers import address, answers, get, running

Series = dict[tuple[tuple[str, str], ...], float]
_OF_THE_SCRAPE = ("__name__", "instance", "job")


class Prometheus(NamedTuple):
    """A running server."""

    url: str

    def query(self, expression: str) -> Series:
        """Return the values of an instant query by their labels, without those that the scrape adds."""
        answer = get(f"{self.url}/api/v1/query?{urlencode({'query': expression})}")
        assert answer["status"] == "success", answer
        return {_own(one["metric"]): float(one["value"][1]) for one in answer["data"]["result"]}

    def names(self) -> set[str]:
        """Return the names of all series that it has scraped of ours."""
        names = get(f"{self.url}/api/v1/label/__name__/values")["data"]
        return {name for name in names if name.startswith(("convqa_", "gen_ai_"))}


def _own(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return labels without those of scrape and scope, and without the empty ones, which are absent ones."""
    scraped = {name for name in labels if name in _OF_THE_SCRAPE or name.startswith("otel_")}
    return tuple(sorted((name, value) for name, value in labels.items() if name not in scraped and value))


@contextmanager
def scraping(target: str, folder: Path) -> Iterator[Prometheus]:
    """Run a server that scrapes `target`, a host and port, several times a second."""
    jobs = [{"job_name": "bot", "static_configs": [{"targets": [target]}]}]
    config = folder / "prometheus.yml"
    settings = {"global": {"scrape_interval": "200ms", "scrape_timeout": "200ms"}, "scrape_configs": jobs}
    config.write_text(json.dumps(settings))  # JSON is YAML

    def command(ports: Sequence[int]) -> list[str]:
        return [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={address(ports[0])}",
        ]

    def ready(ports: Sequence[int]) -> bool:
        return answers(f"http://{address(ports[0])}/-/ready")

    with running(command, 1, ready, folder / "prometheus.log") as ports:
        yield Prometheus(f"http://{address(ports[0])}")
