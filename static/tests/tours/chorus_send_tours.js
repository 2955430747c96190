import { add, sendChosen } from "@l10n_fr_chorus_pro/../tests/tours/chorus_tour_utils";

// In French, as the accountant of tests/test_tours_send.py reads it.
add("chorus_send_three", [
    ...sendChosen(),
    {
        content: "Nobody takes a test for the real thing",
        trigger: ".modal .alert-warning:contains(TEST):contains(espace de qualification)",
    },
    {
        content: "Three are ready, none is not",
        trigger: ".modal:not(:has(.o_data_row:contains(Pas prête))) [name=ready_count]:contains(3)",
    },
    {
        trigger:
            ".modal .o_data_row:contains(Prête) ~ .o_data_row:contains(Prête) ~ .o_data_row:contains(Prête)",
    },
    {
        content: "The keyboard is on the button",
        trigger: ".modal button[name=action_send]:contains(Envoyer):focus",
        run: "press Enter",
    },
    {
        content: "What happens now is said",
        trigger: ".o_notification:contains(prises en charge : 3.):contains(tout seul)",
    },
    {
        trigger: "body:not(:has(.modal)) .o_list_view",
    },
]);

add("chorus_three_are_with_the_buyer", [
    {
        trigger:
            ".o_list_view .o_data_row:contains(Chez l) ~ .o_data_row:contains(Chez l) ~ .o_data_row:contains(Chez l)",
    },
]);

// The page is loaded anew while one of three waits.
add("chorus_how_far", [
    {
        trigger: ".o_chorus_overview [name=progress]:contains(Envoi à Chorus Pro : 2 sur 3)",
    },
    {
        trigger: ".o_chorus_underway[role=status]:contains(Envoi à Chorus Pro : 2 sur 3)",
        timeout: 15000,
    },
]);

// From the list of invoices to the first one sent: six clicks, as tests/unit/test_clicks.py counts them.
add("chorus_first_invoice", [
    {
        trigger: ".o_list_button_add",
        run: "click",
    },
    {
        trigger: ".o_form_view div[name=partner_id] input",
        run: "edit Mairie de Clisson",
    },
    {
        trigger:
            ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option):contains(Mairie de Clisson)",
        run: "click",
    },
    {
        trigger: "div[name=invoice_line_ids] .o_field_x2many_list_row_add a",
        run: "click",
    },
    {
        trigger: ".o_selected_row td[name=name] textarea, .o_selected_row td[name=name] input",
        run: "edit Lampe de bureau",
    },
    {
        trigger: ".o_selected_row td[name=price_unit] input",
        run: "edit 100",
    },
    {
        trigger: "button[name=action_post]:contains(Confirmer)",
        run: "click",
    },
    {
        content: "The button is where the hand is, and nothing has to be corrected",
        trigger:
            ".o_form_view:not(:has(.alert-danger)) button[name=action_chorus_send]:contains(Envoyer à Chorus)",
        run: "click",
    },
    {
        trigger: ".modal [name=ready_count]:contains(1)",
    },
    {
        trigger: ".modal button[name=action_send]:contains(Envoyer)",
        run: "click",
    },
    {
        trigger: ".o_notification:contains(prises en charge : 1.)",
    },
]);

add("chorus_send_with_a_bad_one", [
    ...sendChosen(),
    {
        content: "The bad one says why",
        trigger: ".modal .o_data_row:contains(Pas prête) [name=reasons]:contains(SIRET)",
    },
    {
        trigger: ".modal [name=stopped_count]:contains(1)",
    },
    {
        content: "The good ones do not wait for it",
        trigger: ".modal [name=ready_count]:contains(2)",
    },
    {
        trigger: ".modal button[name=action_send]:contains(Envoyer)",
        run: "click",
    },
    {
        trigger: ".o_notification:contains(prises en charge : 2.)",
    },
    {
        trigger: "body:not(:has(.modal)) .o_list_view",
    },
    ...sendChosen(),
    {
        content: "Those that left are no error",
        trigger: ".modal [name=gone_count]:contains(2)",
    },
    {
        content: "Where it is corrected is one click away",
        trigger: ".modal .o_data_row:contains(pas de SIRET) button[name=action_open_fix]",
        run: "click",
    },
    {
        content: "It opens above the screen",
        trigger: ".modal:last-of-type .o_form_view [name=company_registry] input",
        run: "edit 12345678200051",
    },
    {
        trigger: ".modal:last-of-type .o_form_button_save",
        run: "click",
    },
    {
        content: "The screen has stayed, and what was corrected is ready",
        trigger: ".modal [name=ready_count]:contains(1)",
    },
]);

add("chorus_finding_leads_to_its_field", [
    {
        trigger:
            ".alert-danger:contains(À corriger avant):contains(code service) a:contains(Voir le champ)",
        run: "click",
    },
    {
        content: "The tab is open and the cursor stands in the field",
        trigger:
            ".o_form_view:has(a[name=other_info].active) div[name=buyer_reference] input:focus",
        run: "edit SERVICE_DEST_SERV_OBL",
    },
    {
        trigger: ".o_form_button_save:enabled",
        run: "click",
    },
    {
        content: "Nothing is left to be corrected",
        trigger: ".o_form_saved:not(:has(.alert-danger))",
    },
]);

add("chorus_rejected_and_sent_again", [
    {
        content: "Why, and what to do",
        trigger:
            ".alert-danger:contains(Rejetée par Chorus Pro):contains(corrigez-la, puis renvoyez-la)",
    },
    {
        content: "What to correct is named as it is named on the customer, and one click away",
        trigger: "[name=chorus_fix_note]:contains(SIRET)",
    },
    {
        trigger: "button[name=action_chorus_open_fix]",
        run: "click",
    },
    {
        trigger: ".o_form_view [name=company_registry] input",
        run: "edit 12345678200051",
    },
    {
        trigger: ".o_form_button_save:enabled",
        run: "click",
    },
    {
        trigger: ".o_form_saved",
    },
    {
        trigger: ".breadcrumb-item.o_back_button a",
        run: "click",
    },
    {
        trigger: "button[name=action_chorus_send]:contains(Renvoyer)",
        run: "click",
    },
    {
        trigger: ".modal [name=ready_count]:contains(1)",
    },
    {
        trigger: ".modal button[name=action_send]:contains(Envoyer)",
        run: "click",
    },
    {
        trigger: ".o_notification:contains(prises en charge : 1.)",
    },
    {
        content: "The rejection is history",
        trigger: "body:not(:has(.modal)):not(:has(.alert-danger)) .alert-info:contains(En attente)",
    },
]);

add("chorus_first_real_one", [
    ...sendChosen(),
    {
        trigger: ".modal .alert-success:contains(PRODUCTION):contains(de vraies factures)",
    },
    {
        content: "The first real deposit is a small one",
        trigger: ".modal [name=notice]:contains(1 facture)",
    },
    {
        trigger: ".modal button[name=action_send]:contains(Envoyer)",
        run: "click",
    },
    {
        trigger: ".o_notification:contains(prises en charge : 1.)",
    },
]);
