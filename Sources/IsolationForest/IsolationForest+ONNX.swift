internal import Foundation
internal import Storage

extension IsolationForest {
  /// The forest as an ONNX model, for other runtimes.
  ///
  /// Input `features`, float [rows × columns]; output `scores`, float [rows × 1]. A
  /// TreeEnsembleRegressor of `ai.onnx.ml` adds up the path lengths, then
  ///
  ///     score = exp(−ln 2 · total / (trees · c(subsample)))
  ///
  /// in 32 bits: within 1e-5 of `score`. Equal forests give equal bytes. Field numbers are those of
  /// onnx.proto, IR version 8.
  ///
  /// - Parameter names: The columns' names, recorded as the metadata `columns`, one a line.
  /// - Throws: `notExportable` for a forest with hyperplanes or with missing values that go both
  ///   ways, which the operator does not know.
  public func onnx(
    names: [String] = [], producer: (name: String, version: String)
  ) throws(IsolationForestError) -> [UInt8] {
    guard planes.isEmpty else {
      throw .notExportable("splits on several columns have no form in ONNX's tree ensembles")
    }
    guard missing != .both else {
      throw .notExportable("ONNX's tree ensembles send a missing value to one side, not to both")
    }
    var model = ProtobufWriter()
    model.add(8, field: 1)  // ir_version
    model.add(producer.name, field: 2)
    model.add(producer.version, field: 3)
    model.add(field: 7) { addGraph(to: &$0) }
    for (domain, version) in [("", 13), ("ai.onnx.ml", 3)] {
      model.add(field: 8) { opset in
        opset.add(domain, field: 1)
        opset.add(version, field: 2)
      }
    }
    if !names.isEmpty {
      model.add(field: 14) { entry in
        entry.add("columns", field: 1)
        entry.add(names.joined(separator: "\n"), field: 2)
      }
    }
    return model.bytes
  }

  private func addGraph(to graph: inout ProtobufWriter) {
    let expected = averagePathLength(subsample)
    graph.add(field: 1) { addEnsemble(to: &$0, isEmpty: expected == 0) }
    graph.add(field: 1) { node in
      node.addNode("Mul", inputs: ["total", "exponent_per_length"], output: "exponent")
    }
    graph.add(field: 1) { node in node.addNode("Exp", inputs: ["exponent"], output: "scores") }
    graph.add("isolation_forest", field: 2)
    graph.add(field: 5) { tensor in
      tensor.add(1, field: 2)  // FLOAT
      // A forest that isolates nothing has a total of 1 instead, and scores 0.5.
      let factor = expected > 0 ? -log(2.0) / (Double(trees) * expected) : -log(2.0)
      tensor.add(packed: [Float(factor)], field: 4)
      tensor.add("exponent_per_length", field: 8)
    }
    graph.add(field: 11) { $0.addValue("features", columns: columns) }
    graph.add(field: 12) { $0.addValue("scores", columns: 1) }
  }

  private func addEnsemble(to node: inout ProtobufWriter, isEmpty: Bool) {
    let ids = zip(roots, roots.dropFirst() + [nodes.count]).enumerated().flatMap { tree, bounds in
      (bounds.0..<bounds.1).map { (tree: tree, node: $0 - bounds.0, root: bounds.0) }
    }
    let leaves = nodes.indices.filter { nodes[$0].isLeaf }
    func child(_ offset: Int) -> [Int] {
      zip(nodes, ids).map { $0.isLeaf ? 0 : Int($0.left) + offset - $1.root }
    }
    node.addNode("TreeEnsembleRegressor", inputs: ["features"], output: "total") { node in
      node.addAttribute("n_targets", 1)
      node.addAttribute("aggregate_function", "SUM")
      if isEmpty { node.addAttribute("base_values", floats: [1]) }
      node.addAttribute("nodes_treeids", ids.map(\.tree))
      node.addAttribute("nodes_nodeids", ids.map(\.node))
      node.addAttribute("nodes_featureids", nodes.map { max(0, Int($0.feature)) })
      node.addAttribute("nodes_modes", nodes.map { $0.isLeaf ? "LEAF" : "BRANCH_LEQ" })
      node.addAttribute("nodes_values", floats: nodes.map { $0.isLeaf ? 0 : $0.value })
      node.addAttribute("nodes_truenodeids", child(0))
      node.addAttribute("nodes_falsenodeids", child(1))
      node.addAttribute(
        "nodes_missing_value_tracks_true",
        nodes.indices.map { missing == .majority && shares[$0] >= 0.5 ? 1 : 0 })
      node.addAttribute("target_treeids", leaves.map { ids[$0].tree })
      node.addAttribute("target_nodeids", leaves.map { ids[$0].node })
      node.addAttribute("target_ids", leaves.map { _ in 0 })
      node.addAttribute("target_weights", floats: leaves.map { nodes[$0].value })
    }
  }
}

extension ProtobufWriter {
  /// Writes a NodeProto; one with attributes is of the domain `ai.onnx.ml`.
  fileprivate mutating func addNode(
    _ type: String, inputs: [String], output: String,
    attributes: ((inout ProtobufWriter) -> Void)? = nil
  ) {
    for input in inputs { add(input, field: 1) }
    add(output, field: 2)
    add(output, field: 3)
    add(type, field: 4)
    attributes?(&self)
    if attributes != nil { add("ai.onnx.ml", field: 7) }
  }

  private mutating func addAttribute(
    _ name: String, type: Int, _ value: (inout ProtobufWriter) -> Void
  ) {
    add(field: 5) { attribute in
      attribute.add(name, field: 1)
      value(&attribute)
      attribute.add(type, field: 20)
    }
  }

  fileprivate mutating func addAttribute(_ name: String, _ value: Int) {
    addAttribute(name, type: 2) { $0.add(value, field: 3) }
  }

  fileprivate mutating func addAttribute(_ name: String, _ value: String) {
    addAttribute(name, type: 3) { $0.add(value, field: 4) }
  }

  fileprivate mutating func addAttribute(_ name: String, floats: [Float]) {
    addAttribute(name, type: 6) { $0.add(packed: floats, field: 7) }
  }

  fileprivate mutating func addAttribute(_ name: String, _ values: [Int]) {
    addAttribute(name, type: 7) { $0.add(packed: values, field: 8) }
  }

  fileprivate mutating func addAttribute(_ name: String, _ values: [String]) {
    addAttribute(name, type: 8) { attribute in
      for value in values { attribute.add(value, field: 9) }
    }
  }

  /// Writes a ValueInfoProto of a float tensor [rows × columns].
  fileprivate mutating func addValue(_ name: String, columns: Int) {
    add(name, field: 1)
    add(field: 2) { type in
      type.add(field: 1) { tensor in
        tensor.add(1, field: 1)  // FLOAT
        tensor.add(field: 2) { shape in
          shape.add(field: 1) { $0.add("rows", field: 2) }
          shape.add(field: 1) { $0.add(columns, field: 1) }
        }
      }
    }
  }
}
