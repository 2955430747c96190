"""Automatic sending by Odoo's own scheduled action: people confirm invoices, nobody presses Send."""


def test_confirmed_invoices_go_by_themselves_and_those_not_ready_are_told_once(server):
    """The accountant confirms; the connection's calls are the scheduled action's alone."""
    [company] = server.sql("SELECT id FROM res_company WHERE chorus_environment = 'test'")
    server.administrator.call("res.company", "write", [int(company)], {"chorus_sending": "posting"})
    server.control("faults", {"route": "*", "kind": "http_503", "count": 10000})
    try:
        # Chorus Pro is dead: confirming neither waits for it nor fails.
        moves = server.invoices(3)
        assert {row["state"] for row in server.read(moves, "state")} == {"posted"}
    finally:
        server.control("faults", None, "DELETE")
    # Nothing waits any more. A call has timed out, the connection has rested since, and what buyers require
    # is not known any more: who sends by itself has it answer something small, and asks.
    server.wait_for(moves, "integrated", 330)
    server.sql("DELETE FROM chorus_structure")
    server.sql(
        "UPDATE chorus_connection SET timed_out = TRUE, rest_count = 1,"
        " rest_until = now() AT TIME ZONE 'UTC' - interval '1 second'"
    )
    # They name no engagement, which their buyer requires.
    stopped = server.invoices(2, "engagement")
    assert server.taken(moves) == [1, 1, 1]

    def told():
        return all(row["chorus_auto_reason"] for row in server.read(stopped, "chorus_auto_reason"))

    server.poll(told, 120, "those not ready are told")
    assert server.states(stopped) == [False, False]
    assert server.sql("SELECT count(*) FROM chorus_connection WHERE timed_out") == ["0"]
    # In a transaction of its own, after the reasons of all.
    activities = (
        "SELECT count(*) FROM mail_activity a JOIN ir_model_data d ON d.res_id = a.activity_type_id"
        " AND d.model = 'mail.activity.type' WHERE d.name = 'activity_held_back_test'"
    )
    server.poll(lambda: server.sql(activities) != ["0"], 120, "a person is told of them")
    assert server.sql(activities) == ["1"]
