"""A gateway that hangs takes nothing from the companies whose gateways answer."""

from argparse import Namespace

from lib.bench import load_companies


def test_one_hanging_gateway_delays_nobody_and_then_rests(environment, tmp_path):
    """Six companies, three with nothing to do, one whose Chorus Pro takes calls and answers none; one thread
    for the scheduled actions, which waits for that one's answer."""
    options = Namespace(
        companies=6, each=2, latency=0.05, cron_threads=1, hosts=1, watch=50, patience=120, shown=False
    )
    figures = load_companies.play(environment, options, tmp_path)
    assert figures["idle_served"] == 3
    # Who waits for the one that hangs is later by its whole time-out; a slow machine is slow without it too.
    later = figures["hanging_last_deposited"] - figures["usual_last_deposited"]
    assert figures["hanging_last_deposited"] < figures["hanging_first_time_out"] or later < 20, figures
    assert figures["hanging_rests"], "it is left alone after its first time-out"
    assert figures["hanging_share_percent"] <= 100 * load_companies.MOST
