import Foundation
import Testing

import Verdicts

@Suite struct ReviewLockTests {
  @Test func `a file is locked once by whatever path it is named`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path()
    try Data("id\n".utf8).write(to: folder.appending(path: "labels.csv"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/link.csv", withDestinationPath: "labels.csv")
    // One that waited for itself would wait for ever.
    let paths = ["\(path)/labels.csv", "\(path)/./labels.csv", "\(path)/link.csv"]
    #expect(Set(paths.map(ReviewLock.resolved)).count == 1)
    #expect(try ReviewLock.holding(paths) { 1 } == 1)
    #expect(
      ReviewLock.resolved("\(path)/./absent.csv") == ReviewLock.resolved("\(path)/absent.csv"))
  }
}
