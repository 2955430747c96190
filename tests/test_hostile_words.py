"""What a buyer, or Chorus Pro, writes is shown as it was written: as text."""

from lxml import html
from odoo.tests import tagged

from .life import LifeCommon

# Markup, a right-to-left mark and a null byte.
HOSTILE = (
    '<img src="http://evil.example/x" onerror="alert(1)"><b>bold</b>\u202eevil\x00 & <script>x()</script> fin'
)

ELEMENTS = "//img | //script | //b | //*[@onerror]"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestHostileWords(LifeCommon):
    def setUp(self):
        super().setUp()
        self.move = self.deliver()

    def assertOnlyText(self, fragment):
        """The hostile words are in the fragment of HTML, and none of them became an element."""
        tree = html.fragment_fromstring(str(fragment), create_parent="div")
        self.assertIn("<img src=", tree.text_content())
        self.assertFalse(tree.xpath(ELEMENTS), fragment)

    def test_a_buyers_comment(self):
        self.buyer(self.move, "SUSPENDUE", HOSTILE)
        line = self.line(self.move)
        for told in (line.status_comment, self.move.chorus_message, line.event_ids[:1].comment):
            self.assertIn("<img src=", told)
            self.assertTrue(told.endswith("fin"))
            self.assertFalse({"\x00", "\u202e"} & set(told), repr(told))
        activity = self.move.sudo().activity_ids
        self.assertEqual(len(activity), 1)
        self.assertOnlyText(activity.note)

    def test_a_comment_that_goes_into_the_chatter(self):
        self.buyer(self.move, "SUSPENDUE")
        wizard = self.open_wizard(self.move, "action_chorus_complete")
        wizard.comment = HOSTILE.replace("\x00", "")
        wizard.action_complete()
        messages = self.move.message_ids.filtered(lambda message: "img" in message.body)
        self.assertTrue(messages)
        for message in messages:
            self.assertOnlyText(message.body)

    def test_a_customers_name_in_what_is_found(self):
        draft = self.make_invoice(post=False)
        draft.partner_id.sudo().write({"name": HOSTILE.replace("\x00", ""), "company_registry": False})
        draft.invalidate_recordset()
        told = html.fragment_fromstring(str(draft.chorus_findings_html), create_parent="div")
        self.assertTrue(told.text_content())
        self.assertFalse(told.xpath(ELEMENTS))

    def test_what_the_gateway_says_about_the_keys(self):
        self.connection.company_id.sudo().chorus_responsible_id = self.administrator
        self.env["chorus.notice"]._tell(
            self.connection, "mail.mail_activity_data_todo", lambda _connection: HOSTILE
        )
        self.assertOnlyText(self.connection.sudo().activity_ids[:1].note)
