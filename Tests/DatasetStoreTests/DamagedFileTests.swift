import CHDF5
import DatasetStore
import Diagnostics
import Foundation
import Storage
import Synchronization
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

  @Test func `a named pipe and an empty path are refused without waiting`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/pipe"
      try #require(unsafe mkfifo(path, 0o600) == 0)
      #expect(throws: DatasetStoreError.storage(.notARegularFile(path: path))) {
        try DatasetFile.read(path)
      }
      #expect(throws: DatasetStoreError.storage(.emptyPath(operation: "read"))) {
        try DatasetFile.read("")
      }
    }
  }

  @Test func `reading damaged files leaves nothing open and says nothing at the end`() async {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      // HDF5 is silent on threads that have used it; stages read on others than the one that ends
      // the process.
      let outcome = try onAnotherThread { try readDamagedFiles() }
      #expect(outcome.accepted == [])
      #expect(outcome.leaking == [])
      #expect(outcome.refused > 500)
      // Not the way that the test itself would end the process, which skips HDF5's handler.
      exit(EXIT_SUCCESS)
    }
    let errors = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) }
    #expect(errors?.contains("HDF5") == false)
  }

  private func sample(in folder: String) throws -> (path: String, bytes: [UInt8]) {
    let path = "\(folder)/x.h5"
    try DatasetFile.write(Samples.small, to: path)
    return (path, try FileSystem.readFile(at: path, limit: 1 << 20))
  }
}

/// What reading many damaged files came to.
private struct Outcome: Sendable {
  var refused = 0
  /// Bytes whose change went unnoticed although it changed the dataset.
  var accepted: [Int] = []
  /// Bytes after whose change something stayed open.
  var leaking: [Int] = []
}

/// Reads a snapshot with one byte changed, and cut off at the byte, for bytes all over it.
private func readDamagedFiles() throws -> Outcome {
  try withTemporaryFolder { folder in
    let path = "\(folder)/x.h5"
    try DatasetFile.write(Samples.small, to: path)
    let whole = try FileSystem.readFile(at: path, limit: 1 << 20)
    var outcome = Outcome()
    for index in stride(from: 0, to: whole.count, by: 23) {
      var changed = whole
      changed[index] ^= 0x10
      for content in [changed, Array(whole[..<index])] {
        try Data(content).write(to: URL(filePath: path))
        do throws(DatasetStoreError) {
          if try DatasetFile.read(path) != Samples.small { outcome.accepted.append(index) }
        } catch {
          outcome.refused += 1
        }
        if openObjects() != 0 { outcome.leaking.append(index) }
      }
    }
    return outcome
  }
}

/// How many files, groups, datasets, types and attributes HDF5 has open.
private func openObjects() -> Int {
  let all = H5F_OBJ_FILE | H5F_OBJ_DATASET | H5F_OBJ_GROUP | H5F_OBJ_DATATYPE | H5F_OBJ_ATTR
  return H5Fget_obj_count(hid_t(all), UInt32(all))
}

/// Calls `body` on a thread of its own and waits for it.
private func onAnotherThread(
  _ body: @escaping @Sendable () throws -> Outcome
) throws -> Outcome {
  let result = Mutex<Result<Outcome, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    let outcome = Result { try body() }
    result.withLock { $0 = outcome }
    done.signal()
  }
  done.wait()
  return try #require(try result.withLock { try $0?.get() })
}
