import { add } from "@l10n_fr_chorus_pro/../tests/tours/chorus_tour_utils";

const named = (name) =>
    ["input", "textarea"].map((tag) => `div[name=name] ${tag}:value(${name})`).join(", ");

// A new customer of whom the accountant knows the SIRET only; in French, as she reads it.
add("chorus_fill_new_customer", [
    {
        trigger: ".o_form_view a[name=accounting]",
        run: "click",
    },
    {
        trigger: "div[name=company_registry] input",
        run: "edit 123 456 782 00028",
    },
    {
        content: "Leaving the field is enough: nothing was asked or saved so far",
        trigger:
            "div[name=chorus_service_code], div[name=dematerialized_invoice_type] select, div[name=dematerialized_invoice_type] input",
        run: "click",
    },
    {
        trigger:
            ".alert-info:contains(Chorus Pro connaît son nom) button[name=chorus_fill]:contains(Remplir depuis Chorus Pro):enabled",
        run: "click",
    },
    {
        content: "Name, type and what the structure requires are filled in",
        trigger: named("Destinataire service obligatoire"),
    },
    {
        trigger: "div[name=chorus_requirement]:contains(Code service)",
    },
    {
        content: "The offer has done its work",
        trigger: "body:not(:has(button[name=chorus_fill]))",
    },
    {
        trigger: ".o_form_button_save:enabled",
        run: "click",
    },
    {
        trigger: ".o_form_saved",
    },
]);

// A SIRET of a private company: told, and nothing filled in.
add("chorus_fill_private_company", [
    {
        trigger: ".o_form_view a[name=accounting]",
        run: "click",
    },
    {
        trigger: "div[name=company_registry] input",
        run: "edit 33254021516357 && press Tab",
    },
    {
        trigger: "button[name=chorus_fill]:contains(Remplir depuis Chorus Pro):enabled",
        run: "click",
    },
    {
        trigger:
            ".o_notification:contains(Annuaire Chorus Pro):contains(pas une structure publique)",
    },
    {
        trigger: "body:not(:has(button[name=chorus_fill]))",
    },
    {
        trigger: named(""),
    },
    {
        trigger: ".o_form_button_cancel",
        run: "click",
    },
]);
