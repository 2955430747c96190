import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/**
 * Register a tour. A step may wait for Chorus Pro, or for a PDF, on a busy machine.
 *
 * @param {string} name
 * @param {Object[]} steps
 */
export const add = (name, steps) =>
    tours.add(name, { steps: () => steps.map((step) => ({ timeout: 60000, ...step })) });

/**
 * Choose every invoice of the list, then press the button above it.
 *
 * @returns {Object[]} steps
 */
export const sendChosen = () => [
    {
        content: "All invoices of the list are chosen",
        trigger: "thead .o_list_record_selector input",
        run: "click",
    },
    {
        trigger: ".o_control_panel button[name=action_chorus_send]:contains(Envoyer à Chorus)",
        run: "click",
    },
];

/**
 * Choose every invoice of the list, then an entry of the menu Actions.
 *
 * @param {string} name the entry's words, or a part of them
 * @returns {Object[]} steps
 */
export const chooseAction = (name) => [
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
