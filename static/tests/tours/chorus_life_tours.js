import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** A step may wait for Chorus Pro, or for a PDF, on a busy machine. */
const add = (name, steps) =>
    tours.add(name, { steps: () => steps.map((step) => ({ timeout: 60000, ...step })) });

/** Choose every invoice of the list, then an entry of the menu Actions. */
const chooseAction = (name) => [
    {
        content: "All invoices of the list are chosen",
        trigger: "thead .o_list_record_selector input",
        run: "click",
    },
    {
        trigger: ".o_cp_action_menus .dropdown-toggle:has(.fa-cog)",
        run: "click",
    },
    {
        trigger: `.o-dropdown--menu .o-dropdown-item:contains(${name})`,
        run: "click",
    },
];

add("chorus_suspended_and_completed", [
    {
        content: "The buyer's words are in sight",
        trigger: ".alert-danger:contains(bon de livraison)",
    },
    {
        trigger: "button[name=action_chorus_complete]",
        run: "click",
    },
    {
        content: "So are they on the screen on which one answers",
        trigger: ".modal [name=asked_for]:contains(bon de livraison)",
    },
    {
        trigger: ".modal [name=comment] textarea",
        run: "edit Voici le bon de livraison signé.",
    },
    {
        trigger: ".modal button[name=action_complete]",
        run: "click",
    },
    {
        content: "The invoice says so, and asks for nothing any more",
        trigger: "body:not(:has(.modal)):not(:has(button[name=action_chorus_complete])) [name=chorus_status_label]:contains(Completed)",
    },
]);

add("chorus_to_recycle", [
    {
        trigger: "button[name=action_chorus_recycle]",
        run: "click",
    },
    {
        trigger: ".modal [name=engagement] input",
        run: "edit EJ2026042",
    },
    {
        trigger: ".modal button[name=action_recycle]",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)):not(:has(button[name=action_chorus_recycle])) [name=chorus_status_label]:contains(Deposited)",
    },
]);

add("chorus_rejected_and_corrected", [
    {
        trigger: ".alert-danger:contains(Prestation non commandée)",
    },
    {
        trigger: "button[name=action_chorus_correct]",
        run: "click",
    },
    {
        content: "In production the credit note and the copy are proposed",
        trigger: ".modal [name=replace] input:checked",
    },
    {
        trigger: ".modal button[name=action_correct]",
        run: "click",
    },
    {
        content: "The corrected copy is a draft that says what it replaces",
        trigger: "body:not(:has(.modal)) [name=chorus_replaced_note]:contains(It replaces)",
    },
    {
        trigger: "button[name=action_post]:visible",
        run: "click",
    },
    {
        trigger: ".o_arrow_button_current:contains(Posted)",
    },
    {
        content: "The rejected invoice is one click away",
        trigger: "button[name=action_chorus_open_replacement]",
        run: "click",
    },
    {
        trigger: "body:not(:has(button[name=action_chorus_correct])) .alert-info [name=chorus_state]:contains(dealt with)",
    },
]);

add("chorus_adopt", [
    ...chooseAction("find what is there already"),
    {
        trigger: ".modal button[name=action_search]",
        run: "click",
    },
    {
        trigger: ".modal .o_data_row [name=state]:contains(Found)",
    },
    {
        trigger: ".modal button[name=action_link]",
        run: "click",
    },
    {
        trigger: ".modal .o_data_row [name=state]:contains(Linked)",
    },
    {
        trigger: ".modal button[special=cancel]:enabled:contains(Close)",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) .o_list_view",
    },
]);

add("chorus_zip", [
    ...chooseAction("files for a deposit by hand"),
    {
        trigger: ".modal .o_data_row [name=state]:contains(Ready)",
    },
    {
        trigger: ".modal button[name=action_make]",
        run: "click",
    },
    {
        trigger: ".modal .o_data_row [name=state]:contains(Deposited by hand)",
    },
    {
        trigger: ".modal button[name=action_download]",
        run: "click",
    },
    {
        trigger: ".modal button[special=cancel]:enabled:contains(Close)",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) .o_list_view",
    },
]);

add("chorus_overview", [
    {
        trigger: ".o_chorus_overview button[name=to_act] .display-5:contains(1)",
    },
    {
        trigger: ".o_chorus_overview [name=reasons] td:contains(Il manque une pièce)",
    },
    {
        trigger: ".o_chorus_overview button[name=to_act]",
        run: "click",
    },
    {
        trigger: ".o_list_view .o_data_row .o_data_cell[name=name]",
        run: "click",
    },
    {
        trigger: "button[name=action_chorus_complete]",
    },
]);
