"""What the forest benchmark makes of its figures: quality, ratios and tables."""

import numpy as np


def area(scores):
    """Area under the ROC curve; the last hundredth of the rows are the anomalies."""
    order = np.argsort(scores, kind="stable")
    _, inverse, counts = np.unique(scores[order], return_inverse=True, return_counts=True)
    ranks = np.empty(len(scores))
    # Equal scores share their mean rank.
    ranks[order] = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    anomalies = len(scores) // 100
    ordinary = len(scores) - anomalies
    return (ranks[-anomalies:].sum() - anomalies * (anomalies + 1) / 2) / (anomalies * ordinary)


def compare(workload, ours, peer, count, quality):
    def row(metric, unit, higher_is_better, threads, our_figures, peer_figures):
        (value, best), (peer_value, peer_best) = our_figures, peer_figures
        ratios = [a / b if higher_is_better else b / a
                  for a, b in ((value, peer_value), (best, peer_best))]
        return {
            "workload": workload.name, "metric": metric, "unit": unit,
            "higher_is_better": higher_is_better, "threads": threads,
            "ours": round(value, 3), "peer": peer.name, "peer_value": round(peer_value, 3),
            "ratio": round(ratios[0], 3), "strongest": False,
            "ratio_of_best": round(ratios[1], 3), "ours_auc": round(quality["ours"], 4),
            "peer_auc": round(quality[peer.name], 4),
        }

    def per_second(runner, line, clock):
        return tuple(count / seconds / 1e3 for seconds in runner.figures(line, clock))

    def milliseconds(runner):
        return tuple(1e3 * seconds for seconds in runner.figures("fit", "cpu"))

    if peer.name != "onnxruntime":
        yield row("fit", "CPU ms", False, 1, milliseconds(ours), milliseconds(peer))
    for threads, clock in ((1, "cpu"), (2, "wall")):
        unit = f"thousand rows per {'CPU ' if threads == 1 else ''}second"
        yield row("score", unit, True, threads, per_second(ours, f"score {threads}", clock),
                  per_second(peer, f"score {threads}", clock))
    for metric, field in (("single", "p50"), ("single, p99", "p99")):
        yield row(metric, "µs", False, 1, ours.figures(ours.single, field),
                  peer.figures(peer.single, field))
    sizes = [(runner.size / 1024,) * 2 for runner in (ours, peer)]
    yield row("size", "KiB", False, 1, *sizes)


def table(rows):
    """The rows as Markdown, the strongest peers in bold."""
    lines = ["| workload | metric | unit | threads | ours | peer | its value | ratio | of best |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        mark = "**" if row["strongest"] else ""
        lines.append(
            f"| {row['workload']} | {row['metric']} | {row['unit']} | {row['threads']} "
            f"| {row['ours']:.4g} | {mark}{row['peer']}{mark} | {row['peer_value']:.4g} "
            f"| {row['ratio']:.2f} | {row['ratio_of_best']:.2f} |")
    return "\n".join(lines)


def curve_table(points):
    lines = ["| rows | trees | CPU s | ns per row and tree | fit, CPU ms |",
             "| --- | --- | --- | --- | --- |"]
    for point in points:
        lines.append(f"| {point['rows']:,} | {point['trees']} | {point['cpu_seconds']:.4f} "
                     f"| {point['ns_per_row_and_tree']:.3f} | {1e3 * point['fit_cpu_seconds']:.2f} |")
    return "\n".join(lines)
