public import Storage

/// What an extractor remembers as arrays of numbers, so that another process goes on where this one
/// stopped. Its size depends on the definition and the number of channels alone.
extension FeatureExtractor {
  /// The memory after the rows so far: `rows` [1], `history` and `raw_history` [channels × cells],
  /// `since_value` [channels], `averages` [channels × spans × 2], and with features of logs
  /// `log_cells` [cells × (severities + templates + 2)]: whether logs were recorded, lines by
  /// severity, and by template, those of no known template last; with features of what follows what
  /// `log_surprise` [cells × 4]: pairs of lines, those unseen in training, and the sum and the
  /// maximum of their surprise in 2⁻²⁰ bits.
  public func snapshot() -> TensorBundle {
    var bundle = TensorBundle(source: "feature state")
    bundle.tensors["rows"] = .init(shape: [1], values: .int32([Int32(clamping: rowsSeen)]))
    bundle.tensors["history"] = .init(
      shape: [channels.count, plan.keptCells],
      values: .double(channels.flatMap { padded($0.history, to: plan.keptCells) }))
    bundle.tensors["raw_history"] = .init(
      shape: [channels.count, plan.keptRawCells],
      values: .double(channels.flatMap { padded($0.rawHistory, to: plan.keptRawCells) }))
    bundle.tensors["since_value"] = .init(
      shape: [channels.count],
      values: .int32(channels.map { $0.cellsSinceValue.map { Int32(clamping: $0) } ?? -1 }))
    bundle.tensors["averages"] = .init(
      shape: [channels.count, plan.spans.count, 2],
      values: .double(channels.flatMap { $0.averages.flatMap { [$0.mean, $0.variance] } }))
    if !logFeatures.names.isEmpty {
      bundle.tensors["log_cells"] = .init(
        shape: [logFeatures.keptCells, logFeatures.cellWidth],
        values: .int32(logFeatures.encodedHistory()))
    }
    if logFeatures.seesTransitions {
      bundle.tensors["log_surprise"] = .init(
        shape: [logFeatures.keptCells, 4], values: .double(logFeatures.encodedSurprise()))
    }
    return bundle
  }

  /// Takes over the memory of an extractor of the same definition and model.
  ///
  /// - Throws: `StorageError.invalidTensors` when the arrays do not fit this extractor's.
  public mutating func restore(_ bundle: TensorBundle) throws {
    let count = channels.count
    let rows = Int(try bundle.int32s("rows", shape: [1])[0])
    let history = try bundle.doubles("history", shape: [count, plan.keptCells])
    let rawHistory = try bundle.doubles("raw_history", shape: [count, plan.keptRawCells])
    let since = try bundle.int32s("since_value", shape: [count])
    let averages = try bundle.doubles("averages", shape: [count, plan.spans.count, 2])
    guard (0...definition.historyLength).contains(rows), since.allSatisfy({ $0 >= -1 }) else {
      throw StorageError.invalidTensors(
        path: bundle.source, reason: "'rows' or 'since_value' is out of its range")
    }
    if !logFeatures.names.isEmpty {
      let cells = try bundle.int32s(
        "log_cells", shape: [logFeatures.keptCells, logFeatures.cellWidth])
      let surprise =
        logFeatures.seesTransitions
        ? try bundle.doubles("log_surprise", shape: [logFeatures.keptCells, 4]) : []
      guard logFeatures.restore(cells, surprise, rows: rows) else {
        throw StorageError.invalidTensors(
          path: bundle.source, reason: "'log_cells' or 'log_surprise' holds what is no count")
      }
    }
    rowsSeen = rows
    for index in channels.indices {
      var state = ChannelState(plan)
      state.history = cells(history, of: index, width: plan.keptCells)
      state.rawHistory = cells(rawHistory, of: index, width: plan.keptRawCells)
      state.cellsSinceValue = since[index] < 0 ? nil : Int(since[index])
      for span in plan.spans.indices {
        state.averages[span].mean = averages[(index * plan.spans.count + span) * 2]
        state.averages[span].variance = averages[(index * plan.spans.count + span) * 2 + 1]
      }
      state.restoreSortedWindows()
      channels[index] = state
    }
  }

  /// The last cells, with NaN before the first row.
  private func padded(_ values: [Double], to width: Int) -> [Double] {
    let kept = values.suffix(width)
    return Array(repeating: .nan, count: width - kept.count) + kept
  }

  /// The rows that there were: windows count how long history is.
  private func cells(_ values: [Double], of channel: Int, width: Int) -> [Double] {
    Array(values[channel * width..<(channel + 1) * width].suffix(rowsSeen))
  }
}
