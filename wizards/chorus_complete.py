from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ..chorus_api.flows import LIMITS, check_attachment
from ..worker.doors import ask
from .chorus_answers import TEMPLATES, answer

_lt = LazyTranslate(__name__)

MEGABYTE = 1024 * 1024
# By key of chorus_api.flows.check_attachment.
PROBLEMS = {
    "attachment_type_refused": _lt("%s: Chorus Pro does not take files of this type."),
    "attachment_name_invalid": _lt("%s: the name has no extension, or a character that is refused."),
    "attachment_name_too_long": _lt("%s: the name is longer than 50 characters. Rename the file."),
    "empty_file": _lt("%s: the file is empty."),
    "file_too_large": _lt("%s: the file is larger than 10 MB."),
}


class ChorusComplete(models.TransientModel):
    """Answer a buyer who suspended an invoice: a comment and files."""

    _name = "chorus.complete"
    _description = "Complete an invoice on Chorus Pro"

    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    asked_for = fields.Text("What the buyer asks for", related="move_id.chorus_message", related_sudo=False)
    template = fields.Selection(TEMPLATES, "What you send")
    comment = fields.Text("Your answer")
    attachment_ids = fields.Many2many(
        "ir.attachment", "chorus_complete_attachment_rel", string="Files", help="At most 10 MB each."
    )
    names_sent = fields.Text("Names that the buyer sees", compute="_compute_names_sent")
    problems = fields.Text("What Chorus Pro would refuse", compute="_compute_names_sent")
    size_note = fields.Char("Files chosen", compute="_compute_names_sent")
    size_share = fields.Integer("Share of what Chorus Pro takes (%)", compute="_compute_names_sent")

    @api.depends("attachment_ids")
    @api.depends_context("lang")
    def _compute_names_sent(self):
        for wizard in self:
            files = wizard._files()
            shortened = [
                self.env._("%(name)s is sent as %(sent)s", name=attachment.name, sent=name)
                for attachment, (name, _mime, _content) in zip(wizard.attachment_ids, files, strict=True)
                if attachment.name != name
            ]
            wizard.names_sent = "\n".join(shortened) or False
            wizard.problems = "\n".join(wizard._problems(files)) or False
            size = sum(len(content) for _name, _mime, content in files)
            most = LIMITS["invoice_with_attachments_size"].value
            wizard.size_share = min(size * 100 // most, 100)
            wizard.size_note = (
                self.env._(
                    "Files: %(count)s, %(size)s of %(most)s MB",
                    count=len(files),
                    size=round(size / MEGABYTE, 1),
                    most=most // MEGABYTE,
                )
                if files
                else False
            )

    @api.onchange("template")
    def _onchange_template(self):
        """The usual answer, which may be changed before it goes."""
        if self.template:
            self.comment = answer(self.move_id, self.template)

    def _files(self):
        """The files as they are sent: too long a name is shortened, and stays apart from the others."""
        files, used = [], set()
        for attachment in self.attachment_ids:
            name = shortened(attachment.name or "", used)
            used.add(name)
            files.append((name, attachment.mimetype or "application/octet-stream", attachment.raw or b""))
        return files

    def action_complete(self):
        """Send the answer; the outcome is shown on the invoice."""
        self.ensure_one()
        line = self.move_id._chorus_check_offer("complete")
        if not (self.comment or "").strip() and not self.attachment_ids:
            raise UserError(self.env._("Write an answer to the buyer, or add a file."))
        files = self._files()
        if problems := self._problems(files):
            raise UserError("\n".join(problems))
        return ask(line, "complete", {"comment": (self.comment or "").strip()}, files)._outcome()

    def _problems(self, files):
        """Sentences that name every file that Chorus Pro would refuse, and why."""
        problems = []
        for name, _mime, content in files:
            code = check_attachment(content, name, name.rpartition(".")[2].upper())
            if code:
                problems.append(self.env._(PROBLEMS[code]).replace("%s", name))
        limit = LIMITS["invoice_with_attachments_size"]
        if sum(len(content) for _name, _mime, content in files) > limit.value:
            problems.append(self.env._("All files together are larger than 120 MB."))
        return problems


def shortened(name, used=()):
    """The name as Chorus Pro takes it: at most 50 characters, extension kept, unlike those in ``used``."""
    limit = LIMITS["attachment_name_length"].value
    stem, dot, extension = name.rpartition(".")
    if not stem:
        return name[:limit]
    number, short = 1, name
    while len(short) > limit or short in used:
        number += short in used
        end = (f"_{number}" if number > 1 else "") + dot + extension
        if len(end) >= limit:
            return short
        short = stem[: limit - len(end)].rstrip() + end
    return short
