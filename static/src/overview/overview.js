import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** What an accountant looks at each morning. Every figure opens what it counts. */
export class ChorusOverview extends Component {
    static template = "l10n_fr_chorus_pro.Overview";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null });
        onWillStart(() => this.load());
    }

    async load(environment = this.state.data?.environment) {
        this.state.data = await this.orm.call("chorus.overview", "get_overview", [
            environment || false,
        ]);
    }

    amount(value) {
        return formatMonetary(value, { currencyId: this.state.data.currency_id });
    }

    async openCounter(key) {
        const args = [key, this.state.data.environment];
        this.action.doAction(await this.orm.call("chorus.overview", "open_counter", args));
    }

    openDeposits(filter) {
        this.action.doAction("l10n_fr_chorus_pro.action_chorus_deposits", {
            additionalContext: {
                [`search_default_${filter}`]: 1,
                [`search_default_${this.state.data.environment}`]: 1,
            },
        });
    }

    openCustomer(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Invoices sent: %s", row.name),
            res_model: "chorus.deposit.line",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [
                ["partner_id", "=", row.partner_id],
                ["environment", "=", this.state.data.environment],
                ["paid_at", "!=", false],
            ],
        });
    }

    openReason(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: row.text,
            res_model: "chorus.deposit.line",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: row.domain,
        });
    }
}

registry.category("actions").add("chorus_overview", ChorusOverview);
