import { add } from "@l10n_fr_chorus_pro/../tests/tours/chorus_tour_utils";

// The administrator's way, in French, as tests/test_connection_browser.py prepares it: the addresses of the
// simulator come as the defaults of the form, everything else is typed.
add("chorus_first_set_up", [
    {
        trigger: ".o_form_view .alert-warning:contains(TEST):contains(espace de qualification)",
    },
    {
        content: "What is typed here is never given back",
        trigger: "div[name='client_id'] input",
        run: "edit simulator-client",
    },
    {
        trigger: "div[name='client_secret'] input[type='password']",
        run: "edit not the right secret",
    },
    {
        trigger: "div[name='login'] input",
        run: "edit TECH_1_1@cpro.fr",
    },
    {
        trigger: "div[name='password'] input[type='password']",
        run: "edit simulator-password",
    },
    {
        trigger: "div[name='supplier_siret'] input",
        run: "edit 33254021516357",
    },
    {
        trigger: "button[name='action_refresh_token']:contains(Actualiser le jeton)",
        run: "click",
    },
    {
        content: "PISTE refuses, in plain words",
        trigger: ".o_notification:contains(Identifiants Oauth)",
    },
    {
        trigger: ".alert-danger div[name='not_usable_reason']:contains(Identifiants Oauth)",
    },
    {
        trigger: "div[name='client_secret'] input[type='password']:value()",
    },
    {
        trigger: "div[name='client_secret'] input[type='password']",
        run: "edit simulator-secret",
    },
    {
        trigger: "button[name='action_refresh_token']:contains(Actualiser le jeton)",
        run: "click",
    },
    {
        trigger: ".o_notification:contains(Le jeton est valable)",
    },
    {
        trigger: ".o_arrow_button_current:contains(Connectée)",
    },
    {
        trigger: "div[name='client_secret'] input[type='password']:value()",
    },
    {
        trigger: "button[name='action_switch_environment']",
        run: "click",
    },
    {
        trigger: ".modal div[name='confirmed'] input",
        run: "check",
    },
    {
        trigger: ".modal button[name='action_switch']",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) div[name='company_environment']:contains(Test)",
    },
    {
        content:
            "What the official procedure asks for is asked of PISTE and Chorus Pro, step by step",
        trigger: "button[name='action_check_all']:contains(Tout vérifier)",
        run: "click",
    },
    {
        trigger: ".o_data_row:contains(PISTE donne un jeton) [name='result']:contains(En ordre)",
    },
    {
        content: "Nothing is left to be done but the customers of the data set",
        trigger:
            "div[name='step_ids']:not(:has([name='result']:contains(À faire))) [name='result']:contains(À regarder)",
    },
]);

const PRODUCTION = "input[data-value='production']";

// Test has been played through; the administrator goes over to real invoices, knowing what changes.
add("chorus_go_to_production", [
    {
        trigger: ".o_form_view .alert-success:contains(PRODUCTION):contains(de vraies factures)",
    },
    {
        trigger: "div[name='company_environment']:contains(Test)",
    },
    {
        trigger: "button[name='action_switch_environment']:contains(Basculer)",
        run: "click",
    },
    {
        trigger: `.modal ${PRODUCTION}`,
        run: "click",
    },
    {
        content: "What changes is told",
        trigger:
            ".modal div[name='changes']:contains(Les factures sont réelles):contains(73282932000074)",
    },
    {
        trigger: ".modal div[name='changes']:contains(existent que dans le matelas)",
    },
    {
        trigger: ".modal div[name='first_deposit_limit'] input:value(1)",
    },
    {
        trigger: ".modal div[name='confirmed'] input",
        run: "check",
    },
    {
        trigger: ".modal button[name='action_switch']:contains(Basculer)",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) div[name='company_environment']:contains(Production)",
    },
]);
