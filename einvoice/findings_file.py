"""Catalogue rows about attachments, the page and the finished Factur-X file."""

from .translate import _

FILE_RULES = (
    (
        "attachment_name_missing", "block", "AIFE", "BG-24", "invoice.attachments",
        _("An attachment has no name."),
    ),
    (
        "attachment_name_too_long", "block", "AIFE, XP Z12-012 CPRO-41", "BG-24", "invoice.attachments",
        _("The attachment %(name)s has a name of %(length)s characters; 50 are allowed, extension included."),
    ),
    (
        "attachment_name_twice", "block", "PDF name tree", "BG-24", "invoice.attachments",
        _("Two attachments are called %(name)s. Rename one."),
    ),
    (
        "attachment_name_reserved", "block", "Factur-X 1.09", "BG-24", "invoice.attachments",
        _("An attachment cannot be called %(name)s: that is the name of the invoice's own data."),
    ),
    (
        "attachment_extension", "block", "AIFE", "BG-24", "invoice.attachments",
        _("The attachment %(name)s is of a kind that Chorus Pro refuses. Send a PDF, for instance."),
    ),
    (
        "attachment_empty", "block", "AIFE", "BG-24", "invoice.attachments",
        _("The attachment %(name)s is empty."),
    ),
    (
        "attachment_too_large", "block", "AIFE", "BG-24", "invoice.attachments",
        _("The attachment %(name)s is %(size)s MB; Chorus Pro takes less than 10 MB."),
    ),
    (
        "attachments_too_large", "block", "AIFE annex V5.00, one file", "BG-24", "invoice.attachments",
        _("The attachments are %(size)s MB together; the file of an invoice holds less than 10 MB."),
    ),
    # --- the page that was rendered ---
    (
        "pdf_unreadable", "block", "ISO 32000-1", "PDF", "invoice.pdf",
        _("The PDF of the invoice cannot be read (%(detail)s). Print the invoice again."),
    ),
    (
        "pdf_encrypted", "block", "ISO 19005-3 6.1.3", "PDF", "invoice.pdf",
        _("The PDF of the invoice is protected by a password. Chorus Pro refuses it: remove the protection."),
    ),
    (
        "pdf_without_pages", "block", "ISO 32000-1", "PDF", "invoice.pdf",
        _("The PDF of the invoice has no page."),
    ),
    (
        "pdf_page_without_text", "block", "practice", "PDF", "invoice.pdf",
        _(
            "Page %(page)s of the PDF has no text, only drawings. Either the wkhtmltopdf of the server is not"
            " the build with patched Qt, or the server has no fonts: ask the administrator to look at both."
        ),
    ),
    (
        "pdf_font_not_embedded", "block", "ISO 19005-3 6.2.11.4", "PDF", "invoice.pdf",
        _(
            "The font %(font)s is not inside the PDF. Choose another font in the document layout, or ask the "
            "administrator to install it on the server."
        ),
    ),
    (
        "pdf_font_damaged", "block", "ISO 19005-3 6.2.11", "PDF", "invoice.pdf",
        _("The font %(font)s inside the PDF is damaged. Choose another font in the document layout."),
    ),
    (
        "pdf_missing_glyph", "block", "ISO 19005-3 6.2.11.8", "PDF", "invoice.pdf",
        _("A character of the invoice cannot be drawn with the font %(font)s. Remove unusual signs (emoji)."),
    ),
    (
        "pdf_colour", "block", "ISO 19005-3 6.2.4.3", "PDF", "invoice.pdf",
        _(
            "The PDF uses printing colours (%(detail)s) without a profile. Use RGB images in the document "
            "layout."
        ),
    ),
    (
        "pdf_feature", "block", "ISO 19005-3", "PDF", "invoice.pdf",
        _("The PDF uses %(detail)s, which an archive file (PDF/A-3) forbids. Simplify the document layout."),
    ),
    (
        "pdf_too_large", "block", "AIFE annex V5.00, one file", "PDF", "invoice.attachments",
        _(
            "The file of the invoice is %(size)s MB; Chorus Pro takes 10 MB. Remove or shrink attachments "
            "or images."
        ),
    ),
    # --- a legal PDF that another tool made ---
    (
        "pdf_elsewhere_unreadable", "block", "ISO 32000-1", "PDF", "invoice.pdf",
        _(
            "The legal PDF of this invoice was made by another tool and cannot be read (%(detail)s). "
            "Replace it by a new export of that tool, or remove it: Odoo then prints the invoice."
        ),
    ),
    (
        "pdf_elsewhere_without_text", "block", "practice", "PDF", "invoice.pdf",
        _(
            "The legal PDF of this invoice was made by another tool, and its page %(page)s has no text, "
            "only an image or drawings. Replace it by a PDF with text, or remove it: Odoo then prints the"
            " invoice."
        ),
    ),
    (
        "pdf_elsewhere_font", "block", "ISO 19005-3 6.2.11.4", "PDF", "invoice.pdf",
        _(
            "The legal PDF of this invoice was made by another tool, and its font %(font)s is not inside "
            "it. Export it again as PDF/A (fonts embedded) and replace it, or remove it: Odoo then prints"
            " the invoice."
        ),
    ),
    (
        "pdf_elsewhere_font_damaged", "block", "ISO 19005-3 6.2.11", "PDF", "invoice.pdf",
        _(
            "The legal PDF of this invoice was made by another tool, and its font %(font)s is damaged. "
            "Export it again with another font and replace it, or remove it: Odoo then prints the "
            "invoice."
        ),
    ),
    (
        "pdf_elsewhere_colour", "block", "ISO 19005-3 6.2.4.3", "PDF", "invoice.pdf",
        _(
            "The legal PDF of this invoice was made by another tool and uses printing colours "
            "(%(detail)s). Export it again in RGB colours and replace it, or remove it: Odoo then prints "
            "the invoice."
        ),
    ),
    (
        "pdf_elsewhere_feature", "block", "ISO 19005-3", "PDF", "invoice.pdf",
        _(
            "The legal PDF of this invoice was made by another tool and holds what an archive file "
            "(PDF/A-3) forbids: %(detail)s. Export it again as PDF/A and replace it, or remove it: Odoo "
            "then prints the invoice."
        ),
    ),
    (
        "pdf_loses_signature", "warn", "ISO 19005-3 6.4.3", "PDF", "invoice.attachments",
        _(
            "The legal PDF of this invoice is digitally signed. The Factur-X made of it shows the same "
            "pages but loses the signature; the original stays on the invoice unchanged. To send it too, "
            "add it to the attachments for the buyer."
        ),
    ),
    (
        "pdf_loses_files", "warn", "ISO 19005-3 6.8", "PDF", "invoice.attachments",
        _(
            "The legal PDF of this invoice holds files. The Factur-X made of it cannot keep them; the "
            "original stays on the invoice unchanged. To send them, add them to the attachments for "
            "the buyer."
        ),
    ),
    (
        "pdf_loses_scripts", "warn", "ISO 19005-3 6.5.1", "PDF", "invoice.attachments",
        _(
            "The legal PDF of this invoice holds scripts or actions. The Factur-X made of it shows the "
            "same pages without them; the original stays on the invoice unchanged."
        ),
    ),
    (
        "pdf_loses_form", "warn", "ISO 19005-3 6.4.1", "PDF", "invoice.attachments",
        _(
            "The legal PDF of this invoice holds fields to fill in. The Factur-X made of it shows them as"
            " they are; the original stays on the invoice unchanged. To send it too, add it to the "
            "attachments for the buyer."
        ),
    ),
    # --- what a printed page shows beside the data ---
    (
        "page_number_differs", "warn", "practice", "BT-1", "invoice.pdf",
        _(
            "The page that was printed does not show the number of the data, %(value)s. What looks most like "
            "it there: %(shown)s. Look at the PDF, and correct the document layout or the report."
        ),
    ),
    (
        "page_total_differs", "warn", "practice", "BT-112", "invoice.pdf",
        _(
            "The page that was printed does not show the total of the data, %(value)s. The largest amount "
            "there: %(shown)s. Look at the PDF, and correct the report."
        ),
    ),
    (
        "page_account_differs", "warn", "practice", "BT-84", "invoice.pdf",
        _(
            "The page that was printed names another account to pay to (%(shown)s) than the data "
            "(%(value)s): the buyer could pay to the wrong one. Look at the PDF, its footer included, and "
            "correct the report or the document layout."
        ),
    ),
    (
        "page_buyer_differs", "warn", "practice", "BT-44", "invoice.pdf",
        _(
            "The page that was printed does not show the name of the buyer of the data, %(value)s. What "
            "looks most like it there: %(shown)s. Look at the PDF, and correct the customer or the report."
        ),
    ),
    # --- the last gate ---
    (
        "file_xml_missing", "block", "Factur-X 1.09", "PDF", "invoice.pdf",
        _("The PDF holds no factur-x.xml."),
    ),
    (
        "file_xml_several", "block", "Factur-X 1.09", "PDF", "invoice.pdf",
        _("The PDF holds more than one factur-x.xml."),
    ),
    (
        "file_xml_invalid", "block", "Factur-X 1.09 schema", "XML", "invoice",
        _("The data of the invoice does not follow the Factur-X schema: %(detail)s"),
    ),
    (
        "file_profile_differs", "block", "Factur-X 1.09", "BT-24", "invoice.pdf",
        _("The PDF announces the profile %(value)s, its data the profile %(expected)s."),
    ),
    (
        "file_differs", "block", "practice", "XML", "invoice.pdf",
        _("The file says %(value)s for %(term)s, the invoice %(expected)s."),
    ),
    (
        "file_arithmetic", "block", "EN 16931 BR-CO-10 to BR-CO-17", "XML", "invoice.total",
        _("The amounts of the file do not add up (%(term)s: %(value)s instead of %(expected)s)."),
    ),
    (
        "file_not_pdfa", "block", "ISO 19005-3", "PDF", "invoice.pdf",
        _("The file is not PDF/A-3b (%(clause)s): %(detail)s"),
    ),
)  # fmt: skip
