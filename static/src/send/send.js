import { onMounted } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

const CORRECTED = "l10n_fr_chorus_pro:corrected";

/**
 * The screen before sending: Enter sends, as the screen's first button stands ready under the keyboard. What was
 * corrected above it is checked at once.
 */
export class ChorusSendController extends FormController {
    setup() {
        super.setup();
        useBus(this.env.bus, CORRECTED, () => this.checkAgain());
        onMounted(() => {
            document.querySelector(".modal:last-of-type footer button:not([disabled])")?.focus();
        });
    }

    async checkAgain() {
        await this.orm.call("chorus.send", "action_recheck", [[this.model.root.resId]]);
        await this.model.root.load();
    }
}

registry.category("views").add("chorus_send", { ...formView, Controller: ChorusSendController });

/** Open the record in which something is corrected above the screen, which stays as it is. */
export function openFix(env, { params }) {
    const { model, res_id, view_id, title, who_may } = params;
    if (who_may) {
        env.services.notification.add(who_may, { type: "info" });
    }
    env.services.dialog.add(
        FormViewDialog,
        {
            resModel: model,
            resId: res_id,
            viewId: view_id || undefined,
            title,
            preventCreate: true,
        },
        { onClose: () => env.bus.trigger(CORRECTED) },
    );
}

registry.category("actions").add("chorus_fix", openFix);
