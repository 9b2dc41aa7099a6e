/// The Python of exported notebooks.
enum NotebookCells {
  static let loading = #"""
    def instant(text):
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

    evaluation = json.loads((RUN / "evaluation.json").read_text())
    detail = json.loads((RUN / "detail.json").read_text())
    plan, grid = evaluation["plan"], evaluation["plan"]["grid"]
    step, count = grid["interval_seconds"], grid["count"]
    times = instant(grid["first"]) + step * np.arange(count)

    with open(RUN / "scores.csv", newline="") as file:
        reader = csv.reader(file)
        names = next(reader)[2:]
        scores, row = {}, {}
        for _, service, *values in reader:
            at = row.setdefault(service, 0)
            if at == 0:
                scores[service] = np.full((len(names), count), np.nan, dtype=np.float32)
            scores[service][:, at] = [np.float32(v) if v else np.nan for v in values]
            row[service] = at + 1
    services = sorted(scores)
    print(f"{len(services)} services, {count} cells of {step:g} s, scores: {', '.join(names)}")
    """#

  static let aboutLabels = """
    ## Labels

    A cell at t covers the time after t − interval up to t. It is positive when it touches an incident of its \
    service, neutral in the tolerance around one and in incidents of others (unless the plan is strict), quiet \
    otherwise. Ranking uses the scored cells that are positive or quiet.
    """

  static let labels = #"""
    def touching(start, end):
        return (times > start) & (times - step < end)

    test = np.zeros(count, bool)
    for part in plan["test"]:
        test |= (times > instant(part["after"])) & (times <= instant(part["through"]))
    positive = {s: np.zeros(count, bool) for s in services}
    window = {s: np.zeros(count, bool) for s in services}
    neutral = {s: np.zeros(count, bool) for s in services}
    for incident in evaluation["incidents"]:
        start, end = instant(incident["start"]), instant(incident["resolved"])
        own = touching(start, end)
        zone = touching(start - plan["tolerance_before_seconds"], end + plan["tolerance_after_seconds"]) & test
        for service in services:
            concerned = incident["service"] in (None, service)
            if concerned or plan["collateral"] == "neutral":
                neutral[service] |= zone
            if concerned and incident["role"] == "incident":
                window[service] |= zone
                positive[service] |= zone & own
    ranked = {s: test & (positive[s] | ~(window[s] | neutral[s])) for s in services}
    print(f"{sum(positive[s].sum() for s in services)} positive cells,",
          f"{sum((ranked[s] & ~positive[s]).sum() for s in services)} quiet ones")
    """#

  static let precision = #"""
    def pooled(name):
        """Scores and labels of the ranked cells of all services."""
        x, y = [], []
        for service in services:
            score = scores[service][names.index(name)]
            use = ranked[service] & ~np.isnan(score)
            x.append(score[use]); y.append(positive[service][use])
        return np.concatenate(x), np.concatenate(y)

    def curve(x, y):
        """Precision and recall at every distinct score, descending."""
        order = np.argsort(-x, kind="stable")
        x, y = x[order], y[order]
        last = np.append(np.flatnonzero(np.diff(x)), len(x) - 1)
        found = np.cumsum(y)[last]
        return found / (last + 1), found / max(1, y.sum())

    def average_precision(x, y):
        precision, recall = curve(x, y)
        return float(np.sum(np.diff(np.append(0, recall)) * precision))

    reported = {d["name"]: d["ranking"]["average_precision"] for d in evaluation["detectors"]}
    computed = {name: average_precision(*pooled(name)) for name in names}
    for name in names:
        print(f"{name:20} {computed[name]:.6f}  reported {reported[name]:.6f}")
        assert abs(computed[name] - reported[name]) < 1e-9, name
    """#

  static let curves = #"""
    figure, axes = plt.subplots(figsize=(6, 6))
    for name in sorted(names, key=lambda name: -computed[name]):
        precision, recall = curve(*pooled(name))
        axes.step(recall, precision, where="pre", label=f"{name} ({computed[name]:.3f})")
    share = np.concatenate([positive[s][ranked[s]] for s in services]).mean()
    axes.axhline(share, linestyle="--", color="grey", label=f"random ({share:.3f})")
    axes.set(xlabel="recall of cells", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend()
    plt.show()
    """#

  static let timelines = #"""
    named = [i["service"] for i in evaluation["incidents"] if i["service"] in scores]
    shown = list(dict.fromkeys(named + services))[:6]
    figure, axes = plt.subplots(len(shown), 1, figsize=(12, 2 * len(shown)), sharex=True, squeeze=False)
    stamps = [datetime.fromtimestamp(t, timezone.utc) for t in times]
    primary = names.index(detail["primary"])
    for axis, service in zip(axes[:, 0], shown):
        axis.plot(stamps, np.log1p(scores[service][primary]), linewidth=0.7)
        axis.axhline(np.log1p(1), color="tab:orange", linestyle="--", linewidth=0.8)
        for incident in evaluation["incidents"]:
            if incident["service"] in (None, service):
                axis.axvspan(*[datetime.fromtimestamp(instant(incident[k]), timezone.utc)
                               for k in ("start", "resolved")], color="tab:red", alpha=0.25)
        axis.set_ylabel(service, rotation=0, ha="right")
    figure.suptitle(f"log(1 + {detail['primary']}); alerts begin at the dashed line")
    plt.show()
    """#

  static let incidents = #"""
    outcome = {d["name"]: d for d in evaluation["detectors"]}[detail["primary"]]
    stories = {s["incident"]: s for s in detail["stories"]}
    found = 0
    for item in outcome["incidents"]:
        found += item["is_found"]
        story = stories.get(item["id"], {"voices": []})
        cause = next((v["detector"] + ": " + v["causes"][0] for v in story["voices"] if v["causes"]), "")
        state = f"+{item['delay_seconds']:.0f} s" if item["is_found"] else "missed"
        print(f"{item['id']:28} {state:>10}  {cause}")
    assert found == outcome["events"]["found"]
    """#

  static let aboutData = """
    ## The data

    The dataset is HDF5. Below: the metric that drifted most between training and test, in both times.
    """

  static let data = #"""
    import h5py

    with h5py.File(DATASET) as file:
        stored = {}
        for group in file["services"].values():
            columns = [c.decode() if isinstance(c, bytes) else str(c) for c in group["columns"][:]]
            service = group.attrs["service"]
            stored[service.decode() if isinstance(service, bytes) else str(service)] = (columns, group["metrics"][:])
    assert all(len(values) == count for _, values in stored.values())
    if detail["drift"]:
        most = detail["drift"][0]
        columns, values = stored[most["service"]]
        column = values[:, columns.index(most["metric"])]
        before, now = column[~test & ~np.isnan(column)], column[test & ~np.isnan(column)]
        bins = np.histogram_bin_edges(np.concatenate([before, now]), 40)
        plt.hist(before, bins, density=True, alpha=0.5, label="before the test")
        plt.hist(now, bins, density=True, alpha=0.5, label="test")
        plt.title(f"{most['service']}/{most['metric']}: PSI {most['psi']:.2f}, KS {most['ks']:.2f}")
        plt.legend()
        plt.show()
    """#

  static let weights = #"""
    from safetensors.numpy import load_file

    weights = load_file(MODEL / "weights.safetensors")
    families = {}
    for name, tensor in weights.items():
        family = name.split(".")[0]
        number, size = families.get(family, (0, 0))
        families[family] = (number + 1, size + tensor.nbytes)
    for family, (number, size) in sorted(families.items()):
        print(f"{family:18} {number:5} tensors {size / 1024:10.1f} KiB")
    """#
}
