import { add } from "@l10n_fr_chorus_pro/../tests/tours/chorus_tour_utils";

/**
 * Choose a filter of the list's search menu.
 *
 * @param {string} name the filter's words, or a part of them
 * @returns {Object[]} steps
 */
const chooseFilter = (name) => [
    {
        trigger: ".o_searchview_dropdown_toggler",
        run: "click",
    },
    {
        trigger: `.o_filter_menu .o-dropdown-item:contains(Chorus):contains(${name})`,
        run: "click",
    },
    {
        trigger: `.o_searchview_facet:contains(Chorus):contains(${name})`,
    },
];
const ONLY_ONE = ".o_list_view:not(:has(.o_data_row ~ .o_data_row)) .o_data_row";
const NONE = ".o_view_controller:not(:has(.o_data_row)) .o_searchview_facet";

// In French, as the accountant of tests/test_tours_followed.py reads it.
add("chorus_following", [
    {
        content: "The last word is on top",
        trigger: ".alert-info:contains(Mandatée)",
    },
    {
        trigger: "a[name=chorus_history]",
        run: "click",
    },
    {
        content: "Each status has its date, a sentence and the buyer's words",
        trigger:
            "[name=chorus_event_ids] .o_data_row:contains(Suspendue):contains(Il manque le bon de livraison) [name=at]:contains(:)",
    },
    {
        trigger:
            "[name=chorus_event_ids] .o_data_row:contains(Complétée) [name=sentence]:contains(acheteur)",
    },
    {
        trigger:
            "[name=chorus_event_ids]:not(:contains(acheminement)) .o_data_row:contains(Mandatée)",
    },
    {
        content: "What happened between two looks is one click away",
        trigger: "button[name=action_chorus_history]:contains(Récupérer)",
        run: "click",
    },
    {
        trigger: "[name=chorus_event_ids] .o_data_row:contains(acheminement)",
    },
]);

add("chorus_action_needed", [
    ...chooseFilter("à traiter"),
    {
        content: "Of two invoices, the one that waits for somebody",
        trigger: `${ONLY_ONE} [name=chorus_badge]:contains(Suspendue)`,
    },
    {
        trigger: ".o_data_row .o_data_cell[name=name]",
        run: "click",
    },
    {
        content: "What happened and what to do",
        trigger: ".alert-danger:contains(Il manque le bon de livraison)",
    },
    {
        trigger: "button[name=action_chorus_complete]:contains(Compléter)",
    },
    {
        content:
            "The call for help is in the chatter too, and in the person's list of things to do",
        trigger: ".o-mail-Activity:contains(Suspendue)",
    },
]);

add("chorus_action_solved", [
    ...chooseFilter("à traiter"),
    {
        trigger: NONE,
    },
]);

add("chorus_flow_number", [
    {
        trigger: "button[name=action_type_flow_number]:contains(Saisir)",
        run: "click",
    },
    {
        trigger: ".modal [name=flow_number] input",
        run: "edit CPP0011117000000000999999",
    },
    {
        trigger: ".modal button[name=action_adopt]:contains(Vérifier)",
        run: "click",
    },
    {
        content: "A number that is not there is not believed",
        trigger: ".modal:contains(ne connaît aucun flux de ce numéro) footer button",
        run: "click",
    },
    {
        content: "The first flow of the simulator",
        trigger:
            "body:not(:has(.modal:contains(ne connaît aucun flux))) .modal [name=flow_number] input",
        run: "edit CPP0011117000000000425904",
    },
    {
        trigger: ".modal button[name=action_adopt]:contains(Vérifier)",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Intégré)",
    },
    {
        trigger: ".o_form_view [name=line_ids] .o_data_row:contains(Chez l)",
    },
]);

add("chorus_payment_late", [
    ...chooseFilter("en retard"),
    {
        trigger: `${ONLY_ONE} .o_data_cell[name=name]`,
        run: "click",
    },
    {
        trigger: "a[name=chorus_history]",
        run: "click",
    },
    {
        content: "Estimates, and what late payment costs the buyer",
        trigger: "[name=chorus_due_date] .text-danger, [name=chorus_due_date].text-danger",
    },
    {
        trigger: "[name=chorus_indemnity]:contains(40,00)",
    },
    {
        trigger: "[name=chorus_late_interest]:not(:contains( 0,00)):contains(,)",
    },
]);

add("chorus_payment_announced", [
    ...chooseFilter("en paiement"),
    {
        trigger: `${ONLY_ONE} [name=chorus_badge]:contains(Mise en paiement)`,
    },
    {
        trigger: ".o_data_row .o_data_cell[name=name]",
        run: "click",
    },
    {
        trigger: "a[name=chorus_history]",
        run: "click",
    },
    {
        content: "An announcement, which reconciles nothing",
        trigger: "[name=chorus_paid_on]",
    },
    {
        trigger: ".o_form_view .o_chorus_aside:contains(rapproche de la banque)",
    },
]);

add("chorus_migration", [
    {
        trigger: "button[name=action_chorus_migration]:contains(Les reprendre)",
        run: "click",
    },
    {
        content: "What is there is shown before anything is taken over",
        trigger: ".o_form_view [name=found]:contains(chorus_flow: 2)",
    },
    {
        trigger: "button[name=action_run]:contains(Reprendre)",
        run: "click",
    },
    {
        trigger: ".o_arrow_button_current:contains(Fait)",
    },
    {
        trigger: "[name=report]:contains(Factures suivies: 2)",
    },
    {
        content: "It may be run again; what is here already is left alone",
        trigger: "button[name=action_run]:contains(Relancer)",
        run: "click",
    },
    {
        trigger: "[name=report]:contains(Factures suivies: 0)",
    },
]);
