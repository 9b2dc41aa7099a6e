internal import Storage

/// An ONNX graph of 32-bit float tensors in the making: nodes, constants, inputs and outputs.
///
/// Field numbers are those of onnx.proto, IR version 8. Equal graphs give equal bytes.
struct ONNXGraph {
  /// A size of an input or output.
  enum Dimension {
    case fixed(Int)
    /// Any, the same wherever the name stands.
    case named(String)
  }

  /// An attribute of a node.
  enum Attribute {
    case integer(String, Int)
    case float(String, Float)
  }

  private let name: String
  private var nodes: [[UInt8]] = []
  private var constants: [[UInt8]] = []
  private var inputs: [[UInt8]] = []
  private var outputs: [[UInt8]] = []

  init(name: String) { self.name = name }

  /// Adds an operation; an input without a name is left out.
  mutating func add(
    _ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [Attribute] = []
  ) {
    var node = ProtobufWriter()
    for input in inputs { node.add(input, field: 1) }
    for output in outputs { node.add(output, field: 2) }
    node.add("\(type) \(outputs[0])", field: 3)
    node.add(type, field: 4)
    for attribute in attributes {
      node.add(field: 5) { message in
        switch attribute {
        case .integer(let name, let value):
          message.add(name, field: 1)
          message.add(value, field: 3)
          message.add(2, field: 20)
        case .float(let name, let value):
          message.add(name, field: 1)
          message.add(value, field: 2)
          message.add(1, field: 20)
        }
      }
    }
    nodes.append(node.bytes)
  }

  /// Adds a constant tensor, or the default of an input of the same name.
  mutating func add(constant name: String, _ shape: [Int], _ values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "\(values.count) values for \(shape)")
    var tensor = ProtobufWriter()
    for size in shape { tensor.add(size, field: 1) }
    tensor.add(1, field: 2)  // FLOAT
    tensor.add(packed: values, field: 4)
    tensor.add(name, field: 8)
    constants.append(tensor.bytes)
  }

  /// Adds a constant of 64-bit integers: a vector, or a single number without dimensions.
  mutating func add(indices name: String, _ values: [Int], isScalar: Bool = false) {
    var tensor = ProtobufWriter()
    if !isScalar { tensor.add(values.count, field: 1) }
    tensor.add(7, field: 2)  // INT64
    tensor.add(packed: values, field: 7)
    tensor.add(name, field: 8)
    constants.append(tensor.bytes)
  }

  /// Adds an input.
  mutating func add(input name: String, _ shape: [Dimension]) {
    inputs.append(Self.value(name, shape))
  }

  /// Adds an output.
  mutating func add(output name: String, _ shape: [Dimension]) {
    outputs.append(Self.value(name, shape))
  }

  /// The file: the graph as a model that needs the operators of one version.
  func model(
    operators: Int, producer: (name: String, version: String), metadata: [(String, String)]
  ) -> [UInt8] {
    var model = ProtobufWriter()
    model.add(8, field: 1)  // ir_version
    model.add(producer.name, field: 2)
    model.add(producer.version, field: 3)
    model.add(field: 7) { graph in
      for node in nodes { graph.add(node, field: 1) }
      graph.add(name, field: 2)
      for constant in constants { graph.add(constant, field: 5) }
      for input in inputs { graph.add(input, field: 11) }
      for output in outputs { graph.add(output, field: 12) }
    }
    model.add(field: 8) { opset in
      opset.add("", field: 1)
      opset.add(operators, field: 2)
    }
    for (key, value) in metadata {
      model.add(field: 14) { entry in
        entry.add(key, field: 1)
        entry.add(value, field: 2)
      }
    }
    return model.bytes
  }

  /// A ValueInfoProto.
  private static func value(_ name: String, _ shape: [Dimension]) -> [UInt8] {
    var value = ProtobufWriter()
    value.add(name, field: 1)
    value.add(field: 2) { type in
      type.add(field: 1) { tensor in
        tensor.add(1, field: 1)  // FLOAT
        tensor.add(field: 2) { sizes in
          for dimension in shape {
            sizes.add(field: 1) { size in
              switch dimension {
              case .fixed(let number): size.add(number, field: 1)
              case .named(let name): size.add(name, field: 2)
              }
            }
          }
        }
      }
    }
    return value.bytes
  }
}
