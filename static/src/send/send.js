import { onMounted } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** The screen before sending: Enter sends, as the screen's first button stands ready under the keyboard. */
export class ChorusSendController extends FormController {
    setup() {
        super.setup();
        onMounted(() => {
            document.querySelector(".modal:last-of-type footer button:not([disabled])")?.focus();
        });
    }
}

registry.category("views").add("chorus_send", { ...formView, Controller: ChorusSendController });
