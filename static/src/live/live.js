import { AccountMoveFormController } from "@account/components/account_move_form/account_move_form";
import { AccountMoveListController } from "@account/views/account_move_list/account_move_list_controller";
import { onWillStart, onWillUnmount } from "@odoo/owl";
import { evaluateBooleanExpr } from "@web/core/py_js/py";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { useDebounced } from "@web/core/utils/timing";

export const CHANGED = "l10n_fr_chorus_pro/changed";
const CUSTOMER_DOCUMENTS = ["out_invoice", "out_refund"];

/**
 * Call `reload(ids)` when invoices changed on Chorus Pro, several messages at once.
 *
 * @param {(ids: Set<number>) => Promise<void>} reload
 */
export function useChorusChanges(reload) {
    const bus = useService("bus_service");
    let changed = new Set();
    const flush = useDebounced(() => {
        const ids = changed;
        changed = new Set();
        return reload(ids);
    }, 500);
    const listen = ({ ids }) => {
        ids.forEach((id) => changed.add(id));
        flush();
    };
    bus.subscribe(CHANGED, listen);
    onWillUnmount(() => bus.unsubscribe(CHANGED, listen));
}

patch(AccountMoveListController.prototype, {
    setup() {
        super.setup();
        const forCustomers = CUSTOMER_DOCUMENTS.includes(this.props.context.default_move_type);
        this.chorusIsOn = false;
        if (this.props.resModel !== "account.move" || !forCustomers) {
            return;
        }
        onWillStart(async () => {
            this.chorusIsOn = await this.orm.call("account.move", "chorus_is_on", []);
        });
        useChorusChanges((ids) => this.reloadChorus(ids));
    },

    /** Buttons of the header may ask for `context.get('chorus_is_on')`. */
    evalViewModifier(modifier) {
        const given = this.model.root.evalContext;
        const context = { ...given.context, chorus_is_on: this.chorusIsOn };
        return evaluateBooleanExpr(modifier, { ...given, context });
    },

    /** Read the page again when it shows one of them: never while somebody types, and the choice is kept. */
    async reloadChorus(ids) {
        // Nothing is there yet while the screen opens: what it is about to read has the news.
        const list = this.model.root;
        if (
            !list ||
            list.isGrouped ||
            list.editedRecord ||
            !list.records.some((one) => ids.has(one.resId))
        ) {
            return;
        }
        const chosen = new Set(list.selection.map((record) => record.resId));
        const all = list.isDomainSelected;
        await list.load({ limit: list.limit, offset: list.offset });
        for (const record of this.model.root.records) {
            if (chosen.has(record.resId) && !record.selected) {
                record.toggleSelection(true);
            }
        }
        if (all) {
            await this.model.root.selectDomain(true);
        }
    },
});

patch(AccountMoveFormController.prototype, {
    setup() {
        super.setup();
        useChorusChanges(async (ids) => {
            const record = this.model.root;
            if (
                record?.resModel === "account.move" &&
                ids.has(record.resId) &&
                !(await record.isDirty())
            ) {
                await record.load();
            }
        });
    },
});
