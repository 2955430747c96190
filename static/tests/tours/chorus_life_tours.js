import { add, chooseAction } from "@l10n_fr_chorus_pro/../tests/tours/chorus_tour_utils";

// In French, as the accountant of tests/test_tours_life.py reads it.
add("chorus_suspended_and_completed", [
    {
        content: "The buyer's words are in sight",
        trigger: ".alert-danger:contains(bon de livraison)",
    },
    {
        trigger: "button[name=action_chorus_complete]:contains(Compléter)",
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
        trigger: ".modal button[name=action_complete]:contains(Compléter)",
        run: "click",
    },
    {
        content: "The invoice says so, and asks for nothing any more",
        trigger:
            "body:not(:has(.modal)):not(:has(button[name=action_chorus_complete])) .o_chorus_banner:contains(Complétée)",
    },
]);

add("chorus_to_recycle", [
    {
        trigger: "button[name=action_chorus_recycle]:contains(Recycler)",
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
        trigger:
            "body:not(:has(.modal)):not(:has(button[name=action_chorus_recycle])) .o_chorus_banner:contains(Déposée)",
    },
]);

add("chorus_rejected_and_corrected", [
    {
        trigger: ".alert-danger:contains(Prestation non commandée)",
    },
    {
        trigger: "button[name=action_chorus_correct]:contains(Corriger)",
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
        trigger: "body:not(:has(.modal)) [name=chorus_replaced_note]:contains(Elle remplace)",
    },
    {
        trigger: "button[name=action_post]:visible",
        run: "click",
    },
    {
        trigger: ".o_arrow_button_current:contains(Comptabilisé)",
    },
    {
        content: "The rejected invoice is one click away",
        trigger: "button[name=action_chorus_open_replacement]",
        run: "click",
    },
    {
        trigger:
            "body:not(:has(button[name=action_chorus_correct])) .alert-info:contains(Rejetée, traitée)",
    },
]);

add("chorus_adopt", [
    ...chooseAction("retrouver ce qui y est déjà"),
    {
        trigger: ".modal button[name=action_search]",
        run: "click",
    },
    {
        trigger: ".modal .o_data_row [name=state]:contains(Trouvée)",
    },
    {
        trigger: ".modal button[name=action_link]",
        run: "click",
    },
    {
        trigger: ".modal .o_data_row [name=state]:contains(Rattachée)",
    },
    {
        trigger: ".modal button[special=cancel]:enabled:contains(Fermer)",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal)) .o_list_view",
    },
]);

add("chorus_zip", [
    ...chooseAction("fichiers pour un dépôt à la main"),
    {
        trigger: ".modal .o_data_row [name=state]:contains(Prête)",
    },
    {
        trigger: ".modal button[name=action_make]",
        run: "click",
    },
    {
        trigger: ".modal .o_data_row [name=state]:contains(Déposée à la main)",
    },
    {
        trigger: ".modal button[name=action_download]",
        run: "click",
    },
    {
        trigger: ".modal button[special=cancel]:enabled:contains(Fermer)",
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
