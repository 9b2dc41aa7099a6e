import Diagnostics
import Storage
import Testing

@Suite struct SafetensorsTests {
  private static var bundle: TensorBundle {
    var bundle = TensorBundle(source: "w")
    bundle.tensors["b.weight"] = .init(
      shape: [2, 3], values: .float([1, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, 3.5]))
    bundle.tensors["a"] = .init(shape: [], values: .double([.pi]))
    bundle.tensors["c"] = .init(shape: [3], values: .int32([.min, 0, .max]))
    bundle.tensors["d"] = .init(shape: [3], values: .uint8([0, 7, .max]))
    bundle.tensors["e"] = .init(shape: [2], values: .uint16([0x0102, .max]))
    bundle.tensors["empty"] = .init(shape: [0, 4], values: .float([]))
    bundle.tensors["größe \"q\""] = .init(shape: [1], values: .float([.nan]))
    return bundle
  }

  @Test func `a bundle survives a round trip, bit by bit`() throws {
    let file = Self.bundle.safetensors()
    let read = try TensorBundle(safetensors: file, source: "w")
    #expect(read.safetensors() == file)
    #expect(read.tensors.keys.sorted() == Self.bundle.tensors.keys.sorted())
    #expect(try read.doubles("a", shape: []) == [.pi])
    #expect(try read.int32s("c", shape: [3]) == [.min, 0, .max])
    #expect(try read.bytes("d", shape: [3]) == [0, 7, .max])
    #expect(try read.integers("e", shape: [2]) == [0x0102, 0xFFFF])
    #expect(try read.floats("empty", shape: [0, 4]) == [])
    let expected: [Float] = [1, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, 3.5]
    #expect(
      try read.floats("b.weight", shape: [2, nil]).map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(try read.floats("größe \"q\"", shape: [1])[0].isNaN)
  }

  @Test func `whole numbers take the smallest type that holds them`() {
    #expect(TensorBundle.Values(smallest: []) == .uint8([]))
    #expect(TensorBundle.Values(smallest: [0, 255]) == .uint8([0, 255]))
    #expect(TensorBundle.Values(smallest: [0, 256, 65_535]) == .uint16([0, 256, 65_535]))
    #expect(TensorBundle.Values(smallest: [65_536]) == .int32([65_536]))
    #expect(TensorBundle.Values(smallest: [-1, 2]) == .int32([-1, 2]))
  }

  @Test func `no tensors at all make a file too`() throws {
    let file = TensorBundle(source: "w").safetensors()
    #expect(file == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    #expect(try TensorBundle(safetensors: file, source: "w").tensors.isEmpty)
  }

  @Test func `the file is canonical`() {
    var bundle = TensorBundle()
    bundle.tensors["y"] = .init(shape: [1], values: .int32([-2]))
    bundle.tensors["x"] = .init(shape: [2], values: .float([1, 2]))
    let header =
      #"{"x":{"data_offsets":[0,8],"dtype":"F32","shape":[2]},"#
      + #""y":{"data_offsets":[8,12],"dtype":"I32","shape":[1]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(
      bundle.safetensors()
        == [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(padded.utf8)
        + [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0xFE, 0xFF, 0xFF, 0xFF])
  }

  @Test func `a header in any order, with metadata and padding, is read`() throws {
    let read = try TensorBundle(
      safetensors: file(
        #"{"__metadata__":{"format":"pt"},"# + #""y":{"dtype":"I32","shape":[1],"#
          + #""data_offsets":[4,8]},"x":{"shape":[],"dtype":"F32","data_offsets":[0,4]}}   "#,
        data: 8), source: "w")
    #expect(read.tensors.keys.sorted() == ["x", "y"])
  }

  @Test(arguments: [
    ("a hole", #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "a hole or overlap"),
    (
      "an overlap",
      #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "a hole or overlap"
    ),
    (
      "bytes after the last tensor", #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5,
      "bytes after the last tensor"
    ),
    ("data without a tensor", "{}", 1, "bytes after the last tensor"),
    (
      "missing data", #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3,
      "tensor 'x' at bytes 0..<4 of 3"
    ),
    (
      "offsets backwards", #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4,
      "tensor 'x' at bytes 4..<0 of 4"
    ),
    (
      "negative offsets", #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4,
      "tensor 'x' at bytes -4..<0 of 4"
    ),
    (
      "an unknown type", #"{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8,
      "header: x.dtype: expected F32, F64, I32, U8 or U16, found I64"
    ),
    (
      "a shape that is not the data's", #"{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}}"#,
      4, "tensor 'x' has 4 bytes for shape [1] of F64"
    ),
    (
      "a shape that overflows",
      #"{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#, 0,
      "tensor 'x' is too large or negative"
    ),
    (
      "a negative size", #"{"x":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}"#, 4,
      "tensor 'x' is too large or negative"
    ),
    (
      "three offsets", #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#, 4,
      "header: x.data_offsets: expected two offsets"
    ),
    (
      "a fraction in the shape", #"{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4,
      "header: x.shape[0]: expected a whole number"
    ),
    ("no shape", #"{"x":{"dtype":"F32"}}"#, 0, "header: x: expected a member 'shape'"),
    ("a tensor that is no object", #"{"x":1}"#, 0, "header: x: expected an object"),
    (
      "a tensor described twice",
      #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4,
      "header is not JSON at byte 66: second member 'x'"
    ),
    ("an array for a header", "[]", 0, "header is not JSON at byte 8"),
    ("blanks before the header", " {}", 0, "header is not JSON at byte 8"),
    ("an unfinished header", #"{"x":"#, 0, "header is not JSON at byte 13: unexpected end"),
  ])
  func `a file is refused for`(what: String, header: String, data: Int, reason: String) {
    let error = #expect(throws: StorageError.self) {
      try TensorBundle(safetensors: file(header, data: data), source: "w.safetensors")
    }
    #expect(error?.kind == .integrity)
    #expect(
      error?.description.hasPrefix("w.safetensors: not a valid safetensors file: \(reason)")
        == true, "\(String(describing: error))")
  }

  @Test(arguments: [9, 100_000_001, UInt64(Int64.max), .max] as [UInt64])
  func `a header longer than the file or the limit is refused`(length: UInt64) {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
    #expect(
      throws: StorageError.invalidTensors(
        path: "w", reason: "header of \(length) bytes in a file of 16")
    ) { try TensorBundle(safetensors: bytes + Array("{}      ".utf8), source: "w") }
  }

  @Test func `a file that ends early is refused at every length`() {
    let file = Self.bundle.safetensors()
    for length in 0..<file.count {
      #expect(throws: StorageError.self) {
        try TensorBundle(safetensors: Array(file[..<length]), source: "w")
      }
    }
  }

  @Test func `every single changed byte is read or refused`() {
    let file = Self.bundle.safetensors()
    var refused = 0
    for index in file.indices {
      for flip in [0x01, 0x10, 0x80] as [UInt8] {
        var changed = file
        changed[index] ^= flip
        do { _ = try TensorBundle(safetensors: changed, source: "w") } catch { refused += 1 }
      }
    }
    #expect(refused > 100)
  }

  @Test func `a tensor is handed out only under its type and shape`() throws {
    let bundle = Self.bundle
    func reason(_ body: () throws -> Void) -> String? {
      guard
        case .invalidTensors(path: "w", let reason) = #expect(
          throws: StorageError.self, performing: body)
      else { return nil }
      return reason
    }
    #expect(reason { _ = try bundle.floats("z", shape: []) } == "tensor 'z' is missing")
    #expect(reason { _ = try bundle.floats("a", shape: []) } == "tensor 'a' is not F32")
    #expect(reason { _ = try bundle.doubles("c", shape: [3]) } == "tensor 'c' is not F64")
    #expect(reason { _ = try bundle.int32s("a", shape: []) } == "tensor 'a' is not I32")
    #expect(reason { _ = try bundle.bytes("c", shape: [3]) } == "tensor 'c' is not U8")
    let integers = reason { _ = try bundle.integers("a", shape: []) }
    #expect(integers == "tensor 'a' is not U8, U16 or I32")
    #expect(
      reason { _ = try bundle.floats("b.weight", shape: [nil, 2]) }
        == "tensor 'b.weight' has shape [2, 3], expected any×2")
    #expect(
      reason { _ = try bundle.floats("b.weight", shape: [6]) }
        == "tensor 'b.weight' has shape [2, 3], expected 6")
  }

  @Test func `a shape that does not fit its values traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = TensorBundle.Tensor(shape: [2, 2], values: .float([1, 2, 3]))
    }
  }
}

private func file(_ header: String, data: Int) -> [UInt8] {
  let length = header.utf8.count
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + Array(header.utf8)
    + [UInt8](repeating: 0, count: data)
}
