"""The bench's tables, ratios first."""


def show(figures):
    """Print the goals with their figures, then the rest."""
    if not figures["patched_qt"]:
        print("Unpatched Qt: Odoo prints one by one, also where it says batch.")
    for row in _ratios(figures):
        print("{:<62} {:>10}   goal {:>8}   {}".format(*row))
    print()
    for row in _absolute(figures):
        print("{:<62} {:>10}".format(*row))


def _verdict(value, goal):
    return "ok" if value <= goal else "MISSED"


def _ratios(figures):
    middle = _middle(figures)
    ours, together = figures["ours"][middle], figures["ours_together"]
    last = max(figures["ours"], key=int)
    loop = 0.08 if figures["patched_qt"] else 0.35
    rivals = (
        (f"native batch at {middle}", figures["native_shipped"], 0.35),
        (f"native batch at {middle}, its wait tuned away", figures["native_batch"][middle], 0.35),
        ("native loop", figures["native_loop"], loop),
        ("native loop, its wait tuned away", figures["native_loop_tuned"], loop),
    )
    rows = [
        (f"{name} / {rival}", mine["seconds"] / block["seconds"], goal)
        for rival, block, goal in rivals
        for name, mine in ((f"{middle}, a file each", ours), (f"{middle} in one file", together))
    ]
    rows += [
        ("XML / core's XML", figures["xml"]["ours"]["seconds"] / figures["xml"]["core"]["seconds"], 0.15),
        (
            "PDF/A-3b step / library's embedding",
            figures["pdf_step"]["pdf_ratio"],
            1.5,
        ),
        (f"SQL queries an invoice at {middle}, a file each", ours["queries"], 12),
        (f"SQL queries an invoice at {middle} in one file", together["queries"], 12),
        (f"calls until integrated for {middle} in one file", together["calls"] * int(middle), 2),
        (f"calls an invoice until integrated at {middle}, a file each", ours["calls"], 1.1),
        (
            f"SQL queries an invoice at {last} / at {middle}",
            figures["ours"][last]["queries"] / ours["queries"],
            1,
        ),
        ("findings, ms an invoice", figures["findings"]["seconds"] * 1000, 2),
        ("with a legal PDF already there, ms an invoice", figures["with_legal_pdf"]["seconds"] * 1000, 60),
        (
            f"the click on {figures['click']['invoices']} invoices, seconds",
            figures["click"]["seconds_in_all"],
            2,
        ),
        (
            f"calls to follow {figures['following']['open']} open invoices, 30 changed",
            figures["following"]["changes"]["calls"],
            5,
        ),
        (
            f"calls for the whole life of {figures['life']['invoices']} invoices in one file",
            figures["life"]["together"]["calls"],
            6,
        ),
        (
            f"calls for the whole life of {figures['life']['invoices']} invoices one by one",
            figures["life"]["one_by_one"]["calls"],
            figures["life"]["invoices"] + 10,
        ),
    ]
    rows += [
        (f"memory above idle, {count} invoices at once, MB", peak, 400)
        for count, peak in figures["memory"].items()
    ]
    return [(name, f"{value:.3f}", goal, _verdict(value, goal)) for name, value, goal in rows]


def _middle(figures):
    """Key of the batch of 50, or of the largest below it (JSON has made the keys texts)."""
    return max((key for key in figures["ours"] if int(key) <= 50), key=int)


def _absolute(figures):
    def ms(seconds):
        return f"{seconds * 1000:.1f} ms"

    yield "native, one by one", ms(figures["native_loop"]["seconds"])
    yield "native, one by one, its wait tuned away", ms(figures["native_loop_tuned"]["seconds"])
    yield f"native, {_middle(figures)} at once, with its wait", ms(figures["native_shipped"]["seconds"])
    for size, block in figures["native_batch"].items():
        yield f"native, {size} at once ({block['queries']:.1f} queries)", ms(block["seconds"])
    together = figures["ours_together"]
    yield (
        f"ours, {_middle(figures)} in one file ({together['queries']:.1f} queries)",
        ms(together["seconds"]),
    )
    for size, block in figures["ours"].items():
        yield (
            f"ours, {size} at once ({block['queries']:.1f} queries, {block['calls']:.2f} calls)",
            ms(block["seconds"]),
        )
    for label, seconds in sorted(figures["ours"][_middle(figures)]["parts"].items()):
        yield f"    of which {label}", ms(seconds)
    yield "XML, core", ms(figures["xml"]["core"]["seconds"])
    yield "XML, ours (semantic invoice included)", ms(figures["xml"]["ours"]["seconds"])
    yield "PDF/A-3b step, ours (check of the result included)", f"{figures['pdf_step']['pdf_step']:.1f} ms"
    yield "PDF embedding, library", f"{figures['pdf_step']['factur_x']:.1f} ms"
    screen = figures["screen"]
    yield f"opening the Send screen with {screen['invoices']} invoices", f"{screen['seconds_in_all']:.2f} s"
    follow = figures["following"]
    yield (
        f"following {follow['open']}, 30 changed ({follow['noticed']} noticed)",
        f"{follow['changes']['seconds']:.2f} s",
    )
    yield (
        f"full check of {follow['open']} ({follow['full_check']['calls']} calls, "
        f"{follow['full_check']['news']} statuses taken for news)",
        f"{follow['full_check']['seconds']:.2f} s",
    )
    folder = figures["directory"]
    yield (
        f"directory, {folder['customers']} customers ({folder['calls']} calls, {folder['known']} known)",
        f"{folder['seconds']:.2f} s",
    )
    again = folder["again"]
    yield (
        f"the same a week later ({again['calls']} calls, {again['confirmed']} confirmed by the list)",
        f"{again['seconds']:.2f} s",
    )
    for name, (without, slow) in (figures["network"] or {}).items():
        yield (
            f"{name} ({slow['calls']:.0f} calls), without latency / with it",
            f"{without['seconds']:.1f} s / {slow['seconds']:.1f} s",
        )
    yield "files that are not good", str(len(figures["bad_files"]))
