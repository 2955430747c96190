"""The deployments that are tried, each in a row."""

from . import ways
from .deployment import Deployment

# Odoo ends workers of scheduled actions that only sleep, too, when their limit is shorter than their sleep:
# they never look for what falls due later, and so no report is asked for.
_KILLED = r"WorkerCron \(\d+\) timeout"

DEPLOYMENTS = (
    Deployment(
        "prefork",
        "several processes, with the websocket worker",
        workers=2,
        check=ways.websocket_answers,
    ),
    Deployment("two-hosts", "two servers on one database", count=24, hosts=2),
    Deployment("pgbouncer-session", "pgbouncer, session mode", around=ways.pgbouncer("session")),
    Deployment(
        "pgbouncer-transaction",
        "pgbouncer, transaction mode (scheduled actions wake by polling only)",
        count=4,
        seconds=420,
        around=ways.pgbouncer("transaction"),
    ),
    Deployment("replica", "db_replica_host set to the same server", around=ways.replica),
    Deployment("attachments-db", "attachments in the database", around=ways.attachments_in_database),
    Deployment(
        "limits-default",
        "Odoo's default limits, 4 s for each deposit",
        count=12,
        workers=2,
        hold=4,
        seconds=360,
    ),
    Deployment(
        "limits-short",
        "limit_time_real_cron = 30, 4 s for each deposit",
        count=8,
        workers=2,
        hold=4,
        seconds=420,
        states=("sent", "integrated"),
        extra=("--limit-time-real-cron", "30"),
        noise=_KILLED,
    ),
    Deployment(
        "limits-cpu",
        "limit_time_cpu = 10",
        count=40,
        workers=2,
        extra=("--limit-time-cpu", "10"),
        seconds=360,
    ),
    Deployment(
        "slow-print",
        "3 s to print an invoice, default limits",
        count=40,
        workers=2,
        print_seconds=3,
        seconds=600,
    ),
    Deployment(
        "endless-print",
        "one invoice that is never printed, limit_time_real_cron = 80",
        count=3,
        workers=2,
        print_seconds=0.1,
        extra=("--limit-time-real-cron", "80"),
        after_click=ways.click_an_endless_one,
        seconds=900,
        noise=_KILLED,
    ),
    Deployment(
        "unprivileged",
        "user nobody, no home, no fonts",
        count=6,
        around=ways.unprivileged,
        check=ways.same_fonts,
    ),
    Deployment(
        "folders-cleaned",
        "temporary folder and fonts cleaned under a running server",
        count=3,
        workers=2,
        after_click=ways.clean_and_click_again,
        check=ways.same_fonts,
    ),
    Deployment("wheel", "the addon installed by pip from its wheel", count=4, around=ways.wheel),
    Deployment("update", "odoo -u by another process meanwhile", count=12, after_click=ways.update_meanwhile),
)
