"""What a button gives back to the screen: a short notice, or a dialog."""


def notice(kind, title, message, *, sticky=False):
    """The client action that shows a message and reads the form again.

    :param str kind: ``success``, ``warning`` or ``danger``; the last one stays until it is closed
    :param bool sticky: whether it stays in any case
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "title": title,
            "message": message,
            "sticky": sticky or kind == "danger",
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }


def dialog(wizard, title):
    """The action that opens one record of a screen in a dialog.

    :param wizard: the record, of a transient model
    """
    return {
        "type": "ir.actions.act_window",
        "name": title,
        "res_model": wizard._name,
        "res_id": wizard.id,
        "view_mode": "form",
        "target": "new",
    }
