"""Nothing that was promised is lost, and nothing is shown twice, whatever is killed; ``measure_delivery`` does more."""

from tests.chaos.phone import AppPhone
from tests.chaos.trouble import judged, make_trouble
from tests.delivery.conftest import needs_mosquitto

BOX_KILLS, BROKER_KILLS = 5, 2


@needs_mosquitto
def test_killed_boxes_and_brokers_lose_nothing_and_tell_nothing_twice(tmp_path):
    outcome = make_trouble(tmp_path, BOX_KILLS, BROKER_KILLS)
    assert outcome.lost == ()
    assert outcome.twice == ()
    assert (outcome.broker_kills, outcome.broker_terms) == (1, 1)
    assert outcome.alerts > 20
    assert outcome.by_sync + outcome.by_mqtt >= 3 * outcome.changes / 2  # three phones were told of most of it
    # And what is lost would be seen to be: by a phone that never hears anything, or a promise that nobody kept.
    deaf = AppPhone("deaf", 1)
    lost, _ = judged(tmp_path, [deaf])
    deaf.close()
    assert len(lost) == outcome.changes
    with (tmp_path / "ledger").open("a") as ledger:
        ledger.write("gone 1000000 open\n")
    assert judged(tmp_path, []) == (("journal: gone 1000000 open",), ())
