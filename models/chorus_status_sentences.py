"""Meaning and remedy of each status of ``chorus_api.statuses``, made translatable; a test compares."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

_TERMS = (
    _lt("The invoice was begun on the portal and not sent."),
    _lt("Finish or delete the draft on the portal."),
    _lt("A PDF was read by the portal and waits for confirmation."),
    _lt("Confirm or delete the invoice on the portal."),
    _lt("Chorus Pro has created the invoice."),
    _lt("Chorus Pro is converting the invoice for the buyer's system."),
    _lt("The invoice is on its way to the buyer's system."),
    _lt("The buyer can see the invoice; the payment period runs."),
    _lt("The buyer has taken the invoice into its system."),
    _lt("The buyer misses documents or information; the payment period stands still."),
    _lt("Complete the invoice: add the documents or the comment asked for."),
    _lt("The supplier has completed the suspended invoice; the buyer goes on."),
    _lt("The recipient, the service or the engagement is wrong."),
    _lt(
        "Redirect the invoice: correct the recipient, the service or the engagement number; "
        "its number stays."
    ),
    _lt("The buyer has refused the invoice for good."),
    _lt(
        "Correct the invoice: cancel it by an internal credit note, send a corrected one with a "
        "new number, and acknowledge the rejection."
    ),
    _lt("A check on the buyer's side found the invoice not compliant."),
    _lt("Read the comment and ask the buyer what is wrong; the invoice may be rejected next."),
    _lt("The buyer has certified that the goods or services were delivered."),
    _lt("The buyer has issued the payment order; some buyers never report a later step."),
    _lt("The public accountant is checking the payment order."),
    _lt("The public accountant has booked the payment order."),
    _lt("The payment was ordered; the money arrives within days."),
    _lt("The invoice was given up and will not be paid."),
    _lt("The invoice was deleted on Chorus Pro."),
    _lt("After a refusal the invoice was copied into a new one, which goes on in its place."),
    _lt("A first validator (holder of the contract, for a subcontractor's invoice) must agree."),
    _lt("The first validator has agreed."),
    _lt("The first validator has refused the invoice."),
    _lt("Read the reason, agree with the validator, and send a corrected invoice with a new number."),
    _lt("The first validator let the legal period pass; the invoice goes on to the buyer."),
    _lt("A second validator (representative of the group of contractors) must agree."),
    _lt("The second validator has agreed."),
    _lt("The second validator has refused the invoice."),
    _lt("The second validator let the legal period pass; the invoice goes on to the buyer."),
    _lt("The validator named by the supplier is not the right one."),
    _lt("Read the comment, correct the invoice's parties on Chorus Pro, and send it again."),
    _lt("The validator named by the co-contractor is not the right one."),
    _lt("The invoice for direct payment was addressed to the wrong recipient."),
    _lt("The interim statement was addressed to the wrong recipient."),
    _lt("The supplier must redirect the invoice."),
    _lt("The supplier must link the document to its works file."),
    _lt("Link the document to its works file on the portal."),
    _lt("The project manager must link the document to its works file."),
    _lt("The works owner must link the document to its works file."),
    _lt("The document is linked to its works file."),
    _lt("Documents are missing in the works file."),
    _lt("The project manager must agree."),
    _lt("The project manager can see the document."),
    _lt("The project manager has taken the document."),
    _lt("The project manager has refused the document."),
    _lt("The document was addressed to the wrong project manager."),
    _lt("The supplier named the wrong project manager."),
    _lt("The project manager named the wrong supplier and must correct it."),
    _lt("The project manager named the wrong works owner and must correct it."),
    _lt("The works owner can see the document."),
    _lt("The works owner has taken the document."),
    _lt("The document was passed on to the works owner."),
    _lt("The works owner has refused the document."),
    _lt("The document was addressed to the wrong works owner."),
    _lt("The supplier named the wrong works owner."),
    _lt("The works owner named the wrong supplier and must correct it."),
    _lt("The supplier has refused the statement drawn up by the other party."),
    _lt("A document of the tacit procedure (cadre A22) has taken its place."),
    _lt("Chorus Pro could not tell the status."),
    _lt("Wait: nothing to do."),
    _lt("Chorus Pro uses a status this program does not know."),
)

SENTENCES = {term._source: term for term in _TERMS}
