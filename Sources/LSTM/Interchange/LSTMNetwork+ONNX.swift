extension LSTMNetwork {
  /// The network as an ONNX model, for other runtimes.
  ///
  /// | | name | shape |
  /// | --- | --- | --- |
  /// | input | `rows` | float [steps × lanes × F], scaled rows |
  /// | input, optional | `h0`, `c0` | float [layers × lanes × H], or one lane for all; zeros |
  /// | output | `forecast` | float [lanes × headWidth], of what comes after the last step |
  /// | output | `forecasts` | float [steps × lanes × headWidth], of what comes after each step |
  /// | output | `hn`, `cn` | float [layers × lanes × H], to pass as `h0` and `c0` of the next call |
  ///
  /// States have PyTorch's layout. Each layer is one node of the operator LSTM, whose gates are in
  /// the order i, o, f, c. Operators of version 17. Forecasts agree with `LSTMStepper` to 1e-5. Equal
  /// networks give equal bytes.
  ///
  /// - Parameters:
  ///   - columns: Names of the inputs, recorded as the metadata `columns`, one a line.
  ///   - outputs: Names of the forecast values, recorded as the metadata `outputs`.
  public func onnx(
    columns: [String] = [], outputs: [String] = [], producer: (name: String, version: String)
  ) -> [UInt8] {
    var graph = ONNXGraph(name: "lstm")
    addStates(to: &graph)
    var below = "rows"
    for layer in 0..<shape.layers {
      below = addLayer(layer, rows: below, to: &graph)
    }
    addHead(outputsOfTopLayer: below, to: &graph)
    let metadata = [("columns", columns), ("outputs", outputs)].filter { !$0.1.isEmpty }
    return graph.model(
      operators: 17, producer: producer,
      metadata: metadata.map { ($0.0, $0.1.joined(separator: "\n")) })
  }

  /// Declares the rows and the states, and divides the latter by layer.
  private func addStates(to graph: inout ONNXGraph) {
    let layers = ONNXGraph.Dimension.fixed(shape.layers)
    let hidden = ONNXGraph.Dimension.fixed(shape.hidden)
    graph.add(input: "rows", [.named("steps"), .named("lanes"), .fixed(shape.inputs)])
    graph.add(indices: "one", [1])
    graph.add("Shape", ["rows"], ["lane_count"], [.integer("start", 1), .integer("end", 2)])
    graph.add("Concat", ["one", "lane_count", "one"], ["state_shape"], [.integer("axis", 0)])
    if shape.layers > 1 {
      graph.add(indices: "layer_sizes", Array(repeating: 1, count: shape.layers))
    }
    for state in ["h", "c"] {
      // The default is a single lane of zeros; as many as there are rows become of it.
      let zeros = [Float](repeating: 0, count: shape.layers * shape.hidden)
      graph.add(input: "\(state)0", [layers, .named("state_lanes"), hidden])
      graph.add(constant: "\(state)0", [shape.layers, 1, shape.hidden], zeros)
      graph.add(output: "\(state)n", [layers, .named("lanes"), hidden])
      let parts = (0..<shape.layers).map { "\(state)0_l\($0)" }
      if shape.layers == 1 {
        graph.add("Expand", ["\(state)0", "state_shape"], parts)
      } else {
        graph.add("Expand", ["\(state)0", "state_shape"], ["\(state)0_all"])
        graph.add("Split", ["\(state)0_all", "layer_sizes"], parts, [.integer("axis", 0)])
      }
    }
  }

  /// Adds a layer and whatever is applied to its outputs.
  ///
  /// - Returns: The name of what goes into the next layer, [steps × lanes × H].
  private func addLayer(_ layer: Int, rows: String, to graph: inout ONNXGraph) -> String {
    let (ranges, gates) = (shape.layerRanges(layer), 4 * shape.hidden)
    let constants: [(name: String, shape: [Int], values: [Float])] = [
      (
        "weight_ih_l\(layer)", [1, gates, shape.inputs(ofLayer: layer)],
        reordered(ranges.inputWeights)
      ),
      ("weight_hh_l\(layer)", [1, gates, shape.hidden], reordered(ranges.recurrentWeights)),
      (
        "bias_l\(layer)", [1, 2 * gates],
        reordered(ranges.inputBias) + reordered(ranges.recurrentBias)
      ),
    ]
    for constant in constants {
      graph.add(constant: constant.name, constant.shape, constant.values)
    }
    graph.add(
      "LSTM", [rows] + constants.map(\.name) + ["", "h0_l\(layer)", "c0_l\(layer)"],
      ["directions_l\(layer)", "hn_l\(layer)", "cn_l\(layer)"],
      [.integer("hidden_size", shape.hidden)])
    // [steps × directions × lanes × H] without the directions.
    graph.add("Squeeze", ["directions_l\(layer)", "one"], ["outputs_l\(layer)"])
    guard shape.layerNorm else { return "outputs_l\(layer)" }
    let norm = shape.normRanges(layer)
    graph.add(
      constant: "norm_weight_l\(layer)", [shape.hidden], Array(parameters[norm.gain]))
    graph.add(constant: "norm_bias_l\(layer)", [shape.hidden], Array(parameters[norm.bias]))
    graph.add(
      "LayerNormalization",
      ["outputs_l\(layer)", "norm_weight_l\(layer)", "norm_bias_l\(layer)"],
      ["normalised_l\(layer)"],
      [.integer("axis", -1), .float("epsilon", LayerNorm.epsilon)])
    return "normalised_l\(layer)"
  }

  private func addHead(outputsOfTopLayer top: String, to graph: inout ONNXGraph) {
    for state in ["h", "c"] {
      graph.add(
        "Concat", (0..<shape.layers).map { "\(state)n_l\($0)" }, ["\(state)n"],
        [.integer("axis", 0)])
    }
    let (rows, columns) = (shape.headWidth, shape.hidden)
    let weights = parameters[shape.headWeights]
    graph.add(
      constant: "head_weight", [columns, rows],
      (0..<columns).flatMap { column in
        (0..<rows).map { weights[weights.startIndex + $0 * columns + column] }
      })
    graph.add(constant: "head_bias", [rows], Array(parameters[shape.headBias]))
    graph.add(indices: "last", [-1], isScalar: true)
    graph.add("Gather", [top, "last"], ["last_outputs"], [.integer("axis", 0)])
    for (outputs, products, forecasts) in [
      ("last_outputs", "last_products", "forecast"), (top, "products", "forecasts"),
    ] {
      graph.add("MatMul", [outputs, "head_weight"], [products])
      graph.add("Add", [products, "head_bias"], [forecasts])
    }
    graph.add(output: "forecast", [.named("lanes"), .fixed(rows)])
    graph.add(output: "forecasts", [.named("steps"), .named("lanes"), .fixed(rows)])
  }

  /// Rows of gates i, f, g, o in ONNX's order i, o, f, c.
  private func reordered(_ range: Range<Int>) -> [Float] {
    let size = range.count / 4
    return [0, 3, 1, 2].flatMap { gate in
      let begin = range.lowerBound + gate * size
      return parameters[begin..<begin + size]
    }
  }
}
