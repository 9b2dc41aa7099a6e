import DatasetStore
import Diagnostics
import Foundation
import Storage
import Telemetry
import Testing

/// Files that h5py wrote to the documented layout, and others that do not keep to it.
@Suite struct ForeignFileTests {
  @Test func `a file that another program wrote to the layout is read`() throws {
    try withForeignFile("small") { path in
      let read = try DatasetFile.read(path)
      #expect(read == Samples.small)
      #expect(read.services[1].logs?.transitions == nil)
    }
    try withForeignFile("with_order") { path in
      let read = try DatasetFile.read(path)
      #expect(read == Samples.ordered)
    }
  }

  @Test func `a changed value is told by the digest`() throws {
    try withForeignFile("changed_value") { path in
      var changed = Samples.small
      changed.services[1].values[0] = 2
      let error = #expect(
        throws: DatasetStoreError.digestMismatch(
          path: path, expected: Samples.small.contentDigest, found: changed.contentDigest)
      ) { try DatasetFile.read(path) }
      #expect(error?.kind == .integrity)
    }
  }

  @Test func `another digest than the expected one is refused`() throws {
    let expected = String(repeating: "0", count: 64)
    try withForeignFile("small") { path in
      #expect(
        throws: DatasetStoreError.digestMismatch(
          path: path, expected: expected, found: Samples.small.contentDigest)
      ) { try DatasetFile.read(path, expecting: expected) }
    }
  }

  @Test(arguments: [
    ("foreign", "/: attribute 'format' is missing"),
    ("other_format", "/: attribute 'format' is not 'autopilotops-dataset'"),
    ("format_is_number", "/: attribute 'format' is not a UTF-8 text of fixed width"),
    ("newer_version", "dataset schema version 3, this program reads version 1 to 2"),
    ("version_is_text", "/: attribute 'schema_version' is not a whole number"),
    ("version_is_array", "/: attribute 'schema_version' is not a single value"),
    ("no_digest", "/: attribute 'content_digest' is missing"),
    ("no_time", "/time: missing"),
    ("time_off_grid", "/time: cell 1 is off the grid of 30000 ms"),
    ("time_overflows", "/time: cell 1 is off the grid of 3 ms"),
    ("time_is_null", "/time: has 0 axes, expected 1"),
    ("time_claims_much", "/time: claims 2147483648 elements and has 0 bytes in the file"),
    ("time_claims_more", "/time: claims the shape [1099511627776], beyond any dataset"),
    ("no_interval", "/: interval of 0 ms"),
    ("no_services", "/services: missing"),
    ("gap_in_services", "/services/0000: missing"),
    ("no_metrics", "/services/0001/metrics: missing"),
    ("metrics_rank", "/services/0001/metrics: has 1 axes, expected 2"),
    ("metrics_shape", "/services/0001/metrics: has shape [2, 3], expected [3, 2]"),
    ("metrics_type", "/services/0001/metrics: does not hold doubles"),
    ("metrics_elsewhere", "/services/0001/metrics: keeps its data outside of the file"),
    ("metrics_virtual", "/services/0001/metrics: keeps its data outside of the file"),
    ("metrics_unallocated", "/services/0001/metrics: claims 6 elements and has 0 bytes"),
    ("metrics_external_link", "/services/0001/metrics: leads out of the file"),
    ("metrics_soft_link", "/services/0001/metrics: leads out of the file"),
    ("columns_variable", "/services/0001/columns: does not hold UTF-8 texts of fixed width"),
    ("columns_ascii", "/services/0001/columns: does not hold UTF-8 texts of fixed width"),
    ("columns_not_utf8", "/services/0001/columns: holds a text that is not UTF-8"),
    ("columns_fewer", "/services/0001/kinds: has 2 elements, expected 1"),
    ("kind_unknown", "/services/0001/kinds: unknown kind 'odd'"),
    ("labels_not_json", "/services/0001/labels: JSON: invalid JSON at byte 1: unexpected end"),
    ("labels_numbers", "/services/0001/labels: JSON: a: expected a string"),
    ("logs_elsewhere", "/services/0001/logs: leads out of the file"),
    ("level_unknown", "/services/0001/logs/levels: unknown level 9"),
    ("row_outside", "/services/0001/logs: count 1 lies outside of rows or patterns"),
    ("pattern_outside", "/services/0001/logs: count 0 lies outside of rows or patterns"),
    ("no_lines", "/services/0001/logs: count 1 lies outside of rows or patterns"),
    ("recorded_shorter", "/services/0001/logs/recorded: has 2 elements, expected 3"),
    ("transitions_elsewhere", "/services/0001/logs/transitions: leads out of the file"),
    (
      "transition_outside",
      "/services/0001/logs/transitions: transition 1 lies outside of rows or patterns"
    ),
    (
      "transition_backwards",
      "/services/0001/logs/transitions: transition 0 lies outside of rows or patterns"
    ),
    (
      "transition_empty",
      "/services/0001/logs/transitions: transition 1 lies outside of rows or patterns"
    ),
    (
      "transitions_fewer",
      "/services/0001/logs/transitions/from: has 1 elements, expected 2"
    ),
    ("role_unknown", "/incidents: 'i2' has a wrong role or ends before it starts"),
    ("incident_backwards", "/incidents: 'i2' has a wrong role or ends before it starts"),
    ("no_incidents", "/incidents: missing"),
    ("report_not_json", "/report: JSON: invalid JSON at byte 0: expected a value"),
    ("report_incomplete", "/report: JSON: document: expected a member 'defects'"),
    (
      "effect_unknown",
      "/report: JSON: defects[0].effect: expected skipped, changed, ignored or noted"
    ),
    ("sources_is_array", "/sources: has 1 axes, expected 0"),
  ])
  func `a file that breaks the layout is refused`(name: String, reason: String) throws {
    try withForeignFile(name) { path in
      let error = #expect(throws: DatasetStoreError.self) { try DatasetFile.read(path) }
      #expect(error?.kind == .invalidInput)
      #expect(
        error?.description.hasPrefix("\(path): \(reason)") == true, "\(String(describing: error))")
    }
  }

  @Test func `a group where an array should be is refused`() throws {
    try withForeignFile("metrics_is_group") { path in
      let error = #expect(throws: DatasetStoreError.self) { try DatasetFile.read(path) }
      #expect(
        error?.description.hasPrefix("\(path): /services/0001/metrics: damaged, HDF5 says: ")
          == true, "\(String(describing: error))")
    }
  }
}

/// Calls `body` with the path of a file from the fixture, in which files follow one another, each
/// after a line with its name and size.
private func withForeignFile(_ wanted: String, _ body: (String) throws -> Void) throws {
  let bundle = try FileSystem.readPossiblyCompressed(
    at: testFile("Fixtures/written_by_h5py.gz"), limit: 10_000_000
  ).bytes
  var rest = bundle[...]
  while let end = rest.firstIndex(of: 0x0A) {
    let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
    let size = try #require(Int(words[1]))
    let content = rest[(end + 1)..<(end + 1 + size)]
    if words[0] == wanted {
      return try withTemporaryFolder { folder in
        let path = "\(folder)/\(wanted).h5"
        try FileSystem.writeFileAtomically(Array(content), to: path)
        try body(path)
      }
    }
    rest = rest[(end + 1 + size)...]
  }
  Issue.record("no fixture '\(wanted)'")
}
