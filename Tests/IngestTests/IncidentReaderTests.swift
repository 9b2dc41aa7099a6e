import Diagnostics
import Ingest
import Telemetry
import Testing

private let series = matrix([
  (#"{"__name__":"up","service":"shop"}"#, [(60, "1"), (120, "1"), (3600, "1")])
])

@Suite struct IncidentReaderTests {
  private func load(
    _ table: String, role: Incident.Role = .incident, records: [IncidentRecord]? = nil
  ) throws -> Dataset {
    let folder = try TestFolder(["a.json": series, "incidents.csv": table])
    return try ingest(.prometheus(path: folder.path + "/a.json")) {
      $0.incidents = [
        IncidentsSource(path: folder.path + "/incidents.csv", role: role, records: records)
      ]
    }
  }

  @Test func `a table of incidents is read, further columns ignored`() throws {
    let data = try load(
      """
      id,service,kind,start,detected,resolved,note
      b,shop,leak,1970-01-01T00:10:00Z,1970-01-01T00:12:00Z,1970-01-01T00:20:00Z,"x, y"
      a,,outage,1970-01-01T00:05:00Z,,1970-01-01T00:06:00+00:00,
      """)
    #expect(
      data.incidents == [
        Incident(
          id: "a", service: nil, kind: "outage", start: Timestamp(seconds: 300),
          resolved: Timestamp(seconds: 360)),
        Incident(
          id: "b", service: "shop", kind: "leak", start: Timestamp(seconds: 600),
          detected: Timestamp(seconds: 720), resolved: Timestamp(seconds: 1200)),
      ])
    #expect(data.sources.map(\.type) == ["prometheus", "incidents"])
  }

  @Test func `end and type are other names of resolved and kind`() throws {
    let data = try load(
      "id,start,end,service,pod,type\r\na,1970-01-01T00:05:00Z,1970-01-01T00:06:00Z,shop,p,cpu\r\n",
      role: .excluded)
    #expect(data.incidents.map(\.kind) == ["cpu"])
    #expect(data.incidents.map(\.role) == [.excluded])
    #expect(data.incidents[0].resolved == Timestamp(seconds: 360))
  }

  @Test func `records that the caller has parsed take the table's place`() throws {
    let fields = [
      "id": "y", "start": "1970-01-01T00:05:00Z", "resolved": "1970-01-01T00:06:00Z",
    ]
    let data = try load("- id: y", records: [IncidentRecord(fields: fields, place: "i.yaml:1")])
    #expect(data.incidents.map(\.id) == ["y"])
    let error = #expect(throws: IngestError.self) {
      try load("", records: [IncidentRecord(fields: ["id": "z"], place: "i.yaml:7")])
    }
    #expect(error?.description == "i.yaml:7: incident 'z' has no start")
  }

  @Test func `incidents outside of the data's time are left out, those of unknown services stay`()
    throws
  {
    let data = try load(
      """
      id,service,start,resolved
      a,shop,1970-01-01T00:05:00Z,1970-01-01T00:06:00Z
      b,shop,1971-01-01T00:05:00Z,1971-01-01T00:06:00Z
      c,shpo,1970-01-01T00:05:00Z,1970-01-01T00:06:00Z
      """)
    #expect(data.incidents.map(\.id) == ["a", "c"])
    #expect(data.defect("incident_outside_range")?.example == "b")
    #expect(data.defect("incident_outside_range")?.effect == .skipped)
    let unknown = try #require(data.defect("incident_of_unknown_service"))
    #expect(unknown.example == "c: shpo" && unknown.effect == .changed && unknown.count == 1)
  }

  @Test func `incidents that all lie outside of the data are an error`() throws {
    let error = #expect(throws: IngestError.self) {
      try load(
        """
        id,service,start,resolved
        a,shop,1971-01-01T00:05:00Z,1971-01-01T00:06:00Z
        b,shop,1971-01-02T00:05:00Z,1971-01-02T00:06:00Z
        """)
    }
    #expect(
      error
        == .incidentsOutsideData(
          count: 2, incidents: "1971-01-01T00:05:00Z to 1971-01-02T00:06:00Z",
          data: "1970-01-01T00:00:00Z to 1970-01-01T01:00:00Z"))
    #expect(error?.kind == .invalidInput)
  }

  @Test(arguments: [
    ("id,begin\na,b\n", "incidents.csv:1: wrong header: found 'id,begin'"),
    ("id,start\na,1970-01-01T00:05:00Z\n", "wrong header"),
    ("", "wrong header"),
    ("id,start,end\na,today,1970-01-01T00:05:00Z\n", "incidents.csv:2: start 'today'"),
    ("id,start,end\na,1970-01-01T00:05:00Z,\n", "incidents.csv:2: incident 'a' has neither"),
    ("id,start,end\n,1970-01-01T00:05:00Z,1970-01-01T00:06:00Z\n", "without an id"),
    (
      "id,start,end\na,1970-01-01T00:05:00Z,1970-01-01T00:05:00Z\n",
      "incident 'a' ends at 1970-01-01T00:05:00Z, not after its start"
    ),
    ("id,start,end\n\na,1970-01-01T00:05:00Z,1970-01-01T00:04:00Z\n", "incidents.csv:3:"),
    (
      "id,start,detected,end\na,1970-01-01T00:05:00Z,1970-01-01T00:04:00Z,1970-01-01T00:06:00Z\n",
      "detected at 1970-01-01T00:04:00Z, before its start"
    ),
    ("id,start,end\na,1970-01-01T00:05:00Z\n", "2 fields where the header has 3"),
    ("id,start,end\n\"a\"b,1970-01-01T00:05:00Z,x\n", "quote"),
    (
      "id,start,end\na,1970-01-01T00:05:00Z,1970-01-01T00:06:00Z\n"
        + "a,1970-01-01T00:07:00Z,1970-01-01T00:08:00Z\n",
      "incidents.csv:3: incident id 'a' was already used at "
    ),
  ])
  func `wrong incidents are refused with file and line`(_ table: String, _ part: String) throws {
    let error = #expect(throws: IngestError.self) { try load(table) }
    #expect(error?.description.contains(part) == true, "\(String(describing: error))")
  }
}
