import { Component } from "@odoo/owl";
import { CopyButton } from "@web/core/copy_button/copy_button";
import { formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const FIELDS = {
    chorus_state: "selection",
    chorus_test_state: "selection",
    chorus_level: "selection",
    chorus_status_aside: "char",
    chorus_sentence: "char",
    chorus_message: "text",
    chorus_buyer_speaks: "boolean",
    chorus_reason_told: "boolean",
    chorus_reached: "integer",
    chorus_flow_number: "char",
    chorus_overdue: "boolean",
    chorus_due_date: "date",
};

/** Where an invoice stands on Chorus Pro, in one coloured box above the form. */
export class ChorusBanner extends Component {
    static template = "l10n_fr_chorus_pro.Banner";
    static components = { CopyButton };
    static props = { ...standardWidgetProps };

    get data() {
        return this.props.record.data;
    }

    /** Real invoices before tests. */
    get inTest() {
        return !this.data.chorus_state;
    }

    /** The invoice's way: what is behind it, where it is (in the colour of its state), what is still to come. */
    get steps() {
        const labels = [
            _t("Deposited"),
            _t("Made available"),
            _t("Payment ordered"),
            _t("Payment under way"),
        ];
        const reached = this.data.chorus_reached;
        return labels.map((label, index) => {
            const here = index === reached - 1;
            const colour = here ? this.data.chorus_level || "secondary" : "success";
            return { label, here, done: index < reached, colour };
        });
    }

    get copy() {
        return _t("Copy");
    }

    get copied() {
        return _t("Copied");
    }

    get reminder() {
        const day = formatDate(this.data.chorus_due_date);
        return _t("The legal payment date (%s, estimate) has passed: ask the buyer.", day);
    }

    get label() {
        const name = this.inTest ? "chorus_test_state" : "chorus_state";
        const known = this.props.record.fields[name].selection;
        return (known.find(([code]) => code === this.data[name]) || ["", ""])[1];
    }
}

registry.category("view_widgets").add("chorus_banner", {
    component: ChorusBanner,
    fieldDependencies: Object.entries(FIELDS).map(([name, type]) => ({
        name,
        type,
        readonly: true,
    })),
});
