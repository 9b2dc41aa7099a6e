public import Storage
public import Telemetry

/// A dataset as text: its time, its services, every column as a sparkline, its incidents on a line.
public struct DatasetPortrait: Sendable {
  /// What to show of it.
  public struct View: Hashable, Sendable {
    /// Services whose name contains this text; empty for all.
    public var service = ""
    /// Columns whose name contains this text; empty for all.
    public var column = ""
    /// The most columns of a line, at least 60.
    public var width = 110
    /// Whether to draw with ASCII alone.
    public var ascii = false

    /// Everything, in 110 columns.
    public init() {}
  }

  /// What the figures beside a sparkline take, with the blanks between them.
  private static let figures = 46
  /// The most that a column's name takes before it is cut.
  private static let names = 44
  /// The most that a sparkline takes.
  private static let longestLine = 60
  private static let margin = String(repeating: " ", count: 11)

  private let dataset: Dataset
  private let view: View
  private let services: [ServiceFrame]

  /// Looks at a dataset.
  ///
  /// - Precondition: `view.width` is at least 60.
  public init(_ dataset: Dataset, view: View = View()) {
    precondition(view.width >= 60, "\(view.width) columns, at least 60 are needed")
    (self.dataset, self.view) = (dataset, view)
    services = dataset.services.filter {
      view.service.isEmpty || $0.service.contains(view.service)
    }
  }

  /// Whether nothing fits the filters.
  public var isEmpty: Bool {
    services.allSatisfy { frame in columns(of: frame).isEmpty && !(showsLogs && frame.logs != nil) }
  }

  /// The text, ending in a line break.
  public var text: String {
    let text = ([header] + services.map(section)).joined(separator: "\n")
    guard view.ascii else { return text }
    let plain: [Character: Character] = ["…": "~", "–": "-", "−": "-", "∞": "I"]
    return String(text.map { $0.isASCII ? $0 : plain[$0] ?? "?" })
  }

  private var grid: TimeGrid { dataset.grid }

  private var showsLogs: Bool { view.column.isEmpty }

  private func columns(of frame: ServiceFrame) -> [Int] {
    frame.columns.indices.filter {
      view.column.isEmpty || frame.columns[$0].name.contains(view.column)
    }
  }

  private func values(_ column: Int, of frame: ServiceFrame) -> [Double] {
    (0..<grid.count).map { frame.values[$0 * frame.columns.count + column] }
  }

  /// Log lines per cell; NaN where logs were not recorded.
  private func lines(_ logs: LogActivity) -> [Double] {
    var lines = logs.recorded.map { $0 ? 0 : Double.nan }
    for count in logs.counts where logs.recorded[count.row] {
      lines[count.row] += Double(count.lines)
    }
    return lines
  }

  private var header: String {
    var rows = [
      "time       \(interval(grid.range)), \(counted(grid.count, "cell")) of \(grid.interval)"
    ]
    if let start = dataset.publishedTestStart { rows.append("test part  after \(instant(start))") }
    let report = dataset.report
    let columns = dataset.services.reduce(0) { $0 + $1.columns.count }
    let filled = report.cells > 0 ? 1 - Double(report.missingCells) / Double(report.cells) : 0
    rows.append(
      "services   \(counted(dataset.services.count, "service")), \(counted(columns, "column")), "
        + (columns > 0 ? "\(percent(filled)) of cells have a value, " : "")
        + counted(report.logLines, "log line"))
    let excluded = dataset.incidents.count { $0.role == .excluded }
    rows.append(
      "incidents  " + counted(dataset.incidents.count - excluded, "incident")
        + (excluded > 0 ? ", \(excluded) excluded" : ""))
    let text = rows.map {
      wrapped(printable($0), width: view.width, indent: Self.margin) + "\n"
    }.joined()
    return text + timeline(dataset.incidents)
  }

  /// Incidents over all of the time in one line; nothing when there are none.
  private func timeline(_ incidents: [Incident]) -> String {
    guard !incidents.isEmpty else { return "" }
    let (incident, excluded): (Character, Character) = view.ascii ? ("#", "x") : ("█", "░")
    let ordered =
      incidents.filter { $0.role == .excluded } + incidents.filter { $0.role == .incident }
    let marks = ordered.map {
      (
        rows: grid.indices(touching: $0.start, $0.resolved),
        mark: $0.role == .excluded ? excluded : incident
      )
    }
    return Self.margin
      + Sparkline.marks(
        marks, rows: grid.count, width: view.width - Self.margin.count,
        blank: view.ascii ? "." : "·") + "\n"
  }

  private func section(_ frame: ServiceFrame) -> String {
    let shown = columns(of: frame)
    guard !shown.isEmpty || (showsLogs && frame.logs != nil) else { return "" }
    var text = shortened(printable(frame.service), to: view.width) + "\n"
    if dataset.services.count > 1 {
      text += timeline(dataset.incidents.filter { $0.service == frame.service })
    }
    let longest = shown.map { frame.columns[$0].name.count }.max() ?? 0
    let names = 2 + min(Self.names, max(longest, frame.logs == nil ? 0 : 24))
    let drawn = min(Self.longestLine, max(10, view.width - Self.figures - names))
    var table = TerminalTable([
      ("", .left), ("", .leftWhole), ("min", .right), ("median", .right), ("max", .right),
      ("missing", .right),
    ])
    func add(_ name: String, _ values: [Double]) {
      let figures = ColumnFigures(values)
      table.add([
        "  " + name,
        Sparkline.text(Sparkline.means(of: values, width: drawn), ascii: view.ascii),
        significant(figures.minimum), significant(figures.median), significant(figures.maximum),
        percent(figures.missing),
      ])
    }
    for column in shown { add(frame.columns[column].name, values(column, of: frame)) }
    if showsLogs, let logs = frame.logs {
      add("log lines (\(counted(logs.patterns.count, "pattern")))", lines(logs))
    }
    return text + table.text(width: view.width)
  }
}

extension DatasetPortrait {
  /// The same as a JSON document, with the numbers of the sparklines.
  public func json() -> JSONValue {
    [
      "start": .string(grid.range.start.description), "end": .string(grid.range.end.description),
      "interval": .string(grid.interval.description), "cells": .integer(grid.count),
      "test_start": dataset.publishedTestStart.map { .string($0.description) } ?? .null,
      "log_lines": .integer(dataset.report.logLines),
      "incidents": .array(
        dataset.incidents.map {
          [
            "id": .string($0.id), "service": $0.service.map(JSONValue.string) ?? .null,
            "kind": .string($0.kind), "start": .string($0.start.description),
            "resolved": .string($0.resolved.description), "role": .string($0.role.rawValue),
          ]
        }),
      "services": .array(
        services.map { frame in
          [
            "service": .string(frame.service),
            "columns": .array(
              columns(of: frame).map { column in
                json(frame.columns[column].name, values(column, of: frame))
              }),
            "logs": (showsLogs ? frame.logs : nil).map { json("log lines", lines($0)) } ?? .null,
          ]
        }),
    ]
  }

  private func json(_ name: String, _ values: [Double]) -> JSONValue {
    let figures = ColumnFigures(values)
    let number = { (value: Double?) in value.map(JSONValue.number) ?? .null }
    return [
      "name": .string(name), "min": number(figures.minimum), "median": number(figures.median),
      "max": number(figures.maximum), "missing": .number(figures.missing),
      "means": .array(
        Sparkline.means(of: values, width: view.width / 2).map { $0.isNaN ? .null : .number($0) }),
    ]
  }
}
