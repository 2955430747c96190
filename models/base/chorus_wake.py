"""Waking the scheduled actions, and when to try again: for whoever leaves work to them."""

import random
from datetime import timedelta

from . import moments

# Minutes before the next try, by number of tries so far; the last one repeats.
RETRY_MINUTES = (1, 2, 5, 10, 20, 40, 60)
# Actions that help, as data/chorus_cron.xml has them: cron_help_1 and on.
MOST_HELPERS = 7


def wake(env, at=None, what="send"):
    """Wake a scheduled action after this transaction has committed.

    :param datetime at: when, naive UTC; now when not given
    :param str what: ``send`` or ``follow``
    """
    cron = env.ref(f"l10n_fr_chorus_pro.cron_{what}", raise_if_not_found=False)
    if cron:
        cron.sudo()._trigger(at)
    if not at:
        # The action may be at work for another company just now.
        wake_helpers(env)


def wake_helpers(env, count=MOST_HELPERS):
    """Wake actions that serve channels beside the two, when there are several companies to serve.

    :param int count: as many as these
    """
    if count < 1 or not _several_companies(env):
        return
    for number in range(1, MOST_HELPERS + 1):
        cron = env.ref(f"l10n_fr_chorus_pro.cron_help_{number}", raise_if_not_found=False)
        if cron and cron.sudo().active:
            cron.sudo()._trigger()
            count -= 1
        if not count:
            break


def _several_companies(env):
    groups = (
        env["chorus.connection"].sudo()._read_group([("state", "=", "connected")], ["company_id"], limit=2)
    )
    return len(groups) > 1


def retry_at(env, tries, retry_after=None):
    """When to try again, naive UTC: growing, capped, with jitter so that hosts do not march in step.

    :param int tries: failed tries so far, from 1.
    :param retry_after: seconds that the server asked for, honoured when longer.
    """
    minutes = RETRY_MINUTES[min(max(tries, 1), len(RETRY_MINUTES)) - 1]
    seconds = minutes * 60 * random.uniform(0.8, 1.2)
    return moments.now(env) + timedelta(seconds=max(seconds, retry_after or 0))
