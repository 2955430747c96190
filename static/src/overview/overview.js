import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { guideUrl } from "../guide/guide_link";
import { useChorusChanges } from "../live/live";
import { ChorusUnderwayBar } from "../underway/underway";
import { ChorusBars } from "./bars";

// One colour for each step, on light and dark grounds.
const COLOURS = {
    to_act: "#c9302c",
    under_way: "#31708f",
    being_paid: "#2e7d32",
    over: "#6c757d",
};

/** What an accountant looks at each morning. Every figure opens what it counts. */
export class ChorusOverview extends Component {
    static template = "l10n_fr_chorus_pro.Overview";
    static props = { ...standardActionServiceProps };
    static components = { ChorusBars, ChorusUnderwayBar };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null });
        onWillStart(() => this.load());
        useChorusChanges(() => this.load());
    }

    async load(environment = this.state.data?.environment) {
        this.state.data = await this.orm.call("chorus.overview", "get_overview", [
            environment || false,
        ]);
    }

    /** Where a click on "Send" goes is where the figures come from. */
    get maySend() {
        return this.state.data.switched_on.includes(this.state.data.environment);
    }

    get months() {
        const { labels, series } = this.state.data.months;
        const datasets = series.map(({ step, label, counts }) => ({
            label,
            data: counts,
            backgroundColor: COLOURS[step],
        }));
        return { labels, datasets };
    }

    get kinds() {
        const rows = this.state.data.kinds;
        const bars = (label, color, name) => ({
            label,
            data: rows.map((row) => row[name] || null),
            backgroundColor: color,
        });
        const datasets = [
            bars(_t("Your invoices"), "#31708f", "days"),
            bars(_t("Legal period"), "#b7791f", "legal"),
        ];
        if (rows.some((row) => row.average)) {
            datasets.push(bars(_t("National average"), "#6c757d", "average"));
        }
        return { labels: rows.map((row) => row.label), datasets };
    }

    get monthsWords() {
        const { series } = this.state.data.months;
        const total = (counts) => counts.reduce((sum, count) => sum + count, 0);
        return series.map(({ label, counts }) => `${label}: ${total(counts)}`).join("; ");
    }

    get kindsWords() {
        return this.state.data.kinds
            .map((row) => _t("%(label)s: %(days)s days, legal period %(legal)s", row))
            .join("; ");
    }

    get guide() {
        return guideUrl();
    }

    /** The national averages of the kinds shown, each with its year: "Communes 19,6 (2023)". */
    get averages() {
        return this.state.data.kinds
            .filter((row) => row.average)
            .map(
                (row) =>
                    `${row.label} ${formatFloat(row.average, { digits: [16, 1] })} (${row.year})`,
            )
            .join("; ");
    }

    sendLabel(count) {
        return _t("Send the %s", count);
    }

    reasonWidth(row) {
        return Math.round((100 * row.count) / this.state.data.reasons[0].count);
    }

    async send() {
        const args = [this.state.data.environment];
        const action = await this.orm.call("account.move", "action_chorus_send_all", args);
        this.action.doAction(action, { onClose: () => this.load() });
    }

    async begin(key) {
        this.action.doAction(await this.orm.call("chorus.overview", "open_beginning", [key]));
    }

    openMonth(seriesIndex, monthIndex) {
        const { series, starts, labels } = this.state.data.months;
        const next = starts[monthIndex + 1];
        const domain = [
            ["environment", "=", this.state.data.environment],
            ["step", "=", series[seriesIndex].step],
            ["create_date", ">=", starts[monthIndex]],
        ];
        this.openLines(
            `${series[seriesIndex].label}, ${labels[monthIndex]}`,
            next ? [...domain, ["create_date", "<", next]] : domain,
        );
    }

    openLines(name, domain) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "chorus.deposit.line",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain,
        });
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
        this.openLines(_t("Invoices sent: %s", row.name), [
            ["partner_id", "=", row.partner_id],
            ["environment", "=", this.state.data.environment],
            ["paid_at", "!=", false],
        ]);
    }

    openReason(row) {
        this.openLines(row.text, row.domain);
    }
}

registry.category("actions").add("chorus_overview", ChorusOverview);
