"""What is counted for Prometheus; with several server processes, the sum of them all."""

import os
import tempfile

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client import REGISTRY as OF_THIS_PROCESS
from prometheus_client.multiprocess import MultiProcessCollector

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST

requests = Counter("linli_http_requests", "HTTP requests answered.", ["method", "route", "status"])
request_seconds = Histogram(
    "linli_http_request_seconds",
    "Seconds until an HTTP request was answered.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

open_calls = Gauge("linli_open_calls", "Calls that nobody has ended.", multiprocess_mode="mostrecent")
sweep_faults = Counter("linli_sweep_faults", "Calls or workers that a sweep found without a next step.", ["fault"])


def exposition() -> bytes:
    """All figures in Prometheus's text form."""
    if SHARED_FOLDER not in os.environ:
        return generate_latest(OF_THIS_PROCESS)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def share_between_processes() -> str:
    """Make the folder in which the server processes add up their figures, and name it for those to come.

    To be called before any of them counts; the library decides on it when it is first imported.
    """
    folder = tempfile.mkdtemp(prefix="linli-metrics-")
    os.environ[SHARED_FOLDER] = folder
    return folder
