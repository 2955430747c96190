import { add } from "@l10n_fr_chorus_pro/../tests/tours/chorus_tour_utils";

// In French, as the accountant of tests/test_tours_beyond.py reads it.
add("chorus_release_retention", [
    {
        trigger:
            "button[name=action_chorus_release_retention]:contains(Libérer la retenue de garantie)",
        run: "click",
    },
    {
        content: "A draft that names the first invoice",
        trigger:
            "body:not(:has(button[name=action_chorus_release_retention]:visible)) [name=invoice_line_ids]:contains(Libération de la retenue)",
    },
    {
        trigger: "button[name=action_post]:visible",
        run: "click",
    },
    {
        trigger: ".o_arrow_button_current:contains(Comptabilisé)",
    },
    {
        content: "The first invoice is one click away, and offers nothing more",
        trigger: "button[name=action_chorus_open_retention]:contains(Retenue de garantie)",
        run: "click",
    },
    {
        trigger:
            "body:not(:has(button[name=action_chorus_release_retention]:visible)) [name=invoice_line_ids]:contains(Entretien)",
    },
]);

add("chorus_validate", [
    {
        content: "How long is left to answer",
        trigger: ".o_data_row:contains(À valider) [name=days_left]",
        run: "click",
    },
    {
        trigger: "button[name=action_accept]:contains(Accepter)",
        run: "click",
    },
    {
        trigger: ".modal .modal-footer .btn-primary",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Acceptée)",
    },
]);

add("chorus_claim_and_prove", [
    {
        trigger: "a[name=chorus_history]",
        run: "click",
    },
    {
        trigger: "button[name=action_chorus_claim]:contains(Réclamer)",
        run: "click",
    },
    {
        content: "The computation, before the letter",
        trigger: ".modal [name=line_ids] .o_data_row:contains(Estimation)",
    },
    {
        trigger: ".modal button[name=action_letter]",
        run: "click",
    },
    {
        trigger: ".modal [name=letter_ids] .o_data_row",
    },
    {
        trigger: ".modal button[special=cancel]:enabled:contains(Fermer)",
        run: "click",
    },
    {
        trigger:
            "body:not(:has(.modal)) button[name=action_chorus_evidence]:contains(Dossier de preuve)",
        run: "click",
    },
    {
        trigger: ".modal button[name=action_make]",
        run: "click",
    },
    {
        trigger: ".modal button[name=action_download]",
    },
    {
        trigger: ".modal button[special=cancel]:enabled:contains(Fermer)",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) .o_form_view",
    },
]);

add("chorus_find_customers", [
    {
        trigger: ".modal button[name=action_ask]",
        run: "click",
    },
    {
        content: "What Chorus Pro says of it",
        trigger:
            ".modal .o_data_row:contains(Ville à trouver) [name=state]:contains(Organisme public)",
    },
    {
        trigger: ".modal button[name=action_mark]",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal))",
    },
]);
