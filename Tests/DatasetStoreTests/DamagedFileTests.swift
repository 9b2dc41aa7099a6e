import DatasetStore
import Diagnostics
import Foundation
import Storage
import Telemetry
import Testing

/// What a disk or a network may make of a file, and files that others made.
@Suite struct DamagedFileTests {
  @Test func `a file that is missing, a folder or something else is refused by name`() throws {
    try withTemporaryFolder { folder in
      #expect(throws: DatasetStoreError.storage(.notFound(path: "\(folder)/none.h5"))) {
        try DatasetFile.read("\(folder)/none.h5")
      }
      #expect(throws: DatasetStoreError.storage(.notAFile(path: folder))) {
        try DatasetFile.read(folder)
      }
      for content in ["", "x", "{\"a\": 1}", "\u{89}HDF"] {
        let path = "\(folder)/x.h5"
        try FileSystem.writeFileAtomically(Array(content.utf8), to: path)
        let error = #expect(throws: DatasetStoreError.notHDF5(path: path)) {
          try DatasetFile.read(path)
        }
        #expect(error?.kind == .invalidInput)
      }
    }
  }

  @Test func `a file that ends early is refused at every length`() throws {
    try withTemporaryFolder { folder in
      let (path, whole) = try sample(in: folder)
      for length in stride(from: 0, to: whole.count, by: 61) {
        try FileSystem.writeFileAtomically(Array(whole[..<length]), to: path)
        let error = #expect(throws: DatasetStoreError.self) { try DatasetFile.read(path) }
        #expect(error?.description.hasPrefix("\(path): ") == true)
      }
    }
  }

  @Test func `a changed byte is refused or means nothing`() throws {
    try withTemporaryFolder { folder in
      let (path, whole) = try sample(in: folder)
      let dataset = try DatasetFile.read(path)
      var refused = 0
      for index in stride(from: 0, to: whole.count, by: 5) {
        var changed = whole
        changed[index] ^= [0x01, 0x80, 0xFF][index % 3]
        try Data(changed).write(to: URL(filePath: path))
        do throws(DatasetStoreError) {
          #expect(try DatasetFile.read(path) == dataset, "byte \(index)")
        } catch {
          #expect(error.description.hasPrefix("\(path): "))
          refused += 1
        }
      }
      #expect(refused > whole.count / 20)
    }
  }

  private func sample(in folder: String) throws -> (path: String, bytes: [UInt8]) {
    let path = "\(folder)/x.h5"
    try DatasetFile.write(Samples.small, to: path)
    return (path, try FileSystem.readFile(at: path, limit: 1 << 20))
  }
}
