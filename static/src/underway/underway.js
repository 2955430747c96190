import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";

import { CHANGED } from "../live/live";

// Many changes come one after the other: one look each second.
const PAUSE = 1000;

/** How many of how many have left, as words and as a bar. */
export class ChorusUnderwayBar extends Component {
    static template = "l10n_fr_chorus_pro.UnderwayBar";
    static props = { done: Number, total: Number };

    get words() {
        const { done, total } = this.props;
        return _t("Sending to Chorus Pro: %(done)s of %(total)s", { done, total });
    }

    get share() {
        return Math.round((100 * this.props.done) / this.props.total);
    }
}

/** Beside every screen of whoever has clicked, as long as something of it waits. */
export class ChorusUnderway extends Component {
    static template = "l10n_fr_chorus_pro.Underway";
    static components = { ChorusUnderwayBar };
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.state = useState({ done: 0, total: 0 });
        const bus = useService("bus_service");
        const listen = () => {
            this.waiting ??= browser.setTimeout(() => this.look(), PAUSE);
        };
        bus.subscribe(CHANGED, listen);
        onMounted(() => {
            // A page that was loaded while something waits.
            if (session.chorus_underway) {
                listen();
            }
        });
        onWillUnmount(() => {
            bus.unsubscribe(CHANGED, listen);
            browser.clearTimeout(this.waiting);
        });
    }

    async look() {
        this.waiting = undefined;
        Object.assign(
            this.state,
            await this.orm.silent.call("account.move", "chorus_progress", []),
        );
    }

    /** What has ended is told by its own notice. */
    get isShown() {
        return this.state.done < this.state.total;
    }
}

registry.category("main_components").add("ChorusUnderway", { Component: ChorusUnderway });
