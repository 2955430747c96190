import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The address of the guide in the reader's language. */
export const guideUrl = () =>
    `/l10n_fr_chorus_pro/static/guide/guide_${user.lang?.startsWith("fr") ? "fr" : "en"}.html`;

/** A plain link: it opens the guide whatever is not filled in yet, and saves nothing. */
export class ChorusGuideLink extends Component {
    static template = "l10n_fr_chorus_pro.GuideLink";
    static props = { ...standardWidgetProps };

    get url() {
        return guideUrl();
    }
}

registry.category("view_widgets").add("chorus_guide_link", { component: ChorusGuideLink });
