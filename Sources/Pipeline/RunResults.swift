internal import DatasetStore
internal import Detection
internal import Evaluation
internal import Features
public import Report
internal import Scoring
public import Storage
public import Telemetry

/// The files that an evaluation leaves for people and programs.
public struct RunResults: Sendable {
  /// The report for people.
  public static let reportFile = "report.html"
  /// The metrics for programs.
  public static let evaluationFile = "evaluation.json"
  /// The scores of every service and cell.
  public static let scoresFile = "scores.csv"
  /// What ingest read, changed and left out.
  public static let ingestFile = "ingest.json"
  /// The report in short, for a pull request.
  public static let summaryFile = "report.md"
  /// What lies behind the metrics, for programs.
  public static let detailFile = "detail.json"
  /// Which model was judged on which data.
  public static let runFile = "run.json"

  private let model: TrainedModel
  private let artifactDigest: String
  private let dataset: Dataset
  private let judgement: Judgement
  private let findings: ReportFindings

  /// Collects what the files are made of.
  public init(
    model: TrainedModel, artifactDigest: String, dataset: Dataset, judgement: Judgement,
    findings: ReportFindings
  ) {
    (self.model, self.artifactDigest) = (model, artifactDigest)
    (self.dataset, self.judgement, self.findings) = (dataset, judgement, findings)
  }

  /// The files by name; equal inputs give equal bytes.
  public func files() throws -> [String: [UInt8]] {
    let content = content()
    return [
      Self.reportFile: Array(HTMLReport(content).render().utf8),
      Self.summaryFile: Array(MarkdownReport(content).render().utf8),
      Self.detailFile: Array(findings.json().text(indented: true).utf8),
      Self.evaluationFile: Array(judgement.json().text(indented: true).utf8),
      Self.scoresFile: judgement.scores.csv(),
      Self.runFile: Array(identity.text(indented: true).utf8),
      Self.ingestFile: Array(dataset.report.json().text(indented: true).utf8),
    ]
  }

  private var identity: JSONValue {
    [
      "format": "autopilotops.run/1", "name": .string(model.name),
      "artifact": .string(artifactDigest), "dataset": .string(dataset.contentDigest),
      "trained_on": .string(model.datasetDigest), "seed": .string(String(model.seed)),
      "program_version": .string(ModelArtifact.programVersion),
    ]
  }

  /// Writes the files into a folder: a new one appears in one step, in one that exists each file is
  /// replaced whole, all of them being on the disk before the first.
  ///
  /// - Returns: The files' names.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    let path = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let slash = path.lastIndex(of: "/")
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    guard !["", ".", ".."].contains(name) else {
      // The folder itself is there, so its files are all that can be replaced.
      let area = try StagingArea(root: path.isEmpty ? "/" : path, wait: true)
      defer { area.close() }
      return try write(to: nil, in: area)
    }
    let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let area = try StagingArea(root: parent, wait: true)
    defer { area.close() }
    return try write(to: name, in: area)
  }

  /// Writes the files into a folder below an area's root, or into the root itself.
  @discardableResult
  func write(to folder: String?, in area: StagingArea) throws -> [String] {
    let files = try files().sorted { $0.key < $1.key }
    for (name, bytes) in files {
      try FileSystem.writeFileAtomically(bytes, to: area.path(for: "results/\(name)"))
    }
    if let folder, FileSystem.item(at: "\(area.root)/\(folder)") == nil {
      try area.commit("results", to: folder)
      return files.map(\.key)
    }
    for (name, _) in files {
      try area.commit("results/\(name)", to: folder.map { "\($0)/\(name)" } ?? name)
    }
    return files.map(\.key)
  }

  private func content() -> ReportContent {
    let table = judgement.scores
    let primary = table.names.count - 1
    return ReportContent(
      title: model.name, evaluation: judgement.result, primary: ScoringModel.ensembleName,
      notes: judgement.caveats,
      timelines: zip(table.services, table.scores).map {
        ReportContent.Timeline(service: $0, scores: $1[primary])
      },
      splits: [
        ReportContent.Split(name: "train", ranges: model.split.train),
        ReportContent.Split(name: "calibration", ranges: model.split.calibration),
        ReportContent.Split(name: "test", ranges: model.split.test),
      ],
      incidents: dataset.incidents, ingest: dataset.report, facts: facts(), findings: findings)
  }

  private func facts() -> [ReportContent.Fact] {
    var facts = [
      ReportContent.Fact(key: "Artifact", value: artifactDigest),
      ReportContent.Fact(key: "Trained on dataset", value: model.datasetDigest),
      ReportContent.Fact(key: "Evaluated on dataset", value: dataset.contentDigest),
      ReportContent.Fact(key: "Program version", value: ModelArtifact.programVersion),
      ReportContent.Fact(key: "Seed", value: String(model.seed)),
      ReportContent.Fact(
        key: "Detectors", value: model.scoring.detectors.map(\.name).joined(separator: ", ")),
      ReportContent.Fact(
        key: "Windows",
        value: model.scoring.features.definition.windows.map {
          (model.scoring.features.definition.interval * $0).description
        }.joined(separator: ", ")),
      ReportContent.Fact(
        key: "Calibration cells allowed above the boundary",
        value: "\(model.falseAlarmRate * 100) %"),
    ]
    if model.split.testsBeforeFitting {
      facts.append(
        ReportContent.Fact(
          key: "Order of time",
          value: "part of the test time lies before the end of the time that models and thresholds "
            + "were fitted on, as configured"))
    }
    if !model.dropped.isEmpty {
      facts.append(
        ReportContent.Fact(
          key: "Channels without enough data in training",
          value: summary(model.dropped.map { "\($0.service)/\($0.channel)" })))
    }
    if !judgement.unknownServices.isEmpty {
      facts.append(
        ReportContent.Fact(
          key: "Services not in the model", value: summary(judgement.unknownServices)))
    }
    if !judgement.scores.absentServices.isEmpty {
      facts.append(
        ReportContent.Fact(
          key: "Services of the model without enough data here",
          value: summary(judgement.scores.absentServices)))
    }
    if !judgement.scores.absentColumns.isEmpty {
      facts.append(
        ReportContent.Fact(
          key: "Inputs of the model missing here", value: summary(judgement.scores.absentColumns)))
    }
    for source in dataset.sources {
      facts.append(
        ReportContent.Fact(
          key: "Source \(source.name)",
          value: "\(source.type), \(source.bytes) bytes, SHA-256 \(source.sha256)"))
    }
    return facts
  }

  private func summary(_ items: [String]) -> String {
    let shown = items.prefix(20).joined(separator: ", ")
    return items.count > 20 ? "\(shown) and \(items.count - 20) more" : shown
  }
}

extension IngestReport {
  /// The report as a JSON document.
  public func json() -> JSONValue {
    [
      "samples": .integer(samples),
      "log_lines": .integer(logLines),
      "series": .integer(series),
      "cells": .integer(cells),
      "missing_cells": .integer(missingCells),
      "gaps": .integer(gaps),
      "gap_cells": .integer(gapCells),
      "skipped": .integer(skipped),
      "defects": .array(
        defects.map {
          [
            "source": .string($0.source), "reason": .string($0.reason),
            "effect": .string($0.effect.rawValue), "count": .integer($0.count),
            "example": .string($0.example),
          ]
        }),
    ]
  }
}
