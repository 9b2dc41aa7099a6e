"""What the LSTM benchmark makes of its figures: rate, ratios and tables."""

import statistics

COMMANDS = {"train": "train", "infer64": "infer", "stream": "stream"}


def figures(workload, metric, runner):
    """The figure at the median and at the best repetition, and the seconds behind it."""
    command = COMMANDS[metric]
    if metric == "stream":
        values = runner.values(command, "p50")
        return statistics.median(values), min(values), {
            "p99_median": round(statistics.median(runner.values(command, "p99")), 3)}
    batches = workload.train_steps if metric == "train" else workload.infer_batches
    # On one thread CPU seconds, which other work on the machine does not add to.
    clock = "cpu" if runner.threads == 1 else "wall"
    values = [batches * workload.windows / seconds for seconds in runner.values(command, clock)]
    seconds = {
        f"{clock}_{name}": round(function(runner.values(command, clock)), 6)
        for clock in ("cpu", "wall") for name, function in (("min", min),
                                                            ("median", statistics.median))
    }
    return statistics.median(values), max(values), seconds


def compare(workload, metric, ours, peer):
    value, best, seconds = figures(workload, metric, ours)
    peer_value, peer_best, peer_seconds = figures(workload, metric, peer)
    higher = metric != "stream"
    ratios = [a / b if higher else b / a for a, b in ((value, peer_value), (best, peer_best))]
    unit = "µs" if metric == "stream" else (
        f"windows per {'CPU ' if ours.threads == 1 else ''}second")
    return {
        "workload": workload.name, "metric": metric, "unit": unit, "higher_is_better": higher,
        "threads": ours.threads, "ours": round(value, 3), "peer": peer.name,
        "peer_value": round(peer_value, 3), "ratio": round(ratios[0], 3), "strongest": False,
        "ratio_of_best": round(ratios[1], 3), "ours_best": round(best, 3),
        "peer_best": round(peer_best, 3), "ours_seconds": seconds, "peer_seconds": peer_seconds,
        "numerics": "bfloat16" if "bfloat16" in peer.name else "float32",
    }


def memory_row(workload, ours, peer):
    mebibytes = {key: answer / (1 << 20) for key, answer in (
        ("ours", ours["peak"]), ("peer_value", peer["peak"]),
        # What training itself asks for, without the program and its libraries.
        ("ours_growth", ours["peak"] - ours["before"]),
        ("peer_growth", peer["peak"] - peer["before"]))}
    return {
        "workload": workload.name, "metric": "train_memory", "unit": "MiB",
        "higher_is_better": False, "threads": 1, "peer": "PyTorch", "strongest": False,
        **{key: round(value, 1) for key, value in mebibytes.items()},
        "ratio": round(mebibytes["peer_value"] / mebibytes["ours"], 3),
        "ratio_of_best": round(mebibytes["peer_value"] / mebibytes["ours"], 3),
        "numerics": "float32",
    }


def mark_strongest(rows):
    """Marks the best peer of each metric and number of threads; other numerics do not compete."""
    for metric in {(row["metric"], row["threads"]) for row in rows}:
        able = [row for row in rows if (row["metric"], row["threads"]) == metric
                and row["numerics"] == "float32"]
        min(able, key=lambda row: row["ratio"])["strongest"] = True
    return rows


def table(rows):
    """The rows as Markdown, the strongest peers in bold."""
    if not rows:
        return ""
    lines = ["| workload | metric | unit | threads | ours | peer | its value | ratio | of best |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        mark = "**" if row["strongest"] else ""
        lines.append(
            f"| {row['workload']} | {row['metric']} | {row['unit']} | {row['threads']} "
            f"| {row['ours']:,.4g} | {mark}{row['peer']}{mark} | {row['peer_value']:,.4g} "
            f"| {row['ratio']:.2f} | {row['ratio_of_best']:.2f} |")
    return "\n".join(lines)


def curve_table(points):
    if not points:
        return ""
    lines = ["| curve | windows | hidden | ours, CPU s | GFLOP/s | PyTorch, CPU s | GFLOP/s |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for point in points:
        lines.append(
            f"| {point['curve']} | {point['windows']:,} | {point['hidden']} "
            f"| {point['ours_cpu_seconds']:.4f} | {point['ours_gflops']:.1f} "
            f"| {point['pytorch_cpu_seconds']:.4f} | {point['pytorch_gflops']:.1f} |")
    return "\n".join(lines)


def busy_table(results):
    if not results:
        return ""
    lines = ["| workload | ours quiet | one core taken | kept | PyTorch quiet | one core taken | kept |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for row in results:
        cells = [f"{row[f'{name}_quiet']:,.0f} | {row[f'{name}_busy']:,.0f} "
                 f"| {100 * row[f'{name}_kept']:.0f} %" for name in ("ours", "pytorch")]
        lines.append(f"| {row['workload']} | {' | '.join(cells)} |")
    return "\n".join(lines)
