import logging
from datetime import timedelta

from odoo import api, models

from ..chorus_api import pack, safe_filename, split
from . import moments
from .chorus_identity import of_invoice, to_values
from .chorus_worker_pace import LARGEST_BATCH
from .transactions import asks_for_retry, in_transaction

_logger = logging.getLogger(__name__)

MAX_TRIES = 5
# Between writing down that lines are prepared and locking them.
LEASE = timedelta(minutes=1)


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _prepare_some(self, company_id, environment, count=LARGEST_BATCH):
        """Turn up to ``count`` queued lines into files: ready, or blocked with the reasons.

        That it was begun is written down first: a preparation that ends with its process leaves no other
        trace. The lines stay locked while their files are made, so that no other worker makes them too. When
        the batch fails as a whole, each line is tried by itself: one bad invoice never holds the others.

        :return: int, the number of lines that left the queue.
        """
        taken = in_transaction(
            self.env, lambda env: self._begin_preparing(env, company_id, environment, count)
        )
        if not taken:
            return 0

        def batch(env):
            lines = env["chorus.deposit.line"].browse(taken).try_lock_for_update()
            lines = lines.filtered(lambda line: line.state == "queued")
            company = env["res.company"].browse(company_id)
            return self._prepare_lines(lines.with_context(lang=env["chorus.words"]._lang(company)))

        try:
            return in_transaction(self.env, batch, tries=3)
        except Exception:
            _logger.exception("Preparing %s invoices at once failed; one by one now", len(taken))
        return sum(self._prepare_alone(line_id) for line_id in taken)

    @api.model
    def _begin_preparing(self, env, company_id, environment, count):
        """Write down that the next lines are about to be prepared.

        Nobody else takes them while they are: for a moment because they are not due, then because they are
        locked.

        :return: list of ids
        """
        lines = self._take_queued(env, company_id, environment, count)
        lines.write({"preparations": 1, "next_action_at": moments.now(env) + LEASE})
        return lines.ids

    @api.model
    def _prepare_alone(self, line_id):
        def one(env):
            line = env["chorus.deposit.line"].browse(line_id).try_lock_for_update()
            line = line.with_context(lang=env["chorus.words"]._lang(line.company_id))
            if not line.exists() or line.state != "queued":
                return 0
            return self._prepare_lines(line)

        try:
            return in_transaction(self.env, one, tries=3)
        except Exception as caught:
            if asks_for_retry(caught):
                # The invoice did nothing wrong: it stays in the queue, and no try is counted.
                _logger.info("Preparing line %s is tried again by the next run: %s", line_id, caught)
                return 0
            error = caught
            _logger.exception("Preparing line %s failed", line_id)
            return in_transaction(self.env, lambda env: self._preparation_failed(env, line_id, error))

    @api.model
    def _preparation_failed(self, env, line_id, error):
        line = env["chorus.deposit.line"].browse(line_id)
        line = line.with_context(lang=env["chorus.words"]._lang(line.company_id))
        env = line.env
        if line.state != "queued":
            return 0
        line.write({"tries": line.tries + 1, "preparations": 0})
        message = env._(
            "The file of invoice %(number)s could not be made (%(error)s). It is tried again by itself;"
            " the server's log has the details.",
            number=line.move_id.name,
            error=type(error).__name__,
        )
        # As the log names it.
        message = env._("%(sentence)s (reference %(ref)s)", sentence=message, ref=f"line {line_id}")
        if line.tries >= MAX_TRIES:
            line._move_to("failed", message=message)
            line._tell_of(env._("%s could not be sent to Chorus Pro", line.move_id.name), message)
            return 1
        line.write({"message": message, "next_action_at": self._retry_at(line.tries)})
        return 0

    @api.model
    def _take_queued(self, env, company_id, environment, count):
        domain = [*self._queued_domain(company_id, environment), ("preparations", "=", 0)]
        return env["chorus.deposit.line"].search(domain, order="id", limit=count).try_lock_for_update()

    @api.model
    def _queued_domain(self, company_id, environment):
        return [
            ("company_id", "=", company_id),
            ("environment", "=", environment),
            ("company_id.chorus_environment", "=", environment),
            ("state", "=", "queued"),
            ("next_action_at", "<=", moments.now(self.env)),
        ]

    @api.model
    def _prepare_lines(self, lines):
        """Make and store the files of ``lines`` (one company, one environment) in this transaction."""
        if not lines:
            return 0
        company, environment = lines.company_id, lines[0].environment
        moves = lines.move_id.with_company(company)
        built = moves._chorus_build_files(environment)
        files = {}
        for line in lines:
            result = built[line.move_id.id]
            if isinstance(result, list):
                message = "\n".join(finding["message"] for finding in result)
                line._move_to("blocked", message=message)
                line._tell_of(
                    line.env._("%s was stopped before it was sent to Chorus Pro", line.move_id.name), message
                )
                continue
            files[line] = result.content
            line.move_id._chorus_tell_remarks(result)
            line.write(to_values(of_invoice(result.invoice)))
        connection = self._connection(lines.env, company.id, environment)
        self._make_deposits(connection, files)
        return len(lines)

    @api.model
    def _make_deposits(self, connection, files):
        """Store ``files`` (dict line → bytes) as deposits, grouped when allowed."""
        deposits = connection.env["chorus.deposit"]
        together = [line for line in files if not line.alone]
        while together and connection._group_size() > 1:
            entries = [(self._filename(line), files[line]) for line in together]
            groups = split(entries, max_count=connection._group_size()).groups
            count = len(groups[0]) if groups else 0
            if count < 2:
                break
            lines = connection.env["chorus.deposit.line"].union(*together[:count])
            archive = pack(entries[:count], stem=f"FACTURES_{lines[0].id}_{lines[-1].id}")
            deposits._for_files([(lines, *archive)])
            connection._group_made()
            for line in lines:
                del files[line]
            together = together[count:]
        deposits._for_files([(line, self._filename(line), content) for line, content in files.items()])

    @api.model
    def _filename(self, line):
        """Unique and readable: the invoice's number and the line's id."""
        return safe_filename(f"{line.number}_{line.id}", ".pdf")
