"""The chosen mutations: what somebody might break one day, and the test that has to notice it.

``where`` names the function, class or constant that holds the text; the file is looked for, so that code may
move. ``old`` stands there exactly once. A mutation of an index names it instead: it is dropped.
"""

from typing import NamedTuple


class Catcher(NamedTuple):
    """``part``: odoo (classes or class.method), unit or process (pytest -k), chaos (a kind of run)."""

    part: str
    tests: str

    def __str__(self):
        return f"{self.part} {self.tests}"


class Mutation(NamedTuple):
    """One change of the code, an index dropped, or both; ``what`` says it in words."""

    what: str
    catcher: Catcher
    where: str = ""
    old: str = ""
    new: str = ""
    index: str = ""


def _odoo(tests):
    return Catcher("odoo", tests)


def _unit(tests):
    return Catcher("unit", tests)


def _process(tests):
    return Catcher("process", tests)


def _chaos(kind):
    return Catcher("chaos", kind)


# The protocol, its gates and its guards.
CHOSEN = (
    # The last word of the database
    Mutation(
        "no unique index of live lines",
        _odoo("TestPolite.test_live_line_is_unique_in_the_database"),
        index="chorus_deposit_line_one_live_line",
    ),
    Mutation(
        "no unique index of flow numbers",
        _odoo("TestLastWord.test_a_flow_number_is_unique_in_the_database"),
        index="chorus_deposit_one_flow",
    ),
    Mutation(
        "no unique index of the places in a first real deposit",
        _process("test_the_database_itself_refuses_a_place_taken_twice"),
        index="chorus_deposit_line_one_first_slot",
    ),
    Mutation(
        "no unique index of open requests",
        _odoo("TestComplete.test_two_people_at_once_ask_once"),
        index="chorus_request_one_open",
    ),
    # Taking a file
    Mutation(
        "a file may leave for another environment than the present one",
        _odoo("TestSwitchedOff"),
        "_TAKE",
        "WHERE deposit.id = %(deposit)s AND company.chorus_environment = deposit.environment",
        "WHERE deposit.id = %(deposit)s",
    ),
    Mutation(
        "an attempt is not counted",
        _odoo("TestSteps.test_taking_a_deposit"),
        "_TAKE",
        "attempt_number = coalesce(attempt_number, 0) + 1",
        "attempt_number = coalesce(attempt_number, 1)",
    ),
    Mutation(
        "a doubtful file leaves",
        _odoo("TestDoubtful"),
        "_TAKE",
        "AND (line.state != 'ready' OR line.doubtful_since IS NOT NULL)",
        "AND line.state != 'ready'",
    ),
    Mutation(
        "a file with a line that is not ready leaves",
        _odoo("TestDepositFaults.test_file_of_an_invoice_that_went_another_way_never_leaves"),
        "_TAKE",
        "AND (line.state != 'ready' OR line.doubtful_since IS NOT NULL)",
        "AND line.doubtful_since IS NOT NULL",
    ),
    Mutation(
        "files leave before a run has looked around since PostgreSQL started",
        _odoo("TestDoubtful.test_without_a_look_around_since_postgresql_started_nothing_is_taken"),
        "_TAKE",
        "\n                AND known.server_start = extract(epoch FROM pg_postmaster_start_time())::text",
        "",
    ),
    Mutation(
        "what left once is not looked for before it leaves again",
        _odoo("TestSentOnceMore,TestThereAfterAll"),
        "LOOKED_FOR",
        "(gone.sent_at IS NOT NULL OR (gone.id IS NULL AND former.number IS NOT NULL))",
        "FALSE",
    ),
    Mutation(
        "a damaged file leaves",
        _odoo("TestSteps.test_a_damaged_file_is_not_sent"),
        "_start_sending",
        "!= taken.sha256",
        "== ''",
    ),
    Mutation(
        "other channels are not read again before a file leaves",
        _process("test_chorus_first_the_last_gate_sees_each_state"),
        "_may_leave",
        "gone = moves.filtered(lambda move: move._chorus_in_the_way())",
        "gone = moves.browse()",
    ),
    Mutation(
        "invoices that another channel holds just now are not waited for",
        _process("test_the_neighbour_held_inside_its_call_while_our_worker_takes"),
        "_may_leave",
        "if moves.try_lock_for_update(allow_referencing=True) != moves:",
        "if False:",
    ),
    Mutation(
        "taking a file leaves no mark on its invoices",
        _process("test_a_platform_on_an_older_view_of_the_invoice"),
        "_TAKE",
        "    UPDATE account_move AS move SET chorus_state = move.chorus_state\n"
        "    FROM lines WHERE move.id = lines.move_id\n",
        "    SELECT move_id FROM lines\n",
    ),
    # The outcome
    Mutation(
        "an outcome of an older attempt is written",
        _odoo("TestSteps.test_an_outcome_of_an_older_attempt_changes_nothing"),
        "_ACCEPTED",
        "AND state = 'sending' AND attempt_number = %(attempt)s",
        "AND state = 'sending'",
    ),
    Mutation(
        "the long way does not compare attempts either",
        _odoo("TestSteps,TestSending"),
        "_end_sending",
        "if deposit.attempt_number != attempt or deposit.state",
        "if deposit.state",
    ),
    Mutation(
        "an unknown outcome counts as not sent",
        _odoo("TestSending.test_lost_answer_is_found_again_never_sent_twice"),
        "_end_sending",
        'elif error.outcome != "unknown":',
        "elif True:",
    ),
    Mutation(
        "an unexpected error while posting counts as not sent",
        _odoo("TestLastWord.test_whatever_breaks_while_a_file_leaves_it_is_searched"),
        "_transmit_one",
        "kind = errors.OutcomeUnknown if posting else errors.NotSent",
        "kind = errors.NotSent",
    ),
    Mutation(
        "that a file is being sent is not committed before it leaves",
        _process("test_process_killed_in_flight_is_searched_not_sent_again"),
        "_transmit_one",
        "taken = in_transaction(self.env, lambda env: self._start_sending(env, deposit_id, correlation_id))",
        "taken = self._start_sending(self.env, deposit_id, correlation_id)",
    ),
    Mutation(
        "a living sender is taken for dead",
        _process("test_living_sender_is_never_taken_for_dead"),
        "_recover_dead",
        "if not is_unlocked(env.cr, deposit_id):",
        "if False:",
    ),
    # Looking for what is unconfirmed or doubtful
    Mutation(
        "no horizon before a file is sent again",
        _odoo("TestClocks,TestSending"),
        "_still_missing",
        "waited < timedelta(hours=connection.resolve_horizon_hours) or not",
        "not",
    ),
    Mutation(
        "one search in vain is enough",
        _odoo("TestLastWord.test_one_search_after_a_long_stop_of_the_server_is_not_enough"),
        "_still_missing",
        " or not self._searched_enough(deposit)",
        "",
    ),
    Mutation(
        "files are sent again without the administrator's leave",
        _odoo("TestSending.test_not_found_past_the_horizon_waits_for_a_person_otherwise"),
        "_still_missing",
        "elif connection.auto_resend and deposit.resends < MAX_RESENDS:",
        "elif deposit.resends < MAX_RESENDS:",
    ),
    Mutation(
        "flows that end in an incident are sent again twice as often",
        _odoo("TestReports.test_incidents_without_end_are_shown_to_a_person"),
        "MAX_AUTOMATIC_RESENDS",
        "MAX_AUTOMATIC_RESENDS = 2",
        "MAX_AUTOMATIC_RESENDS = 4",
    ),
    Mutation(
        "an administrator's confirmation doubts nothing",
        _odoo("TestDoubtful.test_a_backup_that_is_confirmed_follows_what_had_left_and_sends_it_no_more"),
        "_confirm",
        "        self._doubt(now)\n",
        "",
    ),
    Mutation(
        "what is doubtful leaves after two searches, however soon",
        _odoo("TestDoubtful.test_what_is_not_there_leaves_after_an_hour"),
        "_not_there",
        "checks >= MIN_SEARCHES and now >= since + SEARCH_FOR",
        "checks >= MIN_SEARCHES",
    ),
    Mutation(
        "invoices older than the confirmation leave without a search",
        _odoo("TestDoubtful.test_an_invoice_older_than_the_confirmation_is_looked_for_at_its_first_click"),
        "_doubtful",
        "move.create_date <= before[move.company_id]",
        "move.create_date > before[move.company_id]",
    ),
    # Which database, which clock, which date
    Mutation(
        "the oid of the database is no sign of a copy",
        _odoo("TestCopiedDatabase"),
        "HARD_SIGNS",
        '"oid", ',
        "",
    ),
    Mutation(
        "the PostgreSQL server is no sign of a copy",
        _odoo("TestCopiedDatabase"),
        "HARD_SIGNS",
        ', "server"',
        "",
    ),
    Mutation(
        "the protocol follows the clock of Odoo's host",
        _odoo("TestClocks"),
        "now",
        "return env.cr.fetchone()[0]",
        "return fields.Datetime.now()",
    ),
    Mutation(
        "dates beyond tomorrow are believed",
        _odoo("TestBadDates"),
        "past",
        "return moment if moment <= env.cr.now() or moment <= now(env) + TOMORROW else None",
        "return moment",
    ),
    # One bad record, silence, due times
    Mutation(
        "answers are not written one by one when a batch fails",
        _odoo("TestRefusedByOthers"),
        "_write_each",
        "if len(items) > 1:",
        "if len(items) > 1000:",
    ),
    Mutation(
        "an error that asks for a retry is swallowed",
        _unit("test_where_a_transaction_goes_on_a_retry_is_raised"),
        "_each_line",
        "                if asks_for_retry(error):\n                    raise\n",
        "",
    ),
    Mutation(
        "a nullable boolean is negated in SQL",
        _unit("test_no_nullable_boolean_is_negated_in_sql"),
        "_UNTOLD",
        "deposit.untold IS TRUE",
        "NOT deposit.untold",
    ),
    Mutation(
        "what is ready wakes nobody",
        _odoo("TestDueTimes.test_a_file_to_be_tried_again_wakes_when_it_is_due"),
        "_WORK",
        "WHERE state IN ('sending', 'unconfirmed') OR (state = 'ready' AND {_PRESENT})",
        "WHERE state IN ('sending', 'unconfirmed')",
    ),
    Mutation(
        "a connection that invoices need is deleted",
        _odoo("TestSilence.test_a_connection_that_invoices_need_is_not_deleted"),
        "_unlink_except_in_use",
        "if waiting or followed:",
        "if waiting and not followed:",
    ),
    # What Chorus Pro holds; what only code writes
    Mutation(
        "a held invoice becomes a draft by a plain write",
        _odoo("TestHeldRefused.test_the_state_is_refused_whatever_the_way"),
        "_chorus_before_leaving_books",
        'if state != "posted" and not is_by_code(self.env):',
        "if False:",
    ),
    Mutation(
        "the bank account of a held invoice changes",
        _odoo("TestHeldRefused.test_the_content_is_refused_field_by_field"),
        "FROZEN_FIELDS",
        '"partner_bank_id", ',
        "",
    ),
    Mutation(
        "a value in the context counts as the code",
        _odoo("TestHeldRefused,TestForgery"),
        "is_by_code",
        "env.context.get(KEY) is BY_CODE[KEY]",
        "bool(env.context.get(KEY))",
    ),
    Mutation(
        "the first real deposit has no limit one by one",
        _odoo("TestFirstDeposit"),
        "_chorus_within_first_deposit",
        "max(limit - len(lines), 0)",
        "limit",
    ),
    # The wire
    Mutation(
        "an account that is refused is not the connection's fault",
        _unit("test_each_error_says_whether_the_connection_is_at_fault"),
        "AccessDenied",
        "about_connection = True",
        "about_connection = False",
    ),
    Mutation(
        "a conflict after the body left did nothing",
        _unit("test_anything_unclear_is_unknown"),
        "_declined",
        "if status == 409 and route.write and exchange.left:",
        "if False:",
    ),
    Mutation(
        "a redirect after the body left did nothing",
        _unit("test_anything_unclear_is_unknown"),
        "_declined",
        '        if route.write and exchange.left:\n            return errors.OutcomeUnknown("redirect',
        '        if False:\n            return errors.OutcomeUnknown("redirect',
    ),
    Mutation(
        "an invoice of another day is the same",
        _unit("test_another_invoice"),
        "differences",
        '("date", self.date or None, summary.issued_on),',
        "",
    ),
)

# Each kind of run of chaos, without what it is about.
KINDS = (
    Mutation(
        "switched: the environment is not compared when a file is taken",
        _chaos("switched"),
        "_TAKE",
        "WHERE deposit.id = %(deposit)s AND company.chorus_environment = deposit.environment",
        "WHERE deposit.id = %(deposit)s",
    ),
    Mutation(
        "neighbour: other channels are not read again before a file leaves",
        _chaos("neighbour"),
        "_chorus_in_the_way",
        "return stands if stands and",
        "return stands if False and",
    ),
    Mutation(
        "dates: dates beyond tomorrow are believed",
        _chaos("dates"),
        "past",
        "return moment if moment <= env.cr.now() or moment <= now(env) + TOMORROW else None",
        "return moment",
    ),
    Mutation(
        "restored: the oid of the database is no sign",
        _chaos("restored"),
        "HARD_SIGNS",
        '"oid", ',
        "",
    ),
    Mutation(
        "cloned: no sign differs",
        _chaos("cloned"),
        "_differences",
        "return [sign for sign in HARD_SIGNS if known.get(sign) != now[sign]]",
        "return []",
    ),
    Mutation(
        "repeated: a flow number counts whoever had it before, for the index too",
        _chaos("repeated"),
        "_ACCEPTED",
        "AND other.flow_number = %(flow)s AND other.origin",
        "AND FALSE AND other.origin",
        index="chorus_deposit_one_flow",
    ),
    Mutation(
        "redirected: a redirect and a conflict after the body left did nothing",
        _chaos("redirected"),
        "_declined",
        "    if 300 <= status < 400:\n",
        "    if 300 <= status < 400 or status == 409:\n"
        '        return errors.NotSent("redirect_refused", **context)\n'
        "    if 300 <= status < 400:\n",
    ),
    Mutation(
        "late: no horizon before a file is sent again",
        _chaos("late"),
        "_still_missing",
        "waited < timedelta(hours=connection.resolve_horizon_hours) or not",
        "not",
    ),
    Mutation(
        "archived: an archived connection is used",
        _chaos("archived"),
        "_why_no_token_request",
        "if not self.active:",
        "if False:",
    ),
    Mutation(
        "clocks: the protocol follows the clock of Odoo's host",
        _chaos("clocks"),
        "now",
        "return env.cr.fetchone()[0]",
        "return fields.Datetime.now()",
    ),
    Mutation(
        "raising: answers are not written one by one when a batch fails",
        _chaos("raising"),
        "_each_line",
        "                with lines.env.cr.savepoint():\n                    write(line)\n"
        "            except Exception as error:\n                if asks_for_retry(error):\n"
        "                    raise\n",
        "                with lines.env.cr.savepoint():\n                    write(line)\n"
        "            except Exception as error:\n                if error:\n"
        "                    raise\n",
    ),
    Mutation(
        "past_lock: no unique index of live lines",
        _chaos("past_lock"),
        index="chorus_deposit_line_one_live_line",
    ),
)
