import { useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CharField, charField } from "@web/views/fields/char/char_field";

// A list that nobody reads to its end: whoever knows the code types it.
const MOST = 200;

/** A service code: chosen from the list of the customer's structure, or typed where the list lacks it. */
export class ChorusServiceField extends CharField {
    static template = "l10n_fr_chorus_pro.Service";
    static props = {
        ...CharField.props,
        structureField: String,
    };

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.state = useState({ services: [] });
    }

    get listId() {
        return `${this.props.id || this.props.name}_services`;
    }

    /** The service's name under its code, where the directory knows both. */
    get serviceName() {
        const service = this.props.record.data.chorus_service_id;
        const [code, ...name] = (service?.display_name || "").split(" – ");
        return code === this.props.record.data[this.props.name] ? name.join(" – ") : "";
    }

    async load() {
        const structure = this.props.record.data[this.props.structureField];
        this.state.services = structure
            ? await this.orm.call("chorus.service", "choices", [structure.id, MOST])
            : [];
    }
}

const structureField = ({ options }) => options.structure_field || "chorus_structure_id";

registry.category("fields").add("chorus_service", {
    ...charField,
    component: ChorusServiceField,
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...charField.extractProps(fieldInfo, dynamicInfo),
        structureField: structureField(fieldInfo),
    }),
    fieldDependencies: (fieldInfo) => [
        {
            name: structureField(fieldInfo),
            type: "many2one",
            relation: "chorus.structure",
            readonly: true,
        },
        ...(structureField(fieldInfo) === "chorus_structure_id"
            ? [
                  {
                      name: "chorus_service_id",
                      type: "many2one",
                      relation: "chorus.service",
                      readonly: true,
                  },
              ]
            : []),
    ],
});
