"""Whatever comes as an answer over MQTT: the box takes what is one, and goes on whatever the rest is."""

import json
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.clock import utc_ns
from edge.delivery import wire
from edge.delivery.mqtt import Mqtt
from edge.delivery.wire import WireError
from edge.messages import AckAction, Alert, AlertState, EventKind, Level
from tests.delivery.conftest import TOPICS
from tests.delivery.phone import Phone, wait_for
from tests.delivery.test_wire import check, example

CASES = 1_500
SENT = 300
UNSUPERVISED = list(HealthCheck)
GOOD = example("ack.seen")
ALERT = GOOD["alert_id"]

odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=80), st.just("x" * 3000),
    st.sampled_from(["spoke", "staff", "false", "seen", ALERT, "a+b", "../x", "\0", 1, 0, -1, 2**53, 2**63, 1.0, True]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=4), st.integers(), max_size=3),
)  # fmt: skip
changed = st.dictionaries(st.sampled_from([*GOOD, "extra"]), odd, max_size=2).map(lambda put: {**GOOD, **put})
near = st.fixed_dictionaries(
    {},
    optional={
        "ack_id": st.sampled_from([f"k-{number}" for number in range(20)]),
        "action": st.sampled_from(AckAction),
        "by": st.text(max_size=70),
        "at_ms": st.integers(-10, 2**50),
    },
).map(lambda put: {**GOOD, **put})
shorter = st.sampled_from(list(GOOD)).map(lambda key: {k: v for k, v in GOOD.items() if k != key})
texts = st.one_of(near, changed, shorter, odd).map(lambda value: json.dumps(value).encode())
flipped = st.tuples(st.integers(0, 150), st.binary(min_size=1, max_size=4)).map(
    lambda change: json.dumps(GOOD).encode()[: change[0]] + change[1] + json.dumps(GOOD).encode()[change[0] + 1 :]
)
nested = st.sampled_from([b"[" * 2000, b'{"v":' * 400, b"", b"\xff\xfe", b"null", b" " * 2049, b"NaN", b'{"v":1e999}'])
payloads = st.one_of(texts, texts, flipped, st.binary(max_size=64), nested)


def is_answer(payload):
    try:
        ack = wire.parse_ack(ALERT, payload)
    except WireError:
        return False
    check("ack", payload)
    assert ack.action in AckAction
    return True


def read_many(cases):
    """How many of so many payloads were read, and how many refused; fails at one that is neither."""
    seen = Counter()

    @settings(max_examples=cases, database=None, deadline=None, derandomize=True)
    @given(payload=payloads)
    def one(payload):
        seen[is_answer(payload)] += 1

    one()
    return seen


def test_payloads_are_read_as_the_schema_says_or_refused():
    seen = read_many(CASES)
    assert seen[True] > CASES / 100
    assert seen[False] > CASES / 2


def test_a_box_that_is_sent_all_of_it_keeps_the_answers_alone_and_goes_on(mosquitto, journal):
    journal.record(Alert(ALERT, utc_ns(), Level.RED, AlertState.OPEN, EventKind.SCREAM, None, None, 1))
    mqtt = Mqtt(TOPICS, journal, mosquitto.address)
    mqtt.start()
    wait_for(lambda: mqtt.counters().connected)
    address = mosquitto.address()
    sent = []
    with Phone(address.host, address.port, address.app) as phone:

        @settings(max_examples=SENT, database=None, deadline=None, derandomize=True, suppress_health_check=UNSUPERVISED)
        @given(payload=payloads)
        def one(payload):
            sent.append(payload)
            phone.client.publish(f"{TOPICS.prefix}/acks/{ALERT}", payload, qos=1)

        one()
        last = {**GOOD, "ack_id": "the-last", "action": "spoke", "at_ms": utc_ns() // 1_000_000}
        phone.client.publish(f"{TOPICS.prefix}/acks/{ALERT}", json.dumps(last).encode(), qos=1)
        wait_for(lambda: any(h.json["ack"] and h.json["ack"]["action"] == "spoke" for h in phone.on("alerts/")), 30)
    counters = mqtt.counters()
    mqtt.stop()
    good = {json.loads(payload)["ack_id"] for payload in sent if is_answer(payload)}
    assert 0 < len(good) < 50  # more to one alert are refused
    assert counters.answers_stored == len(good) + 1
    assert counters.answers_stored + counters.answers_refused <= len(sent) + 1
    rows = journal.database.connection.execute("SELECT ack_id FROM acks").fetchall()
    assert {ack_id for (ack_id,) in rows} == good | {"the-last"}
