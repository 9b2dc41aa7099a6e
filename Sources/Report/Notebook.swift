public import Storage

/// A Jupyter notebook that opens a run's files, recomputes its figures and draws them.
public struct Notebook: Sendable {
  /// Where a run's files are, as the notebook's folder sees them.
  public struct Places: Hashable, Sendable {
    /// The folder with `evaluation.json`, `detail.json` and `scores.csv`.
    public var run: String
    /// The dataset snapshot; nil leaves the sections about data out.
    public var dataset: String?
    /// The model's folder; nil leaves the section about weights out.
    public var model: String?

    /// Makes places.
    public init(run: String, dataset: String?, model: String?) {
      (self.run, self.dataset, self.model) = (run, dataset, model)
    }
  }

  private enum Cell {
    case text(String)
    case code(String)
  }

  private let title: String
  private let places: Places

  /// Makes a notebook.
  public init(title: String, places: Places) { (self.title, self.places) = (title, places) }

  /// The document in nbformat 4.5, without outputs; equal places give equal bytes.
  public func json() -> JSONValue {
    [
      "cells": .array(cells.enumerated().map { json(of: $1, number: $0) }),
      "metadata": [
        "kernelspec": [
          "display_name": "Python 3", "language": "python", "name": "python3",
        ],
        "language_info": ["name": "python"],
      ],
      "nbformat": .integer(4), "nbformat_minor": .integer(5),
    ]
  }

  private var cells: [Cell] {
    var cells: [Cell] = [
      .text(
        """
        # \(title)

        Written by `autopilot notebook export`. It reads what a run left, computes the ranking figures \
        anew from scores and labels, and draws the report's main charts. It needs numpy, matplotlib\
        \(places.dataset == nil ? "" : ", h5py")\(places.model == nil ? "" : ", safetensors").
        """),
      .code(paths + NotebookCells.loading), .text(NotebookCells.aboutLabels),
      .code(NotebookCells.labels), .code(NotebookCells.precision),
      .text("## Precision and recall"), .code(NotebookCells.curves),
      .text("## Scores over time"), .code(NotebookCells.timelines),
      .text("## What became of the incidents"), .code(NotebookCells.incidents),
    ]
    if places.dataset != nil {
      cells += [.text(NotebookCells.aboutData), .code(NotebookCells.data)]
    }
    if places.model != nil {
      cells += [.text("## The model's weights"), .code(NotebookCells.weights)]
    }
    return cells
  }

  private var paths: String {
    """
    import csv, json, pathlib
    from datetime import datetime, timezone
    import numpy as np
    import matplotlib.pyplot as plt

    RUN = pathlib.Path(\(literal(places.run)))
    DATASET = \(places.dataset.map { "pathlib.Path(\(literal($0)))" } ?? "None")
    MODEL = \(places.model.map { "pathlib.Path(\(literal($0)))" } ?? "None")

    """
  }

  /// A string of Python; JSON's strings are among them.
  private func literal(_ text: String) -> String { JSONValue.string(text).text() }

  private func json(of cell: Cell, number: Int) -> JSONValue {
    func source(_ text: String) -> JSONValue {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      return .array(
        lines.enumerated().map { index, line in
          .string(index + 1 < lines.count ? line + "\n" : String(line))
        })
    }
    let id = JSONValue.string("cell-\(number)")
    switch cell {
    case .text(let text):
      return [
        "cell_type": "markdown", "id": id, "metadata": .object([:]), "source": source(text),
      ]
    case .code(let text):
      return [
        "cell_type": "code", "execution_count": .null, "id": id, "metadata": .object([:]),
        "outputs": .array([]), "source": source(text),
      ]
    }
  }
}
