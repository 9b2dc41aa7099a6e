"""Prints the tables of docs/results.md from what `autopilot run --output json` wrote."""

import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])


def read(name):
    return json.loads((folder / f"{name}.json").read_text())["evaluation"]


def number(value, form):
    return "–" if value is None else format(value, form)


def delay(seconds):
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def by_chance(events):
    """How many incidents the same alarms would find at random times."""
    if events["chance"] is None:
        return None
    return events["chance"]["recall"] * (events["found"] + events["missed"])


def detectors(evaluation):
    print("| detector | AUC-PR | × random | found | by chance | precision | F1 | false alarms per service and day |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: |")
    for row in evaluation["detectors"]:
        ranking, events = row["ranking"], row["events"]
        print(
            f"| {row['name']} | {number(ranking['average_precision'], '.3f')} "
            f"| {number(ranking['lift'], '.1f')} "
            f"| {events['found']}/{events['found'] + events['missed']} "
            f"| {number(by_chance(events), '.1f')} "
            f"| {number(events['precision'], '.2f')} | {number(events['f1'], '.2f')} "
            f"| {number(events['false_alarms_per_service_day'], '.2f')} |"
        )


train_ticket = read("trainticket")
print("## TrainTicket\n")
detectors(train_ticket)
print("\n| fault | service | kind | ensemble | found by |\n| --- | --- | --- | --- | --- |")
rows = {row["name"]: {each["id"]: each for each in row["incidents"]} for row in train_ticket["detectors"]}
for incident in train_ticket["incidents"]:
    name = incident["id"].removeprefix("nezha-ts-2023-01-29-")
    if incident["role"] != "incident":
        continue
    found = rows["ensemble"][incident["id"]]
    state = f"found after {delay(found['delay_seconds'])}" if found["is_found"] else "missed"
    by = [name for name in rows if name != "ensemble" and rows[name][incident["id"]]["is_found"]]
    print(f"| {name} | {incident['service']} | {incident['kind']} | {state} | {', '.join(by)} |")

machines = sorted(
    (path.stem.removeprefix("smd-") for path in folder.glob("smd-*.json")),
    key=lambda name: [int(part) for part in name.split("-")],
)
print("\n## SMD\n")
names = [row["name"] for row in read(f"smd-{machines[0]}")["detectors"]]
print("| machine | prevalence | " + " | ".join(names) + " | ensemble × random | found |")
print("| --- |" + " --: |" * (len(names) + 3))
sums = dict.fromkeys(names, 0.0)
total = [0, 0]
for machine in machines:
    evaluation = read(f"smd-{machine}")
    precision = {row["name"]: row["ranking"]["average_precision"] for row in evaluation["detectors"]}
    ensemble = next(row for row in evaluation["detectors"] if row["name"] == "ensemble")
    counts = evaluation["counts"]
    share = counts["positive_cells"] / (counts["positive_cells"] + counts["quiet_cells"])
    events = ensemble["events"]
    total[0] += events["found"]
    total[1] += events["found"] + events["missed"]
    for name in names:
        sums[name] += precision[name]
    print(
        f"| {machine} | {share:.1%} | " + " | ".join(f"{precision[name]:.3f}" for name in names)
        + f" | {precision['ensemble'] / precision['random']:.1f} "
        + f"| {events['found']}/{events['found'] + events['missed']} |"
    )
print(
    "| mean | | " + " | ".join(f"{sums[name] / len(machines):.3f}" for name in names)
    + f" | | {total[0]}/{total[1]} |"
)
