"""What axe-core names on the screens: only what is ours, since Odoo's own screens have findings of theirs.

axe-core is no part of this project: https://github.com/dequelabs/axe-core gives `axe.min.js`.
"""

import json

# rule of axe-core → what a named element of Odoo's own has in its path or its text; "" means all of them.
_ODOOS = {
    "html-has-lang": [""],
    "meta-viewport": [""],
    "page-has-heading-one": [""],
    "landmark-main-is-top-level": ["o_content"],
    "landmark-no-duplicate-banner": ["o_navbar"],
    "landmark-no-duplicate-main": ["o_content", "modal-body"],
    "landmark-unique": ["o_navbar", "o_content", "modal-body"],
    "aria-allowed-attr": ["o_tag", "o-dropdown", "o-autocomplete--input", "o_menu_item", "o_progress"],
    "aria-allowed-role": ["o_kanban_record"],
    "aria-dialog-name": ["o_technical_modal"],
    "aria-required-parent": ["nav-link", 'class="tab'],
    "autocomplete-valid": ["o_select_menu"],
    "button-name": ["o_optional_columns_dropdown", "o-dropdown"],
    # What is paid, the help of a setting, the foot of a card and the labels on a phone.
    "color-contrast": ["status_in_payment", "o_setting_right_pane", "> footer >", "o_form_label"],
    "empty-table-header": [
        "o_list_actions_header",
        "o_handle_cell",
        "o_list_record_selector",
        "o_list_button",
    ],
    "heading-order": ["modal-title"],
    "image-alt": ["o-mail-Avatar"],
    "role-img-alt": ["o_field_kanban_activity", "fa-fw"],
    "label": ["checkbox-comp", "boolean_checkbox", "peppol_endpoint", 'id="ref_', 'inputmode="numeric"'],
}
# Its bars, menus and chatter.
_AROUND = [
    ".o_main_navbar",
    ".o_control_panel",
    ".o_popover",
    ".o-mail-Chatter",
    ".o_attachment_preview",
    ".o-mail-ChatHub",
    ".o_form_statusbar",
]
_RUN = """
axe.run({exclude: %s}, {resultTypes: ["violations"]}).then(result => result.violations.flatMap(
    rule => rule.nodes.map(node => [rule.id, node.target.join(" "), node.html.slice(0, 300)])
))
"""


def look(browser, source):
    """What axe-core names on the page that is shown, without what is Odoo's own.

    :param str source: JavaScript of axe-core
    :return: sentences, one for each named element
    :rtype: list[str]
    """
    browser.run(f"{source}; true")
    there = [one for one in _AROUND if browser.run(f"!!document.querySelector({json.dumps(one)})")]
    named = browser.run(_RUN % json.dumps([[one] for one in there]))
    return [f"{rule}: {path}  {html}" for rule, path, html in named if not _is_odoos(rule, path, html)]


def _is_odoos(rule, path, html):
    return any(part in path or part in html for part in _ODOOS.get(rule, ()))
