internal import Storage

extension IsolationForest {
  /// Adds what a forest has beyond splits on one column of rows without missing values.
  ///
  /// | tensor | type, shape | content |
  /// | --- | --- | --- |
  /// | `prefix.missing` | I32 [1] | 1: to the majority, 2: both ways; absent when rejected |
  /// | `prefix.share` | F32 [nodes] | share of a split's rows that went left, 0 in a leaf |
  /// | `prefix.plane.start` | I32 [planes + 1] | where each hyperplane's terms begin and end |
  /// | `prefix.plane.feature` | I32 [terms] | column of a term |
  /// | `prefix.plane.coefficient` | F32 [terms] | what its distance from the centre is multiplied by |
  /// | `prefix.plane.centre` | F32 [terms] | mean of the column among the node's rows |
  ///
  /// The hyperplane p is the split whose `prefix.feature` is `columns + p`.
  func encodeBranches(into bundle: inout TensorBundle, prefix: String) {
    func store(_ name: String, _ values: TensorBundle.Values) {
      bundle.tensors["\(prefix).\(name)"] = TensorBundle.Tensor(
        shape: [values.count], values: values)
    }
    if missing != .reject {
      store("missing", .int32([missing == .majority ? 1 : 2]))
      store("share", .float(shares))
    }
    if !planes.isEmpty {
      store("plane.start", .int32(planes.starts.map(Int32.init)))
      store("plane.feature", .int32(planes.features))
      store("plane.coefficient", .float(planes.coefficients))
      store("plane.centre", .float(planes.centres))
    }
  }

  /// Reads what `encodeBranches` stored.
  static func branches(
    _ bundle: TensorBundle, prefix: String, nodes: [IsolationNode], columns: Int
  ) throws(IsolationForestError) -> (missing: MissingValues, shares: [Float], planes: Hyperplanes) {
    func corrupted(_ reason: String) -> IsolationForestError {
      .corrupted(source: bundle.source, reason: reason)
    }
    var (missing, shares, planes) = (MissingValues.reject, [Float](), Hyperplanes())
    do {
      if bundle.tensors["\(prefix).missing"] != nil {
        switch try bundle.int32s("\(prefix).missing", shape: [1])[0] {
        case 1: missing = .majority
        case 2: missing = .both
        case let other: throw corrupted("\(prefix).missing is \(other)")
        }
        shares = try bundle.floats("\(prefix).share", shape: [nodes.count])
      }
      if bundle.tensors["\(prefix).plane.start"] != nil {
        let features = try bundle.int32s("\(prefix).plane.feature", shape: [nil])
        let stored = Hyperplanes(
          starts: try bundle.int32s("\(prefix).plane.start", shape: [nil]).map(Int.init),
          features: features,
          coefficients: try bundle.floats("\(prefix).plane.coefficient", shape: [features.count]),
          centres: try bundle.floats("\(prefix).plane.centre", shape: [features.count]),
          columns: columns)
        guard let stored else { throw corrupted("\(prefix).plane is not a list of hyperplanes") }
        planes = stored
      }
    } catch let error as StorageError {
      throw .unreadable(error)
    } catch let error as IsolationForestError {
      throw error
    } catch {
      preconditionFailure("unexpected error: \(error)")
    }
    guard shares.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw corrupted("\(prefix).share is no share")
    }
    // A row goes both ways at splits on one column only.
    guard missing != .both || planes.isEmpty else {
      throw corrupted("\(prefix).missing is 2 beside hyperplanes")
    }
    return (missing, shares, planes)
  }
}
