import { registry } from "@web/core/registry";

// The administrator's way, as tests/test_connection_browser.py prepares it: the addresses of the simulator
// come as the defaults of the form, everything else is typed.
registry.category("web_tour.tours").add("chorus_connection_configure", {
    steps: () => [
        {
            trigger: ".o_form_view .alert-warning:contains(TEST)",
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
            trigger: "button[name='action_refresh_token']",
            run: "click",
        },
        {
            content: "PISTE refuses, in plain words",
            trigger: ".o_notification:contains(Identifiants Oauth)",
        },
        {
            trigger: "div[name='last_error']:contains(Identifiants Oauth)",
        },
        {
            trigger: "div[name='client_secret'] input[type='password']:value()",
        },
        {
            trigger: "div[name='client_secret'] input[type='password']",
            run: "edit simulator-secret",
        },
        {
            trigger: "button[name='action_refresh_token']",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(The token is good until)",
        },
        {
            trigger: ".o_arrow_button_current:contains(Connected)",
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
    ],
});
