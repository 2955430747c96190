import { Component, useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const COLOURS = { ok: "success", failed: "danger", warning: "warning" };

/** A step of the checklist above the fields or the button that belong to it. */
export class ChorusStep extends Component {
    static template = "l10n_fr_chorus_pro.Step";
    static props = { ...standardWidgetProps, step: String };

    /** The step's record; nothing where this environment has no such step. */
    get record() {
        const steps = this.props.record.data.step_ids.records;
        return steps.find((step) => step.data.key === this.props.step);
    }

    get step() {
        return this.record?.data;
    }

    get colour() {
        return COLOURS[this.step.result] || "secondary";
    }

    get label() {
        const known = this.record.fields.result.selection;
        return (known.find(([code]) => code === this.step.result) || ["", ""])[1];
    }
}

registry.category("view_widgets").add("chorus_step", {
    component: ChorusStep,
    extractProps: ({ attrs }) => ({ step: attrs.step }),
});

/** How many steps are in order; after a check, the first one that is not is brought into view. */
export class ChorusProgress extends Component {
    static template = "l10n_fr_chorus_pro.Progress";
    static props = { ...standardWidgetProps };

    setup() {
        let former = this.checkedAt;
        useEffect(
            (checkedAt) => {
                if (checkedAt !== former) {
                    former = checkedAt;
                    this.showFirst();
                }
            },
            () => [this.checkedAt],
        );
    }

    get checkedAt() {
        const { checked_at } = this.props.record.data;
        return checked_at ? checked_at.toMillis() : 0;
    }

    /** Bring the first step that is not in order into view. */
    showFirst() {
        const steps = [...document.querySelectorAll(".o_chorus_step")];
        const first =
            steps.find((step) => step.dataset.result === "failed") ||
            steps.find((step) => step.dataset.result === "warning");
        (first || document.querySelector(".o_chorus_progress"))?.scrollIntoView({
            block: "center",
        });
    }
}

registry.category("view_widgets").add("chorus_progress", {
    component: ChorusProgress,
    fieldDependencies: [
        { name: "progress", type: "char", readonly: true },
        { name: "progress_level", type: "selection", readonly: true },
        { name: "checked_at", type: "datetime", readonly: true },
    ],
});
