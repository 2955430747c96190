import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A button that fills a customer's form from Chorus Pro's directory without saving it first. */
export class ChorusFillField extends Component {
    static template = "l10n_fr_chorus_pro.Fill";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ asking: false });
    }

    async fill() {
        this.state.asking = true;
        try {
            await this.props.record.update({ [this.props.name]: true });
        } finally {
            this.state.asking = false;
        }
    }
}

registry.category("fields").add("chorus_fill", {
    component: ChorusFillField,
    supportedTypes: ["boolean"],
});
