import { add } from "@l10n_fr_chorus_pro/../tests/tours/chorus_tour_utils";

// The administrator's way, in French, as tests/test_connection_browser.py prepares it: the addresses of the
// simulator come as the defaults of the form, everything else is typed.
add("chorus_first_set_up", [
    {
        content: "The settings say that there is none yet",
        trigger: "#chorus_connections [name='chorus_test_progress']:contains(À configurer)",
    },
    {
        trigger: "#chorus_connections button:contains(connexion de test)",
        run: "click",
    },
    {
        trigger: ".o_form_view .alert-warning:contains(TEST):contains(espace de qualification)",
    },
    {
        content: "The guide is a plain link, before anything is filled in",
        trigger: ".o_chorus_guide_link[href*='guide_fr']:contains(guide)",
    },
    {
        trigger: ".o_chorus_step[data-step='keys']:contains(PISTE donne un jeton)",
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
        trigger: "button[name='action_import_test_data']",
        run: "click",
    },
    {
        content: "Choosing the file reads it",
        trigger: ".modal div[name='file'] input[type='file']:not(:visible)",
        async run() {
            const rows = ["Type;Raison sociale;SIRET;LOGIN compte GP"];
            rows.push("Privé;Fournisseur;33254021516357;gp@example.org");
            rows.push("Public;Mairie de Gorges;12345678200051;");
            const data = new DataTransfer();
            data.items.add(new File([rows.join("\n")], "matelas.csv", { type: "text/csv" }));
            this.anchor.files = data.files;
            this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
        },
    },
    {
        trigger: ".modal [name='understood']:contains(1)",
    },
    {
        trigger: ".modal button[name='action_create']:enabled",
        run: "click",
    },
    {
        content: "What was made and what comes next is said",
        trigger: ".modal [name='outcome']:contains(gp@example.org)",
    },
    {
        trigger: ".modal button:contains(Fermer)",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) div[name='supplier_siret'] input:value(33254021516357)",
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
        content: "Who is told is asked; nothing has to be ticked for a test",
        trigger: ".modal:not(:has(div[name='confirmed'])) div[name='responsible_id']",
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
        trigger: ".o_chorus_step:contains(PISTE donne un jeton) [name='result']:contains(En ordre)",
    },
    {
        content: "How far it is stands on top",
        trigger: ".o_chorus_progress:contains(11 sur 11 en ordre)",
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
        content: "It cannot be pressed before it was read",
        trigger:
            ".modal footer:not(:has(button[name='action_switch'])) button:disabled:contains(Basculer)",
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
