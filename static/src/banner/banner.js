import { Component } from "@odoo/owl";
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
};

/** Where an invoice stands on Chorus Pro, in one coloured box above the form. */
export class ChorusBanner extends Component {
    static template = "l10n_fr_chorus_pro.Banner";
    static props = { ...standardWidgetProps };

    get data() {
        return this.props.record.data;
    }

    /** Real invoices before tests. */
    get inTest() {
        return !this.data.chorus_state;
    }

    get label() {
        const name = this.inTest ? "chorus_test_state" : "chorus_state";
        const known = this.props.record.fields[name].selection;
        return (known.find(([code]) => code === this.data[name]) || ["", ""])[1];
    }
}

registry.category("view_widgets").add("chorus_banner", {
    component: ChorusBanner,
    fieldDependencies: Object.entries(FIELDS).map(([name, type]) => ({ name, type, readonly: true })),
});
