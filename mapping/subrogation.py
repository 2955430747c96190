"""What an invoice that was sold to a factor says: whom to pay and where, nothing else releasing the buyer."""

from .kinds import Record


def subrogation(move: Record) -> str:
    """The sentence, in the language of ``move``: name, address, telephone and account of the factor.

    The public accountant pays whom the page names (Financial and Monetary Code, art. L313-23 and following).

    :param move: record of account.move with a factor
    """
    factor = move.chorus_factor_id
    town = " ".join(filter(None, (factor.zip, factor.city)))
    who = [factor.name, *filter(None, (factor.street, factor.street2, town))]
    if factor.phone:
        who.append(move.env._("telephone %s", factor.phone))
    account = factor.bank_ids[:1]._chorus_account_number()
    where = move.env._(" on its account %s", account) if account else ""
    return move.env._(
        "The claim of this invoice was transferred to %(factor)s, subrogated to our rights. To be released, "
        "pay only to it%(account)s. Tell it as well of any claim about this invoice.",
        factor=", ".join(who),
        account=where,
    )
