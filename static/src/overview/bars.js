import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";

/** A bar chart of Odoo's own chart library. `describe` says in words what it shows. */
export class ChorusBars extends Component {
    static template = "l10n_fr_chorus_pro.Bars";
    static props = {
        labels: Array,
        datasets: Array,
        describe: String,
        stacked: { type: Boolean, optional: true },
        lying: { type: Boolean, optional: true },
        onPick: { type: Function, optional: true },
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify([this.props.labels, this.props.datasets])],
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        this.chart?.destroy();
        const { labels, datasets, stacked, lying, onPick } = this.props;
        // The library is loaded on demand, and global.
        this.chart = new window.Chart(this.canvas.el, {
            type: "bar",
            data: { labels, datasets },
            options: {
                animation: false,
                indexAxis: lying ? "y" : "x",
                maintainAspectRatio: false,
                plugins: { legend: { position: "bottom" } },
                scales: {
                    x: { stacked, beginAtZero: true, ticks: { precision: 0 } },
                    y: { stacked, beginAtZero: true, ticks: { precision: 0 } },
                },
                onClick: (_event, [bar]) => bar && onPick?.(bar.datasetIndex, bar.index),
            },
        });
    }
}
