"""Where metrics go: the application's provider, a private one that sends by OTLP, or nowhere; and how it all ends."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.metrics import _internal as api

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.assign import is_drawn
from convqa_sdk.export.exporters import MemoryExporter

from .conftest import Record, Run, Start
from .doubles import Failing
from .metering import IN, OUT, Meter, one_turn
from .receivers import Receiver, attributes, grpc_receiver, http_receiver

SET = pytest.MonkeyPatch
SLACK_S = 0.6
"""Beyond a deadline, on a machine that is busy with other things."""
TURNS = (
    "convqa.turn.duration",
    (("convqa.intent.class", "refund"), ("convqa.risk.level", "high"), ("convqa.status", "ok")),
)
TOKENS = ("convqa.tokens", (("gen_ai.request.model", "m-1"), ("gen_ai.token.type", "input")))


@pytest.fixture
def application(monkeypatch: SET) -> Meter:
    """A provider that the application has set for the whole process."""
    made = Meter()
    monkeypatch.setattr(api, "_METER_PROVIDER", made.provider)
    return made


@pytest.fixture(params=["http", "grpc"])
def receiver(request: pytest.FixtureRequest, monkeypatch: SET) -> Iterator[Receiver]:
    """A receiver that the environment names for all signals."""
    with http_receiver() if request.param == "http" else grpc_receiver() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", {"http": "http/protobuf"}.get(request.param, "grpc"))
        yield running


# ----------------------------------------------------------------------------------------------------- which provider


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_applications_provider_is_found_at_the_first_turn(start: Start, monkeypatch: SET, when: str) -> None:
    """It may be set before `configure()` or after; OTLP of the environment then stays the application's business."""
    app = Meter()
    with http_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        if when == "before":
            monkeypatch.setattr(api, "_METER_PROVIDER", app.provider)
        sdk = start()
        monkeypatch.setattr(api, "_METER_PROVIDER", app.provider)
        one_turn()
        assert sdk.flush(5)
        sdk.shutdown(5)
        assert receiver.metrics_asked == 0
    assert sum(count for count, _ in app.sums("convqa.turn.duration").values()) == 1


def test_a_given_provider_beats_the_applications(start: Start, application: Meter) -> None:
    """What `configure(meter_provider=…)` names is used, and nothing reaches the global one."""
    own = Meter()
    sdk = start(MemoryExporter(), meter_provider=own.provider)
    one_turn()
    sdk.flush(5)
    assert own.sums("convqa.turn.duration")
    assert application.names() == {}


def test_the_applications_provider_is_neither_flushed_nor_shut_down(start: Start, application: Meter) -> None:
    """A guest: after our end it is what it was, and still takes the application's own measurements."""
    touched: list[str] = []
    application.provider.force_flush = lambda *_, **__: touched.append("flush")  # type: ignore[method-assign]
    application.provider.shutdown = lambda *_, **__: touched.append("shutdown")  # type: ignore[method-assign]
    sdk = start(MemoryExporter())
    one_turn()
    sdk.flush(5)
    sdk.shutdown(5)
    assert touched == []
    assert application.sums("convqa.turn.duration")


def test_looking_for_a_provider_makes_none(run: Run) -> None:
    """A variable that names one is left for the application to obey, and no metrics SDK is loaded in vain."""
    done = run(
        """
        import sys
        import convqa_sdk as convqa
        from opentelemetry.metrics import _internal as api
        sdk = convqa.configure("bot", store="s")
        with convqa.turn("c-1", "hi") as turn:
            turn.answer("x")
        sdk.flush()
        print(api._METER_PROVIDER, "opentelemetry.sdk.metrics" in sys.modules)
        """,
        OTEL_PYTHON_METER_PROVIDER="sdk_meter_provider",
    )
    assert done.stdout == "None False\n"


@pytest.mark.parametrize("off", [{"metrics": False}, {"CONVQA_METRICS": "off"}, {"disabled": True}])
def test_it_can_be_switched_off(start: Start, application: Meter, monkeypatch: SET, off: dict[str, Any]) -> None:
    """By argument, by variable, or with everything else."""
    arguments = {name: value for name, value in off.items() if name.islower()}
    for name in off.keys() - arguments.keys():
        monkeypatch.setenv(name, off[name])
    sdk = start(MemoryExporter(), **arguments)
    one_turn()
    sdk.flush(5)
    assert application.names() == {}


@pytest.mark.parametrize("provider", [NoOpMeterProvider(), None])
def test_without_a_place_nothing_is_computed(record: Record, monkeypatch: SET, provider: Any) -> None:
    """No provider, or one that does nothing: no instrument is made, and a thinned turn is not captured."""
    monkeypatch.setattr(api, "_METER_PROVIDER", provider)
    recorded = record(sampling=0.0)
    with convqa.turn("c-1") as turn:
        assert turn.recorder is None
    assert recorded.sdk._meters.instruments() is None


def test_a_provider_that_breaks_breaks_nothing_else(start: Start) -> None:
    """What it raises is a counted fault, once; turns are exported as ever."""

    class Broken(NoOpMeterProvider):
        def get_meter(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("no")

    memory = MemoryExporter()
    sdk = start(memory, meter_provider=Broken())
    for _ in range(3):
        one_turn()
    assert sdk.flush(5)
    assert len(memory.spans) == 15
    assert sdk.stats().faults == {"meters": 1}


# --------------------------------------------------------------------------------------------------------- by OTLP


def test_metrics_reach_an_otlp_receiver(receiver: Receiver, start: Start) -> None:
    """The values of three turns arrive by either protocol, under the resource and the scope of the spans."""
    sdk = start(service_name="shop-bot")
    for _ in range(3):
        one_turn()
    convqa.record_csat("c-1", 5)
    assert sdk.flush(10)
    points = receiver.points
    assert (points[TURNS].count, round(points[TURNS].sum, 6)) == (3, 9.0)
    assert points[TOKENS].as_int == 3_000
    assert points["convqa.csat", (("convqa.outcome.csat.kind", "resolution"),)].sum == 1.0
    assert receiver.resource == attributes(receiver.requests[0].message.resource_spans[0].resource)
    assert receiver.resource["service.name"] == "shop-bot"
    (scope,) = receiver.metrics[-1].resource_metrics[0].scope_metrics
    assert scope.scope.name == "convqa_sdk"
    one_turn()
    sdk.shutdown(10)
    assert receiver.points[TURNS].count == 4


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ({"OTEL_METRICS_EXPORTER": "none"}, {}),
        ({"OTEL_METRICS_EXPORTER": "console"}, {}),
        ({"CONVQA_METRICS": "false"}, {}),
        ({}, {"exporters": [MemoryExporter()]}),
    ],
    ids=["none", "another", "off", "replaced"],
)
def test_the_environment_may_want_none(
    receiver: Receiver, start: Start, monkeypatch: SET, variables: dict[str, str], arguments: dict[str, Any]
) -> None:
    """OpenTelemetry's own variable counts, and exporters given as arguments replace all that the environment names."""
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    sdk = start(**arguments)
    one_turn()
    sdk.flush(10)
    sdk.shutdown(10)
    assert receiver.metrics_asked == 0


def test_true_measures_beside_explicit_destinations(start: Start, monkeypatch: SET) -> None:
    """`metrics=True` sends them all the same, to an endpoint of their own as it is given."""
    with http_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", f"{receiver.url}/v1/metrics")
        sdk = start(MemoryExporter(), metrics=True)
        one_turn()
        sdk.flush(10)
        assert receiver.points[TURNS].count == 1
        assert receiver.requests == []


def test_it_sends_by_itself(start: Start, monkeypatch: SET) -> None:
    """Without any flush, at the interval of OpenTelemetry's variable."""
    from .doubles import wait_until

    with http_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "50")
        start()
        one_turn()
        wait_until(lambda: TURNS in receiver.points)


def test_who_takes_no_metrics_is_asked_once(receiver: Receiver, start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """A backend for traces alone is told of once, and every flush still says that all spans have left."""
    receiver.metrics_status = 404 if "localhost" in receiver.url and not _is_grpc() else grpc.StatusCode.UNIMPLEMENTED
    sdk = start()
    for _ in range(3):
        one_turn()
        assert sdk.flush(10)
    assert receiver.metrics_asked == 1
    assert caplog.text.count("metrics_not_taken") == 1
    assert sdk.stats().faults == {}


def _is_grpc() -> bool:
    return os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc"


def test_a_receiver_that_hangs_holds_nobody(receiver: Receiver, start: Start) -> None:
    """Flush and shutdown keep their deadlines while metrics hang, and so does a second flush meanwhile."""
    sdk = start()
    one_turn()
    assert sdk.flush(10)
    receiver.delay_s = 30
    one_turn()
    for ends in (lambda: sdk.flush(0.3), lambda: sdk.flush(0.3), lambda: sdk.shutdown(0.3)):
        began = time.monotonic()
        ends()
        assert time.monotonic() - began < 0.3 + SLACK_S


def test_headers_are_not_quoted(start: Start, monkeypatch: SET, caplog: pytest.LogCaptureFixture) -> None:
    """A header without a name, which OpenTelemetry would quote with its key, leaves metrics out and spans alone."""
    with http_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "sk-verysecret")
        sdk = start()
        one_turn()
        assert sdk.flush(10)
        assert receiver.turns == ["c-1"]
        assert receiver.metrics_asked == 0
    assert "verysecret" not in caplog.text
    assert sdk.stats().faults == {"meters": 1}


def test_metrics_of_a_process_that_just_ends_arrive(run: Run) -> None:
    """The last values leave at exit, without a flush, within its deadline."""
    with http_receiver() as receiver:
        run(
            """
            import time
            import convqa_sdk as convqa
            convqa.configure("bot", key=b"k" * 32, interval_s=0.01)
            for _ in range(5):
                with convqa.turn("c-1", "hi") as turn:
                    turn.answer("x")
            time.sleep(0.5)
            """,
            OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url,
        )
        assert receiver.points["convqa.turn.duration", (("convqa.status", "ok"),)].count == 5


def test_a_forked_child_counts_its_own(run: Run) -> None:
    """Parent and child each send by their own provider what they did themselves."""
    with http_receiver() as receiver:
        done = run(
            """
            import os, time
            import convqa_sdk as convqa
            sdk = convqa.configure("bot", key=b"k" * 32)
            def turns(count):
                for _ in range(count):
                    with convqa.turn("c-1", "hi") as turn, convqa.generation(model="m", input_tokens=1):
                        pass
            turns(2)
            sdk.flush(5)
            child = os.fork()
            if child == 0:
                turns(5)
                sdk.flush(5)
                sdk.shutdown(5)
                os._exit(0)
            turns(1)
            print(os.waitpid(child, 0)[1])
            sdk.shutdown(5)
            """,
            OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url,
            OTEL_METRIC_EXPORT_INTERVAL="60000",
            OTEL_EXPERIMENTAL_RESOURCE_DETECTORS="process",
        )
        assert done.stdout == "0\n"
        most: Counter[int] = Counter()
        for message in receiver.metrics:
            one = Receiver(metrics=[message])
            pid = attributes(message.resource_metrics[0].resource)["process.pid"]
            tokens = one.points["convqa.tokens", (("gen_ai.request.model", "m"), ("gen_ai.token.type", "input"))]
            (turns,) = [point for (name, _), point in one.points.items() if name == "convqa.turn.duration"]
            assert tokens.as_int == turns.count
            most[pid] = max(most[pid], turns.count)
        assert sorted(most.values()) == [3, 5]


# ------------------------------------------------------------------------------------- self-metrics, and a second time


def test_lost_turns_and_faults_are_told(start: Start, application: Meter) -> None:
    """Turns that an exporter refuses are in the self-metrics by their cause, as in `stats()`, also after the end."""
    sdk = start(Failing())
    for _ in range(4):
        one_turn()
    sdk.flush(5)
    assert application.values("convqa.sdk.lost_turns") == {("export_failed",): 4} == _labels(sdk.stats().lost)
    isolation.fault("capture")
    assert application.values("convqa.sdk.errors")[("capture",)] == 1
    sdk.shutdown(5)
    assert application.values("convqa.sdk.lost_turns") == {("export_failed",): 4}


def _labels(counts: dict[str, int]) -> dict[tuple[str, ...], int]:
    return {(cause,): count for cause, count in counts.items()}


def test_a_second_configuration_goes_on_counting(
    start: Start, application: Meter, caplog: pytest.LogCaptureFixture
) -> None:
    """A counter never falls, and no instrument is registered twice."""
    for turns in (1, 2):
        sdk = start(MemoryExporter())
        one_turn()
        sdk.flush(5)
        assert application.values("convqa.tokens")[("m-1", "input")] == 1_000 * turns
    assert "already been created" not in caplog.text


# ------------------------------------------------------------------------------------------------------- thinned out


def test_what_is_thinned_out_is_measured_like_the_rest(record: Record) -> None:
    """The same turns give the same numbers with and without thinning, and only the spans are fewer."""
    found = []
    for sampling in (1.0, 0.3, 0.0):
        app = Meter()
        recorded = record(meter_provider=app.provider, sampling=sampling)
        for customer in (IN, OUT, OUT):
            one_turn(account_id=customer)
        found.append({name: app.sums(name) for name in app.names() if name.endswith(("duration", "cost"))})
        found[-1] |= {name: app.values(name) for name in app.names() if name.endswith(("tokens", "ons", "ures", "ate"))}
        assert len(recorded.all) == 5 * sum(1 for each in (IN, OUT, OUT) if is_drawn(each, sampling))
    whole, thinned, nothing = found
    assert whole == thinned == nothing
    assert whole["convqa.turn.duration"] == {("refund", "high", "ok"): (3, 9.0)}


def test_stats_of_turns_that_are_measured_only(record: Record, meter: Meter) -> None:
    """They are neither recorded nor exported nor lost; they are left out."""
    recorded = record(meter_provider=meter.provider, sampling=0.3)
    for customer in (IN, OUT, OUT):
        one_turn(account_id=customer)
    stats = recorded.sdk.stats()
    assert (stats.recorded, stats.exported, stats.left_out, stats.open, stats.pending) == (1, 1, 2, 0, 0)
    assert (stats.lost, stats.lost_records, stats.violations) == ({}, {}, {})


def test_texts_of_a_turn_that_is_measured_only_are_not_searched(record: Record, meter: Meter) -> None:
    """No recognizer sees its message or answer, and its documents are not hashed: only labels are looked at."""
    seen: list[str] = []
    record(meter_provider=meter.provider, sampling=0.0, recognizers=lambda text: seen.append(text) or [])
    with convqa.turn("c-1", "the message", channel="web") as turn:
        with convqa.retrieval(data_source="d", query="the query") as stage:
            stage.set(documents=[convqa.Document("kb-1", "the passage")])
        turn.answer("the answer", type="generated")
    assert sum(count for count, _ in meter.sums("convqa.stage.duration").values()) == 1
    assert not [text for text in seen if text.startswith("the ")]


def test_another_process_measures_the_stages_of_a_turn_that_is_left_out(record: Record, meter: Meter) -> None:
    """The stages of a remote turn that is thinned out are measured where they run, and no span of them leaves."""
    recorded = record(meter_provider=meter.provider, sampling=0.3)
    carrier: dict[str, str] = {}
    with convqa.turn("c-1", account_id=OUT), convqa.tool(name="caller"):
        convqa.inject(carrier)
    assert "traceparent" not in carrier
    with convqa.extract(carrier), convqa.tool(name="called"):
        pass
    assert sum(count for count, _ in meter.sums("convqa.stage.duration").values()) == 2
    assert recorded.all == ()


def test_a_recorded_turn_inside_one_that_is_measured_only_is_no_orphan(record: Record, meter: Meter) -> None:
    """Its parent is the nearest stage of which a span leaves, or none."""
    recorded = record(meter_provider=meter.provider, sampling=0.3)
    with (
        convqa.turn("c-1", account_id=IN) as outer,
        convqa.turn("c-2", account_id=OUT),
        convqa.tool(name="t"),
        convqa.turn("c-3", account_id=IN),
    ):
        pass
    with convqa.turn("c-4", account_id=OUT), convqa.turn("c-5", account_id=IN):
        pass
    parents = {span.attributes["gen_ai.conversation.id"]: span.parent for span in recorded.all}
    assert set(parents) == {"c-1", "c-3", "c-5"}
    assert parents["c-3"].span_id == outer.span_id
    assert parents["c-1"] is parents["c-5"] is None


def test_the_reference_of_a_turn_that_is_measured_only_names_the_conversation(record: Record, meter: Meter) -> None:
    """There is no span to link an outcome to, and outcomes are never thinned."""
    recorded = record(meter_provider=meter.provider, sampling=0.0)
    with convqa.turn("c-1") as turn:
        reference = str(turn.ref)
    convqa.record_csat(reference, 4)
    (outcome,) = recorded.all
    assert outcome.links == ()
    assert outcome.attributes["gen_ai.conversation.id"] == "c-1"
    assert outcome.attributes["convqa.sampling.probability"] == 1.0
