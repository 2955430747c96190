import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
// How long a tab may take to be drawn; ordinarily a frame or two.
const FRAMES = 600;

/** What was found on an invoice: a link that names a field (`data-field`) leads to it, on whichever tab it is. */
export class ChorusFindings extends Component {
    static template = "l10n_fr_chorus_pro.Findings";
    static props = { ...standardFieldProps };

    get html() {
        return this.props.record.data[this.props.name] || "";
    }

    async onClick(event) {
        const link = event.target.closest("[data-field]");
        if (!link) {
            return;
        }
        event.preventDefault();
        const field = await this.find(link.closest(".o_form_view"), link.dataset.field);
        if (field) {
            field.scrollIntoView({ block: "center" });
            (field.querySelector("input, textarea, select, a, button") || field).focus();
        }
    }

    /** The element of a field, after opening the tab that has it; nothing when the form does not show it. */
    async find(form, name) {
        const there = () => form.querySelector(`.o_field_widget[name="${name}"]`);
        const open = (tab) => tab.classList.contains("active");
        const tabs = [...form.querySelectorAll(".o_notebook_headers .nav-link")];
        const first = tabs.filter(open);
        for (const tab of there() ? [] : [...tabs, ...first]) {
            tab.click();
            // The tab becomes active as its page is drawn.
            for (let frame = 0; frame < FRAMES && !open(tab); frame++) {
                await nextFrame();
            }
            if (there()) {
                break;
            }
        }
        return there();
    }
}

registry.category("fields").add("chorus_findings", {
    component: ChorusFindings,
    supportedTypes: ["html"],
});
